/**
 * The fields' values as text, as prompts write them.
 */
import * as Result from "effect/Result"
import type { Media } from "../../../signature/Content.ts"
import type { Field } from "../../../signature/Field.ts"
import type * as Signature from "../../../signature/Signature.ts"
import type { JsonFields } from "../../Adapter.ts"
import { type Value, valueOf } from "../../Form.ts"
import * as Documents from "./documents.ts"
import { fill, mayHold, type Piece, textOf, withoutBytes } from "./media.ts"
import { written } from "./written.ts"

/** An input's value. */
export interface Given extends Value {
  /** The parts that belong into the holes of the text. */
  readonly parts?: ReadonlyArray<Media> | undefined
}

/** The values of these outputs, as far as there are any. */
export const valuesOf = (fields: ReadonlyArray<Field>, values: JsonFields): ReadonlyArray<Value> =>
  fields.flatMap((field) => Object.hasOwn(values, field.name) ? [valueOf(field, values[field.name])] : [])

/** The values of these inputs, as far as there are any. */
export const givenOf = (fields: ReadonlyArray<Field>, values: JsonFields): ReadonlyArray<Given> => {
  const inputs = numbering()
  return fields.flatMap((field) => Object.hasOwn(values, field.name) ? [inputs(field, values[field.name])] : [])
}

/** A function that writes the inputs of one question in turn: its documents are numbered through. */
export const numbering = (): (field: Field, json: unknown) => Given => {
  const next = Documents.numbers()
  return (field, json) =>
    field.hasDocuments
      ? { name: field.name, json, ...Documents.written(asEncoded(field, json), next) }
      : given(field, json)
}

/** An input's value, where it is no document. */
const given = (field: Field, json: unknown): Given =>
  mayHold(field) ? { name: field.name, json, kind: "json", ...textOf(asEncoded(field, json)) } : inputOf(field, json)

/** An input is told whole: also what the program has set in it. */
const inputOf = ({ kind, literals, name }: Field, json: unknown): Value =>
  written(name, json, kind === "text" || literals !== undefined)

/** The turns of a history are JSON as somebody wrote it, where an address may stand for a picture. */
const asEncoded = (field: Field, json: unknown): unknown =>
  Result.getOrElse(Result.flatMap(field.decode(json), field.encode), () => json)

/** A value that is no field's. */
export const toldValue = ([name, json]: readonly [string, unknown]): Value => written(name, withoutBytes(json), true)

/** The value of the only field as it is, those of several under their names. */
export const plain = (fields: ReadonlyArray<Field>, values: ReadonlyArray<Given>): ReadonlyArray<Piece> =>
  values.flatMap(({ name, parts, text }, at) => [
    `${at === 0 ? "" : "\n"}${fields.length === 1 ? "" : `${labelOf(name)}: `}`,
    ...fill(text, parts)
  ])

/** A name as words: `key_points` is `Key points`. */
export const labelOf = (name: string): string => {
  const words = name.replaceAll("_", " ").trim()
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

/** The names of all fields. */
export const namesOf = (signature: Signature.Any): ReadonlyArray<string> =>
  [...signature.inputFields, ...signature.outputFields].map(({ name }) => name)
