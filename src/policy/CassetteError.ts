/**
 * Why a cassette cannot be used.
 */
import * as Schema from "effect/Schema"

/** A cassette cannot be written or read, has no reply to a request, or has replies that nobody asked for. */
export class CassetteError
  extends Schema.TaggedError<CassetteError>("effect-lm/policy/CassetteError")("CassetteError", {
    file: Schema.String,
    description: Schema.String
  })
{
  override get message(): string {
    return `${this.file}: ${this.description}`
  }
}
