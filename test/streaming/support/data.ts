/** What may be in events: any data, and predictions of any signature. */
import { Arbitrary, Schema } from "effect"
import { Adapter, Predict, Prediction, Signature } from "effect-lm"
import { Completion } from "effect-lm/lm/LMResponse"
import { Usage } from "effect-lm/lm/Usage"

/**
 * JSON has no minus zero. V8's `JSON.parse` reads a key that is one escaped character as a backslash, once it has seen that as a
 * key in the same place.
 */
export const isOfJson = (value: unknown): boolean =>
  typeof value === "object" && value !== null
    ? Object.entries(value).every(([key, inner]) =>
      !(key.length === 1 && JSON.stringify(key).length > 3) && isOfJson(inner)
    )
    : !Object.is(value, -0)

const leaf = Schema.Union([
  Schema.String,
  Schema.Number,
  Schema.Boolean,
  Schema.Null,
  Schema.Undefined,
  Schema.BigInt,
  Schema.Date,
  Schema.Duration,
  Schema.Uint8Array
])

/** Keys that mean something in a form, or in JavaScript. */
const Key = Schema.Literals(["$", "$$", "$ref", "_tag", "__proto__", "constructor", "a", ""])

const around = (inner: Schema.Codec<any, any>) =>
  Schema.Union([
    inner,
    Schema.Array(inner),
    Schema.Array(Schema.Tuple([Key, inner])).pipe(Schema.check(Schema.isMaxLength(3))),
    Schema.ReadonlyMap(inner, inner),
    Schema.ReadonlySet(inner)
  ])

/** Any data: pairs of a key and a value become records. */
export const data = Arbitrary.map(Arbitrary.schema(around(around(leaf))), (value) => recorded(value))

const recorded = (value: unknown): unknown => {
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [recorded(key), recorded(inner)]))
  if (value instanceof Set) return new Set([...value].map(recorded))
  if (!Array.isArray(value)) return value
  const isPairs = value.length > 0 && value.every((pair) => Array.isArray(pair) && typeof pair[0] === "string")
  return isPairs ? Object.fromEntries(value.map(([key, inner]) => [key, recorded(inner)])) : value.map(recorded)
}

/** What outputs may be, beyond JSON. */
const types = {
  text: Schema.String,
  number: Schema.Number,
  finite: Schema.Finite,
  big: Schema.BigInt,
  flag: Schema.Boolean,
  date: Schema.Date,
  duration: Schema.Duration,
  bytes: Schema.Uint8Array,
  map: Schema.ReadonlyMap(Schema.String, Schema.BigInt),
  set: Schema.ReadonlySet(Schema.Number),
  list: Schema.Array(Schema.Date),
  choice: Schema.Literals(["a", "b"]),
  nullable: Schema.NullOr(Schema.BigInt),
  optional: Schema.optionalKey(Schema.Date),
  record: Schema.Record(Schema.Literals(["$", "$$", "a"]), Schema.Literals(["Date", "Any", "b"])),
  option: Schema.Option(Schema.Number),
  nested: Schema.Struct({ at: Schema.Date, deep: Schema.Array(Schema.NullOr(Schema.BigInt)) })
}

type Kind = keyof typeof types

/** A signature of some of them, and a prediction of it with one completion or more. */
export const predictions = Arbitrary.flatMap(
  Arbitrary.schema(Schema.Array(Schema.Literals(Object.keys(types) as [Kind, ...Array<Kind>]))),
  (kinds) => {
    const outputs = Object.fromEntries(
      ["text" as const, ...kinds].map((kind, place) => [`${kind}_${place}`, types[kind]])
    )
    const signature = Signature.fromSchemas({ inputs: { question: Schema.String }, outputs })
    const Fields = Schema.Struct(outputs)
    const Known = Schema.Struct({
      fields: Fields,
      others: Schema.Array(Schema.NullOr(Fields)),
      completion: Completion,
      usage: Usage,
      turns: Schema.Array(Adapter.Turn),
      model: Schema.UndefinedOr(Schema.String),
      attempts: Schema.Int,
      reply: Schema.String,
      reasoning: Schema.String,
      requestId: Schema.UndefinedOr(Schema.String),
      headers: Schema.Record(Schema.String, Schema.String),
      givenAgain: Schema.Boolean,
      endReason: Schema.UndefinedOr(Schema.Literals(["answered", "finished", "stopped", "maxIterations"]))
    })
    return Arbitrary.map(
      Arbitrary.filter(Arbitrary.schema(Known), isOfJson),
      ({ completion: { content, logprobs }, fields, others, ...details }) => ({
        program: Predict.make(signature),
        prediction: Prediction.make(fields as object, {
          ...details,
          completions: [fields, ...others.map((each) => each ?? undefined)],
          content,
          toolCalls: content.flatMap((part) => part._tag === "ToolCall" ? [part] : []),
          logprobs: logprobs ?? []
        })
      })
    )
  }
)

export const options = { arbitrary: { runs: 150, size: 6, seed: 1 }, timeout: 30_000 } as const
