/**
 * Foreign text of one call: inputs, examples, tool results. Whatever it says, no reader of replies finds a field in it: none of
 * the call's own signature, and none of what the conversation asks for later.
 */
import type * as Signature from "../../../signature/Signature.ts"
import type { Value } from "../../Form.ts"
import { perSignature } from "../perSignature.ts"
import { finds } from "../reply/finds.ts"
import { namesOf } from "./fieldText.ts"
import type { Whole } from "./form.ts"
import { type Inert, patternOf } from "./inert.ts"

/** Writes foreign text. */
export interface Foreign {
  readonly inert: Inert
  /** An input of the signature. */
  readonly input: (value: Value) => string
  /** A value that follows a reply. */
  readonly told: (value: Value) => string
  /** A text that is a message of its own: a tool's result. */
  readonly alone: (text: string) => string
  /** A text that stands behind other text. */
  readonly remark: (text: string) => string
}

/** How this form writes the foreign text of a signature, in a conversation that asks for the fields of another one later. */
export const foreignOf = (form: Whole): (signature: Signature.Any, later?: Signature.Any) => Foreign => {
  const known = perSignature((signature) => perSignature((later) => make(form, signature, later)))
  return (signature, later = signature) => known(signature)(later)
}

const make = (form: Whole, signature: Signature.Any, later: Signature.Any): Foreign => {
  const signatures = later === signature ? [signature] : [signature, later]
  const inert = form.inert([...new Set(signatures.flatMap(namesOf))])
  const outputs = signatures.flatMap(({ outputFields }) => outputFields.map(({ name }) => name))
  const above = ["observation", "result", "text"].find((name) => !outputs.includes(name)) ?? ""
  // Marks and tags of the fields are gone: what is left to be read are objects and lists.
  const named = new RegExp(patternOf(outputs), "i")
  const mayHold = (text: string) => {
    const at = text.search(/[{[]/)
    return at !== -1 && named.test(text.slice(at))
  }
  const readers = signatures.flatMap((signature) =>
    form.readers.map((reader) => ({ signature, reader, signs: reader.signs?.(signature) }))
  )
  const isRead = (text: string) =>
    readers.some(({ reader, signature, signs }) => signs?.test(text) !== false && finds(signature, reader, text))
  const under = (text: string, write: (text: string) => string): string => {
    const written = write(form.aside(above, text))
    // Behind the end of a thought a reader begins anew.
    return isRead(written) ? write(form.aside(above, text.replaceAll("<", "&lt;"))) : written
  }
  const told = ({ kind, name, text }: Value): string => {
    const said = inert(text, kind)
    const written = form.input(name, said, kind)
    return mayHold(said) && isRead(written) ? under(said, (text) => form.input(name, text, kind)) : written
  }
  return {
    inert,
    // A reader knows a signature's own inputs, and takes nothing in them for a reply.
    input: later === signature ? ({ kind, name, text }) => form.input(name, inert(text, kind), kind) : told,
    told,
    alone: (text) => {
      const said = inert(text, "text")
      return isRead(said) ? under(said, (text) => text) : said
    },
    remark: (text) => {
      const said = inert(text, "text")
      // A text that would begin a string where it stands alone does not begin one here.
      return isRead(said) || isRead(`-\n\n${said}`) ? under(said, (text) => text) : said
    }
  }
}
