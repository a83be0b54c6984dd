/**
 * What is in the place of `threads.ts` where there is no Node.
 */
import * as Effect from "effect/Effect"
import { onlyNode } from "../../worker/internal/elsewhere.ts"
import type * as OnNode from "./threads.ts"

export const make: typeof OnNode.make = () => ({ place: () => Effect.fail(onlyNode), close: Effect.void })
