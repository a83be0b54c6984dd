/**
 * Results that could not be written.
 */
import * as Schema from "effect/Schema"

/** Standard output cannot be written to; `closed` tells that its reader has gone, as in `effect-lm run ... | head -1`. */
export class OutputError extends Schema.TaggedError<OutputError>("effect-lm/cli/OutputError")("OutputError", {
  closed: Schema.Boolean,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `cannot write to standard output: ${this.cause instanceof Error ? this.cause.message : String(this.cause)}`
  }
}
