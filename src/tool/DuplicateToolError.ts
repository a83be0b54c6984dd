/**
 * Two tools of one name.
 */
import * as Schema from "effect/Schema"

/** A registry was given a second tool of the same name. `sources` says where the two come from: the first was there before. */
export class DuplicateToolError
  extends Schema.TaggedError<DuplicateToolError>("effect-lm/tool/DuplicateToolError")("DuplicateToolError", {
    name: Schema.String,
    sources: Schema.Tuple([Schema.String, Schema.String])
  })
{
  override get message(): string {
    const [first, second] = this.sources
    return `there are two tools '${this.name}', one of ${first}, one of ${second}: rename one, or give one source a prefix`
  }
}
