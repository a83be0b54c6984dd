/**
 * Inputs that a program does not take.
 */
import * as Schema from "effect/Schema"

/**
 * Missing, extra or mistyped inputs, found before anything is sent. `issues` names each by path, the input's name first.
 */
export class InputError extends Schema.TaggedError<InputError>("effect-lm/module/InputError")("InputError", {
  module: Schema.String,
  signature: Schema.String,
  issues: Schema.Array(Schema.Struct({
    path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])),
    message: Schema.String
  }))
}) {
  override get message(): string {
    const issues = this.issues.map(({ message, path }) =>
      `  ${path.length === 0 ? "" : `${path.join(".")}: `}${message}`
    ).join("\n")
    return `${this.module} (${this.signature}) was called with inputs it does not take\n${issues}`
  }
}
