/**
 * A batch of which rows have failed.
 */
import * as Schema from "effect/Schema"

/** All rows have a line in the output, and these many lines are errors. */
export class RowsFailed extends Schema.TaggedError<RowsFailed>("effect-lm/cli/RowsFailed")("RowsFailed", {
  failed: Schema.Finite,
  rows: Schema.Finite,
  output: Schema.String,
  /** The flag that asks them again. */
  retry: Schema.String
}) {
  override get message(): string {
    const are = this.failed === 1 ? "row has" : "rows have"
    return `${this.failed} of ${this.rows} ${are} failed, see ${this.output}; with ${this.retry} they are asked again`
  }
}
