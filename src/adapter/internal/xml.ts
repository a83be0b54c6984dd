/**
 * The XML form: one element for each field.
 */
import type { ReplyPiece } from "../../lm/LMRequest.ts"
import * as Adapter from "../Adapter.ts"
import { type Inert, patternOf } from "./inert.ts"
import { feedbackOf, type Form, formatter, hintOf, pieceOf, turnsOf } from "./prompt.ts"
import { xmlScanner } from "./xmlScanner.ts"

const form: Form = {
  reply: (outputs) =>
    `Reply with these elements, in this order, and nothing else:\n\n${
      outputs.map((field) => element(field.name, `{${hintOf(field)}}`)).join("\n")
    }\n\nInside an element write \`&lt;\` for \`<\` and \`&amp;\` for \`&\`.`,
  inert: (names) => withoutTags(names),
  input: (name, text) => element(name, text),
  output: (values) => values.map(({ name, text }) => element(name, escaped(text))).join("\n"),
  reminder: (outputs) => `Reply with ${outputs.map((field) => `<${field.name}>`).join(", then ")}.`,
  responseFormat: () => ({ _tag: "Text" }),
  pieces: (outputs) => [
    ...outputs.flatMap((field, index): ReadonlyArray<ReplyPiece> => [
      { _tag: "Literal", text: `${index === 0 ? "" : `\n</${outputs[index - 1]!.name}>\n`}<${field.name}>\n` },
      pieceOf(field)
    ]),
    { _tag: "Literal", text: `\n</${outputs.at(-1)!.name}>` }
  ]
}

/**
 * Writes text so that no tag of these names stands in it: `<answer>` becomes `&lt;answer>`, and `&lt;answer>` becomes
 * `&amp;lt;answer>`, so that one can be told from the other. `<answer&gt;` becomes `&amp;lt;answer&gt;`, since a reply whose
 * markup is all escaped is read without that. All other markup stays as it is.
 */
const withoutTags = (names: ReadonlyArray<string>): Inert => {
  const name = patternOf(names)
  const tag = `(?:\\/?${name}|[\\s\\\\/]{1,16}${name}[\\s\\\\/]{0,16}>)`
  const first = new RegExp(`<(?=${tag}([^<>]{0,256}?&gt;)?)|&(?=(?:amp;)*lt;${tag})`, "gi")
  return (text) =>
    text.replace(
      first,
      (character: string, escaped: string | undefined) =>
        character === "&" ? "&amp;" : escaped === undefined ? "&lt;" : "&amp;lt;"
    )
}

const element = (name: string, text: string): string => `<${name}>\n${text}\n</${name}>`

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

export const xml: Adapter.Adapter = Adapter.make({
  name: "XML",
  format: formatter(form),
  turn: turnsOf(form),
  scanner: xmlScanner,
  feedback: feedbackOf(form, "with every field in its element")
})
