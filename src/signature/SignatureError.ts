/**
 * What is wrong with a signature: its text, its fields, or a change to them.
 */
import * as Schema from "effect/Schema"

/**
 * A signature that cannot be made. `reason` says why; `text` is the signature's text, in full for a string, in short form for
 * a change to a signature. `line` and `column` point into the text, from 1, where it was read from a string.
 */
export class SignatureError
  extends Schema.TaggedError<SignatureError>("effect-lm/signature/SignatureError")("SignatureError", {
    reason: Schema.String,
    text: Schema.String,
    line: Schema.optionalKey(Schema.Int),
    column: Schema.optionalKey(Schema.Int)
  })
{
  /** The reason, and under it the line with a caret at the column. */
  override get message(): string {
    if (this.line === undefined || this.column === undefined) return `${this.reason} (${this.text})`
    const line = this.text.split(/\r\n|\r|\n/)[this.line - 1] ?? ""
    // The text before the caret keeps its tabs, so that the caret stands under its character.
    const indent = line.slice(0, this.column - 1).replace(/[^\t]/g, " ")
    const where = this.line === 1 ? `column ${this.column}` : `line ${this.line}, column ${this.column}`
    return `${this.reason} (${where})\n  ${line}\n  ${indent}^`
  }
}
