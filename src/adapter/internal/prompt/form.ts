/**
 * The parts of a form that may be left out, filled in.
 */
import type { Field } from "../../../signature/Field.ts"
import * as Signature from "../../../signature/Signature.ts"
import * as Kinds from "../../../text/kinds.ts"
import { onlyKnown } from "../../../text/options.ts"
import type { Form } from "../../Form.ts"
import type * as Scanner from "../../Scanner.ts"
import { finds } from "../reply/finds.ts"
import { type Inert, patternOf } from "./inert.ts"
import { schemaOf } from "./media.ts"

/** A form with all its parts filled in. Only `pieces`, by which a model can be held to the form, may be missing. */
export type Whole =
  & { readonly [K in Exclude<keyof Form, "reply" | "pieces">]-?: NonNullable<Form[K]> }
  & Pick<Form, "reply" | "pieces">

/** The form with its defaults, in an adapter of this scanner. */
export const whole = (form: Form, scanner: Scanner.Make): Whole => {
  onlyKnown("Adapter.fromForm: the form", form, {
    reply: Kinds.needed(Kinds.fn()),
    input: Kinds.needed(Kinds.fn()),
    output: Kinds.needed(Kinds.fn()),
    reminder: Kinds.fn(),
    responseFormat: Kinds.fn(),
    pieces: Kinds.fn(),
    inert: Kinds.fn(),
    aside: Kinds.fn(),
    readers: Kinds.list("functions that make scanners"),
    type: Kinds.fn(),
    schema: Kinds.fn(),
    again: Kinds.text
  })
  return {
    reply: form.reply,
    input: form.input,
    output: form.output,
    reminder: form.reminder ?? ((outputs) => form.reply(outputs) === undefined ? "" : reminder(outputs)),
    responseFormat: form.responseFormat ?? (() => ({ _tag: "Text" })),
    pieces: form.pieces,
    inert: form.inert ?? dotting(scanner),
    aside: form.aside ?? ((name, text) => form.input(name, text, "text")),
    readers: form.readers ?? [scanner],
    type: form.type ?? (({ type }) => type),
    schema: form.schema ?? schemaOf,
    again: form.again ?? "in the form that was asked for"
  }
}

const reminder = (outputs: ReadonlyArray<Field>): string =>
  `Reply in the form that you were told, with ${outputs.map(({ name }) => `\`${name}\``).join(", then ")}.`

/**
 * Writes a dot into the names of the fields that the scanner finds in a text. Each line is looked at by itself, since what
 * stands before it in a prompt is another text, and then all of it.
 */
const dotting = (scanner: Scanner.Make) => (names: ReadonlyArray<string>): Inert => {
  const fields = [...new Set(names)].filter(isName)
  if (fields.length === 0) return (text) => text
  const signature = Signature.from(`-> ${fields.join(", ")}`)
  const pattern = patternOf(fields)
  const named = new RegExp(pattern, "i")
  const anywhere = new RegExp(pattern, "gi")
  // In JSON a name may stand behind an escape (`\n`), whose letter is no part of the name: escapes are matched first.
  const inJson = new RegExp(String.raw`\\(?:u[0-9a-f]{4}|.)|${pattern}`, "gi")
  const isRead = (text: string) => named.test(text) && finds(signature, scanner, text)
  const dotted = (text: string) =>
    text.replace(anywhere, (name) => {
      const [first, ...rest] = name
      return `${first}\u00b7${rest.join("")}`
    })
  const escaped = (text: string) =>
    text.replace(
      inJson,
      (found) =>
        found.startsWith("\\") ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}${found.slice(1)}`
    )
  return (text, kind) => {
    if (kind === "json") return isRead(text) ? escaped(text) : text
    const lines = text.split("\n").map((line) => isRead(line) ? dotted(line) : line).join("\n")
    return isRead(lines) ? dotted(lines) : lines
  }
}

const isName = (name: string): boolean =>
  /^[\p{L}\p{M}\p{N}_]+$/u.test(name) && Signature.parse(`-> ${name}`)._tag === "Success"
