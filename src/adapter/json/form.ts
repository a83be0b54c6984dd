/**
 * The JSON form: one object.
 */
import * as Adapter from "../Adapter.ts"
import type { Form } from "../Form.ts"
import { section, withoutMarkers } from "../internal/prompt/section.ts"
import { replySchemaOf } from "./replySchema.ts"
import { jsonScanner } from "./scanner.ts"

const form: Form = {
  reply: (outputs) =>
    `Reply with one JSON object and nothing else. Its keys, in this order, and the types of their values:\n\n{\n${
      outputs.map((field) => `  ${JSON.stringify(field.name)}: ${field.type}`).join(",\n")
    }\n}`,
  inert: withoutMarkers,
  input: section,
  output: (values) => JSON.stringify(Object.fromEntries(values.map(({ json, name }) => [name, json]))),
  reminder: (outputs) =>
    `Reply with a JSON object with the key${outputs.length === 1 ? "" : "s"} ${
      outputs.map((field) => JSON.stringify(field.name)).join(", ")
    }.`,
  responseFormat: (outputs) => ({ _tag: "JsonSchema", name: "reply", schema: replySchemaOf(outputs) }),
  pieces: (outputs) => [{ _tag: "Json", field: "", schema: replySchemaOf(outputs) }],
  again: "as one JSON object"
}

export const json: Adapter.Adapter = Adapter.fromForm({ name: "JSON", form, scanner: jsonScanner })
