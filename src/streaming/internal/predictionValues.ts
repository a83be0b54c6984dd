/**
 * Predictions as forms: `{"fields":{...},"details":{"usage":{...},"model":"...",...}}`. Details that say nothing are left out.
 */
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import * as Adapter from "../../adapter/Adapter.ts"
import * as Content from "../../lm/LMContent.ts"
import { Logprob } from "../../lm/LMEvent.ts"
import * as Usage from "../../lm/Usage.ts"
import * as Prediction from "../../module/Prediction.ts"
import { isRecord, type JsonRecord } from "../../text/json/values.ts"

type Fields = Readonly<Record<string, unknown>>

/** What is known of a prediction beside its fields, where it is known. */
const Details = Schema.Struct({
  usage: Usage.Usage,
  attempts: Schema.optionalKey(Schema.Finite),
  model: Schema.optionalKey(Schema.String),
  reply: Schema.optionalKey(Schema.String),
  reasoning: Schema.optionalKey(Schema.String),
  toolCalls: Schema.optionalKey(Schema.Array(Content.ToolCall)),
  content: Schema.optionalKey(Schema.Array(Content.Said)),
  turns: Schema.optionalKey(Schema.Array(Adapter.Turn)),
  logprobs: Schema.optionalKey(Schema.Array(Logprob)),
  requestId: Schema.optionalKey(Schema.String),
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  givenAgain: Schema.optionalKey(Schema.Boolean),
  endReason: Schema.optionalKey(Schema.Literals(["answered", "finished", "stopped", "maxIterations", "budget"]))
})

/** A prediction as it is written. */
export interface Form {
  readonly fields: JsonRecord
  readonly details: JsonRecord
}

/** The form of a prediction: its fields as `writeFields` has them, everything else as `write` has it. */
export const write = (
  prediction: Prediction.Prediction<object>,
  write: (value: unknown) => unknown,
  writeFields: (fields: Fields) => JsonRecord = (fields) => write(fields) as JsonRecord // a record's form is a record
): Form => {
  const fields = Prediction.fields(prediction) as Fields
  const { completions, ...details } = Prediction.details(prediction)
  const [first] = completions
  return {
    fields: writeFields(fields),
    details: {
      ...Object.fromEntries(
        Object.entries(details).flatMap(([name, value]) => isDefault(name, value) ? [] : [[name, write(value)]])
      ),
      ...(completions.length === 1 && first !== undefined && isSame({ ...first }, fields) ? {} : {
        completions: completions.map((each) => each === undefined ? null : writeFields({ ...each }))
      })
    }
  }
}

/** The prediction of a form. Throws a `TypeError` where it is none. */
export const read = (
  form: Fields,
  read: (form: unknown) => unknown,
  readFields: (fields: JsonRecord) => Fields = (fields) => read(fields) as Fields // as above
): Prediction.Prediction<object> => {
  const fieldsOf = (form: unknown): Fields => {
    if (isRecord(form)) return readFields(form)
    throw new TypeError("it has no fields")
  }
  const { completions, ...rest } = isRecord(form["details"]) ? form["details"] : {}
  const details: unknown = read(rest)
  if (!isDetails()(details)) throw new TypeError("its details are not those of a prediction")
  return Prediction.make<object>(fieldsOf(form["fields"]), {
    ...details,
    completions: Array.isArray(completions)
      ? completions.map((each) => each === null ? undefined : fieldsOf(each))
      : undefined
  })
}

// Details

let guard: ((u: unknown) => u is typeof Details.Type) | undefined
const isDetails = () => guard ??= SchemaParser.is(Details)

/** Whether a detail says nothing: `Prediction.make` has the same one where it is given none. */
const isDefault = (name: string, value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.keys(value).length === 0 : value === defaults[name]

const defaults: Fields = { ...Prediction.details(Prediction.make({})) }

const isSame = (a: Fields, b: Fields): boolean => {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name])
}
