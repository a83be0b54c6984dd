/**
 * A state that does not fit its program.
 */
import * as Schema from "effect/Schema"
import { Reason } from "./StateReason.ts"

export * from "./StateReason.ts"

/** The state of a program cannot be saved, or cannot be loaded into it. The program is what it was. */
export class StateError extends Schema.TaggedError<StateError>("effect-lm/module/StateError")("StateError", {
  /** The name of the program. */
  program: Schema.String,
  reason: Reason
}) {
  override get message(): string {
    return `the state of ${this.program}: ${this.reason.description}`
  }
}
