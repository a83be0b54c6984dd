/**
 * The fields' values as text, as prompts write them.
 */
import type { Field } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"
import type { JsonFields } from "../Adapter.ts"

/** A field's value: as JSON, and as text that needs no quotes around a string. `kind` is the text's: JSON, or free text. */
export interface Value {
  readonly name: string
  readonly json: unknown
  readonly text: string
  readonly kind: Field["kind"]
}

/** The values of these fields, as far as there are any. */
export const valuesOf = (fields: ReadonlyArray<Field>, values: JsonFields): ReadonlyArray<Value> =>
  fields.flatMap((field) => Object.hasOwn(values, field.name) ? [valueOf(field, values[field.name])] : [])

export const valueOf = (field: Field, json: unknown): Value => ({
  name: field.name,
  json,
  ...(typeof json === "string" && (field.kind === "text" || field.literals !== undefined)
    ? { text: json, kind: "text" }
    : { text: JSON.stringify(json), kind: "json" })
})

/** A value that is no field's. */
export const toldValue = ([name, json]: readonly [string, unknown]): Value => ({
  name,
  json,
  ...(typeof json === "string" ? { text: json, kind: "text" } : { text: JSON.stringify(json), kind: "json" })
})

/** The value of the only field as it is, those of several under their names. */
export const plain = (fields: ReadonlyArray<Field>, values: JsonFields): string =>
  valuesOf(fields, values).map(({ name, text }) => fields.length === 1 ? text : `${labelOf(name)}: ${text}`).join("\n")

/** A name as words: `key_points` is `Key points`. */
export const labelOf = (name: string): string => {
  const words = name.replaceAll("_", " ").trim()
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

/** The names of all fields. */
export const namesOf = (signature: Signature.Any): ReadonlyArray<string> =>
  [...signature.inputFields, ...signature.outputFields].map(({ name }) => name)
