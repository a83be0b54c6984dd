/**
 * What is in the place of `file.ts` where there is no Node.
 */
import * as Effect from "effect/Effect"
import type * as OnNode from "./file.ts"

const fail = () => Effect.fail("cassettes are files, which need Node")

export const read: typeof OnNode.read = fail
export const begin: typeof OnNode.begin = fail
export const append: typeof OnNode.append = fail
