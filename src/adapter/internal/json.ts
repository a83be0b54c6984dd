/**
 * The JSON form, and the adapter with it.
 */
import type { Field } from "../../signature/Field.ts"
import * as Adapter from "../Adapter.ts"
import { jsonScanner } from "./jsonScanner.ts"
import { type Form, formatter, type Value } from "./prompt.ts"

type JsonSchema = Readonly<Record<string, unknown>>

/** The schema of a whole reply: the properties in the order of the fields, and no others. */
const replySchema = (outputs: ReadonlyArray<Field>): JsonSchema => {
  const definitions = outputs.flatMap((field) => Object.entries((field.jsonSchema["$defs"] ?? {}) as JsonSchema))
  return {
    type: "object",
    properties: Object.fromEntries(outputs.map(({ description, jsonSchema, name }) => {
      const { $defs: _, ...schema } = jsonSchema
      return [name, description === undefined || "description" in schema ? schema : { ...schema, description }]
    })),
    required: outputs.filter((field) => !field.optional).map((field) => field.name),
    additionalProperties: false,
    ...(definitions.length === 0 ? {} : { $defs: Object.fromEntries(definitions) })
  }
}

const object = (values: ReadonlyArray<Value>): string =>
  JSON.stringify(Object.fromEntries(values.map(({ field, value }) => [field.name, value])), undefined, 2)

const form: Form = {
  reply: (outputs) =>
    `Write your reply as one JSON object, and nothing else, with these properties in this order:\n\n{\n${
      outputs.map((field) => `  ${JSON.stringify(field.name)}: {${field.type}}`).join(",\n")
    }\n}`,
  input: (name, text) => `${name}:\n${text}`,
  output: object,
  reminder: (outputs) =>
    `Answer with the JSON object: ${outputs.map((field) => JSON.stringify(field.name)).join(", then ")}.`,
  responseFormat: (outputs) => ({ _tag: "JsonSchema", name: "reply", schema: replySchema(outputs) }),
  pieces: (outputs) => [{ _tag: "Json", field: "", schema: replySchema(outputs) }]
}

export const jsonAdapter: Adapter.Adapter = Adapter.make({
  name: "JSON",
  format: formatter(form),
  scanner: jsonScanner
})
