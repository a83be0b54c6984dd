/**
 * Inputs that a program does not take.
 */
import * as Schema from "effect/Schema"
import * as Issues from "../text/issues.ts"

/**
 * Missing, extra or mistyped inputs, found before anything is sent. `issues` names each by path, the input's name first. Where the
 * fields of an example are wrong, `demo` is its place among the examples, from 0.
 */
export class InputError extends Schema.TaggedError<InputError>("effect-lm/module/InputError")("InputError", {
  module: Schema.String,
  signature: Schema.String,
  issues: Issues.Issues,
  demo: Schema.optionalKey(Schema.Int)
}) {
  override get message(): string {
    const what = this.demo === undefined
      ? " was called with inputs it does not take"
      : `: demo ${this.demo + 1} does not fit the fields`
    return `${this.module} (${this.signature})${what}\n${Issues.inLines(this.issues, "  ")}`
  }
}
