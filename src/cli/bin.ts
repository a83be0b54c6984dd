#!/usr/bin/env node
/**
 * The process that `effect-lm` is. Compiled code is kept between runs (by Node, in the temporary folder), which makes the
 * command start in two thirds of the time.
 *
 * Code of the user's has to meet the library and the Effect that it imports itself. A command line without any runs the
 * command that brings both in its own few files, and starts in a third of the time.
 */
import { enableCompileCache } from "node:module"
import * as Code from "./internal/code.ts"

enableCompileCache()
void (Code.isNamed(process.argv.slice(2)) ? import("./internal/process.ts") : import("#command"))
