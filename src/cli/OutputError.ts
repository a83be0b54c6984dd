/**
 * Results that could not be written.
 */
import * as Schema from "effect/Schema"

/**
 * Standard output cannot be written to, or a `file` of results; `closed` tells that the reader of standard output has gone, as in
 * `effect-lm run ... | head -1`.
 */
export class OutputError extends Schema.TaggedError<OutputError>("effect-lm/cli/OutputError")("OutputError", {
  closed: Schema.Boolean,
  file: Schema.optionalKey(Schema.String),
  cause: Schema.Defect()
}) {
  override get message(): string {
    const why = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return `cannot write to ${this.file ?? "standard output"}: ${why}`
  }
}
