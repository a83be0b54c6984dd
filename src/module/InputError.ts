/**
 * Inputs that a program does not take.
 */
import * as Schema from "effect/Schema"
import * as Issues from "../text/issues.ts"

/**
 * Missing, extra or mistyped inputs, found before anything is sent. `issues` names each by path, the input's name first.
 */
export class InputError extends Schema.TaggedError<InputError>("effect-lm/module/InputError")("InputError", {
  module: Schema.String,
  signature: Schema.String,
  issues: Issues.Issues
}) {
  override get message(): string {
    return `${this.module} (${this.signature}) was called with inputs it does not take\n${
      Issues.inLines(this.issues, "  ")
    }`
  }
}
