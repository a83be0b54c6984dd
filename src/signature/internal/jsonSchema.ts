/**
 * The JSON Schema of a field, as a model is shown it.
 */
import * as Schema from "effect/Schema"
import * as Pointer from "../../text/json/pointer.ts"
import { isRecord, type JsonRecord } from "../../text/json/values.ts"
import type { FieldSchema } from "../Field.ts"
import { formatted } from "./formats.ts"

/**
 * Draft 2020-12. Objects are closed, a schema with an identifier stands inline at the root, and what is recursive is under
 * `$defs`.
 */
export const jsonSchemaOf = (schema: FieldSchema, description: string | undefined): JsonRecord => {
  const document = formatted(schema, Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" }))
  const definitions = document.definitions as Readonly<Record<string, JsonRecord>>
  let root: JsonRecord = document.schema
  let inlined: string | undefined
  if (typeof root.$ref === "string") {
    const { $ref, ...beside } = root
    inlined = Pointer.definitionOf($ref)
    root = { ...(inlined === undefined ? {} : definitions[inlined]), ...beside }
  }
  const body = tidy(description === undefined ? root : { ...root, description }) as JsonRecord
  const used = Object.entries(definitions).filter(([name]) => name !== inlined || refersTo(document, name))
  return used.length === 0 ? body : { ...body, $defs: Object.fromEntries(used.map(([name, of]) => [name, tidy(of)])) }
}

/** A definition that only the root used is not needed any more. */
const refersTo = (document: { readonly definitions: unknown }, name: string): boolean =>
  JSON.stringify(document.definitions).includes(JSON.stringify(Pointer.toDefinition(name)))

/** Without the bounds of safe integers, which say nothing that a model could use, and without what the program sets. */
const tidy = (json: unknown): unknown => {
  if (Array.isArray(json)) return json.map(tidy)
  if (!isRecord(json)) return json
  const left = withoutReadOnly(json)
  return Object.fromEntries(
    Object.entries(left)
      .filter(([key, value]) =>
        !(key === "minimum" && value === Number.MIN_SAFE_INTEGER) &&
        !(key === "maximum" && value === Number.MAX_SAFE_INTEGER)
      )
      .map(([key, value]) => [key, tidy(value)])
  )
}

/** An object's schema without the properties that are `readOnly` and may be left out. */
const withoutReadOnly = (json: JsonRecord): JsonRecord => {
  const { properties, required } = json
  if (!isRecord(properties)) return json
  const needed = new Set(Array.isArray(required) ? required : [])
  const isSetHere = ([name, property]: readonly [string, unknown]) =>
    isRecord(property) && property["readOnly"] === true && !needed.has(name)
  const all = Object.entries(properties)
  return all.some(isSetHere)
    ? { ...json, properties: Object.fromEntries(all.filter((property) => !isSetHere(property))) }
    : json
}
