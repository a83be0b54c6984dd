/**
 * The XML form: one element for each field.
 */
import type { ReplyPiece } from "../../lm/LMRequest.ts"
import * as Adapter from "../Adapter.ts"
import { type Form, hintOf, pieceOf } from "../Form.ts"
import { element, withoutTags } from "../internal/prompt/element.ts"
import { section } from "../internal/prompt/section.ts"
import { xmlScanner } from "./scanner.ts"

const form: Form = {
  reply: (outputs) =>
    `Reply with these elements, in this order, and nothing else:\n\n${
      outputs.map((field) => element(field.name, `{${hintOf(field)}}`)).join("\n")
    }\n\nInside an element write \`&lt;\` for \`<\` and \`&amp;\` for \`&\`.`,
  inert: withoutTags,
  input: element,
  aside: section,
  output: (values) => values.map(({ name, text }) => element(name, escaped(text))).join("\n"),
  reminder: (outputs) => `Reply with ${outputs.map((field) => `<${field.name}>`).join(", then ")}.`,
  responseFormat: ([first]) => ({ _tag: "Text", ...(first !== undefined && { opening: `<${first.name}>` }) }),
  pieces: (outputs) => [
    ...outputs.flatMap((field, index): ReadonlyArray<ReplyPiece> => [
      { _tag: "Literal", text: `${index === 0 ? "" : `\n</${outputs[index - 1]!.name}>\n`}<${field.name}>\n` },
      pieceOf(field)
    ]),
    { _tag: "Literal", text: `\n</${outputs.at(-1)!.name}>` }
  ],
  again: "with every field in its element"
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

export const xml: Adapter.Adapter = Adapter.fromForm({ name: "XML", form, scanner: xmlScanner })
