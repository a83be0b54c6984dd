/**
 * The error of reading something that is no event of a program.
 */
import * as Schema from "effect/Schema"

/** A line, or a value, that is no event of the program; or a body that ended before the run did. `description` says which. */
export class EventCodecError
  extends Schema.TaggedError<EventCodecError>("effect-lm/streaming/EventCodecError")("EventCodecError", {
    description: Schema.String
  })
{
  override get message(): string {
    return this.description
  }
}
