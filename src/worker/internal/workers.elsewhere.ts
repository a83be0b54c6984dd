/**
 * What is in the place of `workers.ts` where there is no Node.
 */
import * as Effect from "effect/Effect"
import * as BlockingError from "../BlockingError.ts"
import { onlyNode } from "./elsewhere.ts"
import type * as OnNode from "./workers.ts"

export const make: typeof OnNode.make = () => ({
  run: () => Effect.fail(new BlockingError.Died({ description: `${onlyNode}: call the function itself` })),
  close: Effect.void
})
