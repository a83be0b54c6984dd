/**
 * The Chat form: sections under markers.
 */
import type { ReplyPiece } from "../../lm/LMRequest.ts"
import * as Adapter from "../Adapter.ts"
import { type Form, hintOf, pieceOf } from "../Form.ts"
import { marker, section, withoutMarkers } from "../internal/prompt/section.ts"
import { json } from "../json/form.ts"
import { chatScanner } from "./again.ts"
import { completed } from "./marker.ts"

const form: Form = {
  reply: (outputs) =>
    "Reply in sections, in this order. Each begins with its marker on a line of its own; the reply ends with the last " +
    `marker:\n\n${reply(outputs.map((field) => section(field.name, `{${hintOf(field)}}`)))}`,
  inert: withoutMarkers,
  input: section,
  output: (values, inert) => reply(values.map(({ kind, name, text }) => section(name, inert(text, kind)))),
  reminder: (outputs) =>
    `Reply with ${outputs.map((field) => `${marker(field.name)}, then `).join("")}${marker(completed)}.`,
  pieces: (outputs) => [
    ...outputs.flatMap((field, index): ReadonlyArray<ReplyPiece> => [
      { _tag: "Literal", text: `${index === 0 ? "" : "\n\n"}${marker(field.name)}\n` },
      pieceOf(field)
    ]),
    { _tag: "Literal", text: `\n\n${marker(completed)}` }
  ],
  again: "with every section under its marker"
}

const reply = (sections: ReadonlyArray<string>): string => [...sections, marker(completed)].join("\n\n")

/** Without a fallback. */
export const chatAlone: Adapter.Adapter = Adapter.fromForm({ name: "Chat", form, scanner: chatScanner })

/** With the JSON adapter for replies that lack fields. */
export const chat: Adapter.Adapter = { ...chatAlone, fallback: json }
