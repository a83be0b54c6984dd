/**
 * Why a function in a worker thread gave no result.
 */
import * as Schema from "effect/Schema"
import { Reason } from "./BlockingReason.ts"

export * from "./BlockingReason.ts"

/** A call of `function` in a worker thread gave no result. */
export class BlockingError
  extends Schema.TaggedError<BlockingError>("effect-lm/worker/BlockingError")("BlockingError", {
    function: Schema.String,
    reason: Reason
  })
{
  override get message(): string {
    return `${this.function}: ${this.reason.description}`
  }
}
