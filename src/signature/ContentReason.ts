/**
 * Why there is no picture, sound or file: the reasons of a `ContentError`, told apart by their `_tag`.
 */
import * as Schema from "effect/Schema"

const reason = <Tag extends string>(tag: Tag) => ({ _tag: Schema.tag(tag), description: Schema.String })

/** What was given is no address, no data URI, no base64, or no bytes. */
export class Malformed
  extends Schema.Error<Malformed>("effect-lm/signature/ContentError/Malformed")(reason("Malformed"))
{}

/** The media type cannot be told from the bytes, contradicts them, or is of another kind: a PDF is no image. */
export class MediaType
  extends Schema.Error<MediaType>("effect-lm/signature/ContentError/MediaType")(reason("MediaType"))
{}

/** There are more bytes than the limit (`maxBytes`). */
export class TooLarge extends Schema.Error<TooLarge>("effect-lm/signature/ContentError/TooLarge")({
  ...reason("TooLarge"),
  maxBytes: Schema.Finite
}) {}

/** The file cannot be read, or the address does not give its bytes. */
export class Unreadable
  extends Schema.Error<Unreadable>("effect-lm/signature/ContentError/Unreadable")(reason("Unreadable"))
{}

/** Any of them. */
export const Reason = Schema.Union([Malformed, MediaType, TooLarge, Unreadable])
export type Reason = typeof Reason.Type
