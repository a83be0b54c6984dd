#!/usr/bin/env node
/**
 * The process that `effect-lm` is. Compiled code is kept between runs (by Node, in the temporary folder), which makes the
 * command start in two thirds of the time.
 */
import { enableCompileCache } from "node:module"

enableCompileCache()
void import("./internal/process.ts")
