/**
 * Inputs as variables of code: the model is told what each is, how long it is and how it begins, and reads the rest by code.
 */
import type { Field } from "../../signature/Field.ts"
import * as Signature from "../../signature/Signature.ts"
import { bounded } from "../../tool/internal/text.ts"
import { namesOf } from "./codeNames.ts"

type Fields = Readonly<Record<string, unknown>>

/** Variables by the names that they have in code, and what the model is told of them. */
export interface Variables {
  readonly values: Fields
  readonly info: string
}

/**
 * Whether an input is a variable. Pictures, sounds, files and a conversation stay what they are to the model: no code could read
 * them.
 */
export const isVariable = ({ contents, isHistory }: Field): boolean => contents.length === 0 && !isHistory

/** Makes variables of inputs that were checked. Names that are `taken` mean something else in code. */
export const of = (signature: Signature.Any, inputs: Fields, taken: ReadonlyArray<string>): Variables => {
  const fields = new Map(signature.inputFields.filter(isVariable).map((field) => [field.name, field]))
  const given = Object.fromEntries(Object.entries(inputs).filter(([name]) => fields.has(name)))
  const encoded = Signature.encodeInputs(signature, given)
  const named = [...namesOf([...fields.keys()], taken)].map(([own, name]) =>
    [own, fields.get(name)!, encoded[name] ?? null] as const
  )
  return {
    values: Object.fromEntries(named.map(([own, , value]) => [own, value])),
    info: named.map(([own, field, value]) => told(own, field, value)).join("\n\n")
  }
}

// Details

/** The most characters of a variable that the model is shown. */
const mostShown = 500

const told = (own: string, { description, type }: Field, value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  const what = description === undefined ? "" : ` (${description})`
  const size = `${entriesOf(value)}${counted(text.length, "character")}`
  const begins = text.length > mostShown ? "It begins with" : "It is"
  return `${own}: ${type}${what}, ${size}. ${begins}:\n${bounded(text, mostShown)}`
}

const entriesOf = (value: unknown): string =>
  Array.isArray(value)
    ? `${counted(value.length, "item")}, as JSON `
    : typeof value === "object" && value !== null
    ? `${counted(Object.keys(value).length, "key")}, as JSON `
    : ""

const counted = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`
