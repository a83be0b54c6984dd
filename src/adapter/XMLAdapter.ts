/**
 * Replies in elements, `<answer>...</answer>`, which some models prefer.
 */
import * as Layer from "effect/Layer"
import * as Adapter from "./Adapter.ts"
import { CurrentAdapter } from "./CurrentAdapter.ts"
import { pieceOf } from "./internal/chat.ts"
import { type Form, formatter, hintOf, textOf } from "./internal/prompt.ts"
import { xmlScanner } from "./internal/xmlScanner.ts"

const form: Form = {
  reply: (outputs) =>
    `Write your reply as these elements, in this order, and nothing else. Write &lt; for < and &amp; for & inside them.\n\n${
      outputs.map((field) => `<${field.name}>\n{${hintOf(field)}}\n</${field.name}>`).join("\n")
    }`,
  input: (name, text) => `<${name}>\n${escaped(text)}\n</${name}>`,
  output: (values) =>
    values.map((value) => `<${value.field.name}>\n${escaped(textOf(value))}\n</${value.field.name}>`).join("\n"),
  reminder: (outputs) => `Answer with the elements ${outputs.map((field) => `<${field.name}>`).join(", then ")}.`,
  responseFormat: () => ({ _tag: "Text" }),
  pieces: (outputs) =>
    outputs.flatMap((field, index) => [
      { _tag: "Literal", text: `${index === 0 ? "" : "\n"}<${field.name}>\n` },
      pieceOf(field),
      { _tag: "Literal", text: `\n</${field.name}>` }
    ])
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

const xmlAdapter = Adapter.make({ name: "XML", format: formatter(form), scanner: xmlScanner })

// Constructors

/** Makes an XML adapter. */
export const make = (): Adapter.Adapter => xmlAdapter

// Layers

/** Makes XML the adapter of what runs with it. */
export const layer: Layer.Layer<never> = Layer.succeed(CurrentAdapter, xmlAdapter)
