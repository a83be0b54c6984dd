/**
 * A reply that could not be read as the signature's outputs.
 */
import * as Schema from "effect/Schema"

/**
 * `reply` is the whole text; `parsed` the fields that were understood, as values; `issues` what is wrong, by path
 * (the field's name first); `missing` the required fields that the reply does not have.
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
    predictor: Schema.optionalKey(Schema.String)
  })
{
  override get message(): string {
    const who = this.predictor === undefined ? this.signature : `${this.predictor} (${this.signature})`
    const issues = this.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`).join("\n")
    const reply = this.reply.length > 2000
      ? `${this.reply.slice(0, 2000)}... (${this.reply.length} characters)`
      : this.reply
    return `${who}: the ${this.adapter} adapter could not read the reply\n${issues}\nThe reply was:\n${reply}`
  }
}
