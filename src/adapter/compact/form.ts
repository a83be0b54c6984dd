/**
 * The compact form: one JSON object, whose shape is told in a short spelling and not as a JSON Schema.
 */
import type { Field } from "../../signature/Field.ts"
import * as Adapter from "../Adapter.ts"
import { json } from "../json/form.ts"
import { jsonScanner } from "../json/scanner.ts"
import { namedTypes, typeText } from "./typeText.ts"

/** All of a field that a model has to know stands in the shape, but what the list of the outputs says. */
const shapeOf = (outputs: ReadonlyArray<Field>): string =>
  `{\n${outputs.map((field) => `  ${JSON.stringify(field.name)}: ${typeText(field.jsonSchema, 1)}`).join(",\n")}\n}`

export const compact: Adapter.Adapter = Adapter.fromForm({
  name: "Compact",
  form: {
    ...json.form!, // which was made of one
    reply: (outputs) =>
      [
        `Reply with one JSON object and nothing else. Its keys, in this order, and the types of their values:\n\n${
          shapeOf(outputs)
        }`,
        ...namedTypes(outputs.map(({ jsonSchema }) => jsonSchema))
      ].join("\n\n"),
    type: (field) => {
      const type = typeText(field.jsonSchema, 0)
      return type.includes("\n") ? "as below" : field.type
    },
    schema: () => undefined
  },
  scanner: jsonScanner
})
