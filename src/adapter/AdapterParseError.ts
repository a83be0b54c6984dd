/**
 * A reply that could not be read as the signature's outputs.
 */
import * as Formatter from "effect/Formatter"
import * as Schema from "effect/Schema"
import * as Usage from "../lm/Usage.ts"

/**
 * `reply` is the whole text; `parsed` the fields that were understood, as values; `issues` what is wrong, by path
 * (the field's name first); `missing` the required fields that the reply does not have; `predictor` the path of the predictor
 * that asked, `module` its name; `usage` what all requests of the predictor's call, or of the agent's run, have used;
 * `trajectory` what an agent had done before.
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
    predictor: Schema.optionalKey(Schema.String),
    module: Schema.optionalKey(Schema.String),
    usage: Schema.optionalKey(Usage.Usage),
    trajectory: Schema.optionalKey(Schema.Array(Schema.Unknown))
  })
{
  override get message(): string {
    // The path of a whole program says less than its name.
    const predictor = this.predictor === "self" ? this.module : this.predictor
    const who = predictor === undefined ? this.signature : `${predictor} (${this.signature})`
    const issues = this.issues.map(({ message, path }) =>
      `  ${path.length === 0 ? "" : `${path.join(".")}: `}${message}`
    )
      .join("\n")
    const parsed = Object.keys(this.parsed).length === 0 ? "nothing" : shortened(Formatter.format(this.parsed), 500)
    return `${who}: the ${this.adapter} adapter could not read the reply\n${issues}\nUnderstood was: ${parsed}\nThe reply was:\n${
      shortened(this.reply, 2000)
    }`
  }
}

const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}... (${text.length} characters)` : text
