/**
 * A command that was called in a way it does not understand.
 */
import * as CliError from "effect/cli/CliError"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

/** Bad usage, in words for the person who typed it. Command runners show the message; the process exits with 2. */
export class UsageError extends Schema.TaggedError<UsageError>("effect-lm/cli/UsageError")("UsageError", {
  message: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = 2

  override get [CliError.userMessage](): string {
    return this.message
  }
}
