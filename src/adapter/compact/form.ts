/**
 * The compact form: one JSON object, whose shape is told in a short spelling and not as a JSON Schema.
 */
import type { Field } from "../../signature/Field.ts"
import { isRecord, type JsonRecord } from "../../text/json/values.ts"
import * as Adapter from "../Adapter.ts"
import { json } from "../json/form.ts"
import { replySchemaOf } from "../json/replySchema.ts"
import { jsonScanner } from "../json/scanner.ts"
import { said, typeText } from "./typeText.ts"

/** The reply's shape, and the types that it names. What the list of the outputs says of a field is not said again. */
const shapeOf = (outputs: ReadonlyArray<Field>): string => {
  const { $defs, properties } = replySchemaOf(outputs)
  const fields = Object.entries(records(properties))
    .map(([name, schema]) => `  ${JSON.stringify(name)}: ${typeText(schema, 1)}`)
  const types = Object.entries(records($defs)).map(([name, schema]) => `${name}: ${typeText(schema, 0)}${said(schema)}`)
  return [`{\n${fields.join(",\n")}\n}`, ...types].join("\n\n")
}

const records = (value: unknown): Readonly<Record<string, JsonRecord>> =>
  Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).filter((entry): entry is [string, JsonRecord] => isRecord(entry[1]))
  )

export const compact: Adapter.Adapter = Adapter.fromForm({
  name: "Compact",
  form: {
    ...json.form!, // which was made of one
    reply: (outputs) =>
      `Reply with one JSON object and nothing else. Its keys, in this order, and the types of their values:\n\n${
        shapeOf(outputs)
      }`,
    type: (field) => {
      const type = typeText(field.jsonSchema, 0)
      return type.includes("\n") ? "as below" : field.type
    },
    schema: () => undefined
  },
  scanner: jsonScanner
})
