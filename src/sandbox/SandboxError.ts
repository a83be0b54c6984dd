/**
 * Why code in a sandbox came to no end of its own.
 */
import * as Schema from "effect/Schema"
import { Reason } from "./SandboxReason.ts"

export * from "./SandboxReason.ts"

/** Code in a sandbox came to no end of its own; `output` is what it had printed before. */
export class SandboxError extends Schema.TaggedError<SandboxError>("effect-lm/sandbox/SandboxError")("SandboxError", {
  reason: Reason,
  output: Schema.String
}) {
  override get message(): string {
    return this.reason.description
  }
}
