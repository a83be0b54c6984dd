/**
 * A program file that could not be imported.
 */
import * as Schema from "effect/Schema"

/** The file, or something that it imports, failed while it was loaded. */
export class ProgramError extends Schema.TaggedError<ProgramError>("effect-lm/cli/ProgramError")("ProgramError", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.file} cannot be loaded: ${this.cause instanceof Error ? this.cause.message : String(this.cause)}`
  }
}
