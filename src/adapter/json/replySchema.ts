/**
 * The JSON schema of a reply that is one object.
 */
import type { Field } from "../../signature/Field.ts"
import * as Pointer from "../../text/json/pointer.ts"
import { isRecord, type JsonRecord } from "../../text/json/values.ts"

/** An object of the fields, in their order (models write keys in the order of the schema), and of nothing else. */
export const replySchemaOf = (fields: ReadonlyArray<Field>): JsonRecord => {
  const definitions = new Map<string, unknown>()
  const properties = fields.map((field) => [field.name, hoisted(field, definitions)] as const)
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: fields.filter((field) => !field.optional).map((field) => field.name),
    additionalProperties: false,
    ...(definitions.size === 0 ? {} : { $defs: Object.fromEntries(definitions) })
  }
}

/**
 * A field's schema refers to its definitions from its own root: they move to the root of the whole, under another name
 * where a field before had one of the same name that is not the same.
 */
const hoisted = (field: Field, definitions: Map<string, unknown>): unknown => {
  const { $defs, ...schema } = field.jsonSchema
  if (!isRecord($defs)) return schema
  const own = Object.entries($defs)
  const renamed = new Map<string, string>()
  for (const [name, definition] of own) {
    const before = definitions.get(name)
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(definition)) {
      renamed.set(Pointer.toDefinition(name), Pointer.toDefinition(`${field.name}_${name}`))
    }
  }
  for (const [name, definition] of own) {
    definitions.set(
      renamed.has(Pointer.toDefinition(name)) ? `${field.name}_${name}` : name,
      redirect(definition, renamed)
    )
  }
  return redirect(schema, renamed)
}

const redirect = (json: unknown, renamed: ReadonlyMap<string, string>): unknown => {
  if (renamed.size === 0 || typeof json !== "object" || json === null) return json
  if (Array.isArray(json)) return json.map((item) => redirect(item, renamed))
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      key === "$ref" && typeof value === "string" ? renamed.get(value) ?? value : redirect(value, renamed)
    ])
  )
}
