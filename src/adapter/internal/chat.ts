/**
 * The Chat form, and the adapter with it.
 */
import type { ReplyPiece } from "../../lm/LMRequest.ts"
import type { Field } from "../../signature/Field.ts"
import * as Adapter from "../Adapter.ts"
import { chatScanner, completed, marker } from "./chatScanner.ts"
import { jsonAdapter } from "./json.ts"
import { type Form, formatter, hintOf, textOf } from "./prompt.ts"

const form: Form = {
  reply: (outputs) =>
    `Write your reply in sections. Each begins with its marker on a line of its own, in this order; ${
      marker(completed)
    } ends the reply:\n\n${
      [...outputs.map((field) => `${marker(field.name)}\n{${hintOf(field)}}`), marker(completed)].join("\n\n")
    }`,
  input: (name, text) => `${marker(name)}\n${text}`,
  output: (values) =>
    [...values.map((value) => `${marker(value.field.name)}\n${textOf(value)}`), marker(completed)].join("\n\n"),
  reminder: (outputs) =>
    `Answer with the sections ${outputs.map((field) => marker(field.name)).join(", then ")}, then ${
      marker(completed)
    }.`,
  responseFormat: () => ({ _tag: "Text" }),
  pieces: (outputs) => [
    ...outputs.flatMap((field, index): ReadonlyArray<ReplyPiece> => [
      { _tag: "Literal", text: `${index === 0 ? "" : "\n\n"}${marker(field.name)}\n` },
      pieceOf(field)
    ]),
    { _tag: "Literal", text: `\n\n${marker(completed)}` }
  ]
}

/** What stands for a field between the fixed text of a reply. */
export const pieceOf = (field: Field): ReplyPiece =>
  field.kind === "text"
    ? { _tag: "Text", field: field.name }
    : { _tag: "Json", field: field.name, schema: field.jsonSchema }

export const chatOptions: Adapter.Options = { name: "Chat", format: formatter(form), scanner: chatScanner }

export const chatAdapter: Adapter.Adapter = Adapter.make({ ...chatOptions, fallback: jsonAdapter })
