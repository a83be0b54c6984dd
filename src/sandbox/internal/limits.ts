/**
 * The options that are limits, of a sandbox and of what hands them on.
 */
import * as Kinds from "../../text/kinds.ts"
import type { Names } from "../../text/options.ts"
import type { Limits } from "../Sandbox.ts"

export const limitNames: Names<Limits> = {
  memory: Kinds.countFrom(1024 * 1024),
  time: Kinds.time,
  output: Kinds.countFrom(1)
}
