/**
 * What is in the place of `file.ts` where there is no Node.
 */
import * as Effect from "effect/Effect"
import type * as OnNode from "./file.ts"

export const read: typeof OnNode.read = () =>
  Effect.fail("files are read by their path on Node only: give the bytes (fromBytes), or an address (fromUrl)")
