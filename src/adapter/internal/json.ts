/**
 * The JSON form: one object.
 */
import * as Adapter from "../Adapter.ts"
import { jsonScanner } from "./jsonScanner.ts"
import { feedbackOf, type Form, formatter, shaper, turnsOf } from "./prompt.ts"
import { replySchemaOf } from "./replySchema.ts"
import { section, withoutMarkers } from "./section.ts"

const form: Form = {
  reply: (outputs) =>
    `Reply with one JSON object and nothing else. Its keys, in this order, and the types of their values:\n\n{\n${
      outputs.map((field) => `  ${JSON.stringify(field.name)}: ${field.type}`).join(",\n")
    }\n}`,
  inert: withoutMarkers,
  readers: [jsonScanner],
  input: section,
  output: (values) => JSON.stringify(Object.fromEntries(values.map(({ json, name }) => [name, json]))),
  reminder: (outputs) =>
    `Reply with a JSON object with the key${outputs.length === 1 ? "" : "s"} ${
      outputs.map((field) => JSON.stringify(field.name)).join(", ")
    }.`,
  responseFormat: (outputs) => ({ _tag: "JsonSchema", name: "reply", schema: replySchemaOf(outputs) }),
  pieces: (outputs) => [{ _tag: "Json", field: "", schema: replySchemaOf(outputs) }]
}

export const json: Adapter.Adapter = Adapter.make({
  name: "JSON",
  format: formatter(form),
  shape: shaper(form),
  turn: turnsOf(form),
  scanner: jsonScanner,
  feedback: feedbackOf(form, "as one JSON object")
})
