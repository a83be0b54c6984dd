/**
 * Why a tool call did not give a result: one tagged error with a tagged reason.
 */
import * as Schema from "effect/Schema"
import { Reason } from "./ToolReason.ts"

export * from "./ToolReason.ts"

/** A call of `tool` did not give a result. */
export class ToolError extends Schema.TaggedError<ToolError>("effect-lm/tool/ToolError")("ToolError", {
  tool: Schema.String,
  reason: Reason
}) {
  override get message(): string {
    return `${this.tool}: ${this.reason.message}`
  }
}
