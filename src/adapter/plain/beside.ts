/**
 * The plain form, whatever else its conversation may be read by.
 */
import type * as Signature from "../../signature/Signature.ts"
import * as Adapter from "../Adapter.ts"
import { type Form, pieceOf } from "../Form.ts"
import { withoutTags } from "../internal/prompt/element.ts"
import { section, withoutMarkers } from "../internal/prompt/section.ts"
import { json } from "../json/form.ts"
import type { Scanner } from "../Scanner.ts"

/** The plain adapter of a conversation that goes on in forms with these scanners. */
export const plainBeside = (readers: NonNullable<Form["readers"]>): Adapter.Adapter =>
  Adapter.fromForm({ name: "Plain", form: { ...form, readers }, scanner: plainScanner, fallback: json })

const form: Form = {
  reply: () => undefined,
  // A conversation that begins plainly may go on in any form.
  inert: (names) => {
    const [marks, tags] = [withoutMarkers(names), withoutTags(names)]
    return (text, kind) => tags(marks(text, kind), kind)
  },
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
