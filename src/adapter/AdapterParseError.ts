/**
 * A reply that could not be read as the signature's outputs.
 */
import * as Formatter from "effect/Formatter"
import * as Schema from "effect/Schema"
import * as CallFacts from "../lm/CallFacts.ts"
import * as Issues from "../text/issues.ts"
import { shortened } from "../text/shortened.ts"

/**
 * `reply` is the whole text; `parsed` the fields that were understood, as values; `issues` what is wrong, by path
 * (the field's name first); `missing` the required fields that the reply does not have. What is known of the call that asked is in
 * {@link CallFacts.fields}.
 */
export class AdapterParseError
  extends Schema.TaggedError<AdapterParseError>("effect-lm/adapter/AdapterParseError")("AdapterParseError", {
    adapter: Schema.String,
    signature: Schema.String,
    reply: Schema.String,
    parsed: Schema.Record(Schema.String, Schema.Unknown),
    missing: Schema.Array(Schema.String),
    issues: Schema.Array(Schema.Struct({
      path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])),
      message: Schema.String
    })),
    ...CallFacts.fields
  })
{
  override get message(): string {
    const asker = CallFacts.who(this)
    const who = asker === undefined ? this.signature : `${asker} (${this.signature})`
    const issues = Issues.inLines(this.issues, "  ")
    const parsed = Object.keys(this.parsed).length === 0 ? "nothing" : shortened(Formatter.format(this.parsed), 500)
    return `${who}: the ${this.adapter} adapter could not read the reply\n${issues}\nUnderstood was: ${parsed}\nThe reply was:\n${
      shortened(this.reply, 2000)
    }`
  }
}
