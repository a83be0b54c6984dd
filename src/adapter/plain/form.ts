/**
 * The plain form: no form at all.
 */
import type * as Signature from "../../signature/Signature.ts"
import * as Adapter from "../Adapter.ts"
import { chatScanner } from "../chat/again.ts"
import { type Form, pieceOf } from "../Form.ts"
import { withoutTags } from "../internal/prompt/element.ts"
import { section, withoutMarkers } from "../internal/prompt/section.ts"
import { json } from "../json/form.ts"
import { jsonScanner } from "../json/scanner.ts"
import type { Scanner } from "../Scanner.ts"
import { xmlScanner } from "../xml/scanner.ts"

const form: Form = {
  reply: () => undefined,
  // A conversation that begins plainly may go on in any form.
  inert: (names) => {
    const [marks, tags] = [withoutMarkers(names), withoutTags(names)]
    return (text, kind) => tags(marks(text, kind), kind)
  },
  readers: [chatScanner, jsonScanner, xmlScanner],
  input: section,
  output: (values) => values[0]?.text ?? "",
  pieces: (outputs) => outputs.filter(({ kind }) => kind === "text").slice(0, 1).map(pieceOf),
  again: "without anything around it"
}

/** All text is the first text field's; a reply without any text is an empty one. */
const plainScanner = (signature: Signature.Any): Scanner => {
  const field = signature.outputFields.find(({ kind }) => kind === "text")?.name
  let begun = false
  return {
    push: (text, sink) => {
      if (field === undefined) return
      if (!begun) sink.open(field, { bare: true })
      begun = true
      sink.write(text)
    },
    end: (sink) => {
      if (field !== undefined && !begun) sink.open(field)
    }
  }
}

export const plain: Adapter.Adapter = Adapter.fromForm({ name: "Plain", form, scanner: plainScanner, fallback: json })
