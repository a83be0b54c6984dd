/**
 * Why a picture, a sound or a file cannot be an input.
 */
import * as Schema from "effect/Schema"
import { Reason } from "./ContentReason.ts"

export * from "./ContentReason.ts"

/** There is no such content. `kind` says which was to be made, `reason` why it is not. It holds none of the bytes. */
export class ContentError extends Schema.TaggedError<ContentError>("effect-lm/signature/ContentError")("ContentError", {
  kind: Schema.Literals(["Image", "Audio", "File"]),
  reason: Reason
}) {
  override get message(): string {
    return `${this.kind}: ${this.reason.description}`
  }
}
