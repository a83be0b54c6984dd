/**
 * A command that did not do what it was asked to.
 */
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

/** A command that failed and has said why on standard error. `code` is its exit code: 1 where the run failed, 2 for bad usage. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>("effect-lm/cli/CommandFailed")("CommandFailed", {
  code: Schema.Literals([1, 2]),
  cause: Schema.Defect()
}) {
  override readonly [Runtime.errorExitCode] = this.code
  override readonly [Runtime.errorReported] = false
}
