/**
 * Values whose types are known, in the JSON of their types: the fields of a prediction, what a program says on a channel.
 */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Field } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"
import * as Issues from "../../text/issues.ts"
import type { JsonRecord } from "../../text/json/values.ts"
import { fromKey, readTyped, toKey, type Typed, typedOf, type Values, writeTyped } from "./marks.ts"

/** The fields of a prediction in the JSON of a signature, and back. A field that the signature does not have goes as a value of no known type. */
export const fieldsOf = (values: Values, signature: Signature.Any | undefined) => {
  const known = new Map((signature?.outputFields ?? []).map((field) => [field.name, ofField(field)]))
  const each = (
    record: JsonRecord,
    keyOf: (key: string) => string,
    typed: (typed: Typed, value: unknown) => unknown,
    untyped: (value: unknown) => unknown
  ): JsonRecord =>
    Object.fromEntries(
      Object.entries(record).map(([key, value]) => {
        const field = known.get(key)
        return [keyOf(key), field === undefined ? untyped(value) : typed(field, value)]
      })
    )
  return {
    writeFields: (fields: JsonRecord) =>
      each(fields, toKey, (typed, value) => writeTyped(values, typed, value), (value) => values.write(value)),
    readFields: (fields: JsonRecord) =>
      each(fields, fromKey, (typed, form) => readTyped(values, typed, form), (form) => values.read(form))
  }
}

/** The type of what is said on a channel; one that nobody knows is read as it was written. */
export const said = (schema: Schema.Top | undefined): Typed =>
  schema === undefined ? { encode: () => Result.fail(undefined), decode: Result.succeed } : typedOf(schema)

// Details

const ofField = (field: Field): Typed => ({
  encode: (value) => field.encode(value),
  decode: (json) =>
    Result.mapError(
      field.decode(json),
      (issues) => new TypeError(Issues.inLine(issues))
    )
})
