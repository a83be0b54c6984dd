/**
 * How an adapter writes: fields, examples, earlier turns and replies, and what it asks of the model.
 *
 * A form says what one field and one reply look like. Everything that is the same for all adapters is made of that: the task,
 * the fields' descriptions and constraints, examples, histories, an agent's turns, pictures among the inputs, feedback. See
 * `Adapter.fromForm`.
 */
import type { ReplyPiece, ResponseFormat } from "../lm/LMRequest.ts"
import type { Field } from "../signature/Field.ts"
import { shownJson } from "../signature/internal/readOnly.ts"
import type { Inert } from "./internal/prompt/inert.ts"
import { mayHold, withoutBytes } from "./internal/prompt/media.ts"
import { written } from "./internal/prompt/written.ts"
import type * as Scanner from "./Scanner.ts"

// Models

export type { Inert } from "./internal/prompt/inert.ts"

/** A field's value: as JSON, and as text that needs no quotes around a string. `kind` is the text's: JSON, or free text. */
export interface Value {
  readonly name: string
  readonly json: unknown
  readonly text: string
  readonly kind: Field["kind"]
}

/**
 * What is an adapter's own in a prompt. `reply`, `input` and `output` are all that a small form needs.
 *
 * @example
 * const form: Form.Form = {
 *   reply: (outputs) => `Reply with a line for each field:\n${outputs.map(({ name }) => `${name}=...`).join("\n")}`,
 *   input: (name, text) => `${name}=${text}`,
 *   output: (values, inert) => values.map(({ kind, name, text }) => `${name}=${inert(text, kind)}`).join("\n")
 * }
 */
export interface Form {
  /** What the model is told of the reply's form; where that is undefined, it is not told of output fields either. */
  readonly reply: (outputs: ReadonlyArray<Field>) => string | undefined
  /**
   * One input, whose text {@link Form.inert} has written: free text, or JSON. A picture, a sound or a file stands where the text
   * would.
   */
  readonly input: (name: string, text: string, kind: Field["kind"]) => string
  /** A reply, as the model should write it. Text that the form cannot quote goes through `inert`. */
  readonly output: (values: ReadonlyArray<Value>, inert: Inert) => string
  /** The last line of a question: what to answer with. By default a sentence that names the fields. */
  readonly reminder?: ((outputs: ReadonlyArray<Field>) => string) | undefined
  /** What a provider is asked to hold the reply to; text by default. */
  readonly responseFormat?: ((outputs: ReadonlyArray<Field>) => ResponseFormat) | undefined
  /**
   * The reply's grammar, for a model that is held to it token by token: see `LMRequest.ReplyPiece`. Such a model is not held
   * if left out.
   */
  readonly pieces?: ((outputs: ReadonlyArray<Field>) => ReadonlyArray<ReplyPiece>) | undefined
  /**
   * Makes the function that writes foreign text so that nothing in it is a mark of the form; `names` are the fields' names. By
   * default a line in which the adapter's scanner finds a field is written with a dot in the field's name, `a·nswer: 42`, or
   * in JSON with its first letter escaped. A form whose `input` quotes its text says `() => (text) => text`.
   */
  readonly inert?: ((names: ReadonlyArray<string>) => Inert) | undefined
  /** A text that is no input, such as a tool's result, where it would be read as a reply without a heading; `input` by default. */
  readonly aside?: ((name: string, text: string) => string) | undefined
  /** What may read a reply in a conversation of this form; the adapter's scanner by default. */
  readonly readers?: ReadonlyArray<Scanner.Make> | undefined
  /** The type of an output, where the outputs are listed; the field's own spelling by default. */
  readonly type?: ((field: Field) => string) | undefined
  /**
   * What the model is told of the inside of an output of kind `json` that has objects or dates in it, after `JSON schema:`; its JSON
   * Schema by default, nothing where that is undefined.
   */
  readonly schema?: ((field: Field) => string | undefined) | undefined
  /** How a reply is to be written again, at the end of a sentence; `in the form that was asked for` by default. */
  readonly again?: string | undefined
}

// Combinators

export { patternOf } from "./internal/prompt/inert.ts"

/** An output's value, as a form writes it; pictures that are bytes are words, and what the program sets is left out. */
export const valueOf = (field: Field, json: unknown): Value =>
  written(
    field.name,
    shownJson(field.schema, mayHold(field) ? withoutBytes(json) : json),
    field.kind === "text" || field.literals !== undefined
  )

/** What to write for a field, in words: `answer`, `score, as JSON: number`. */
export const hintOf = (field: Field): string =>
  field.kind === "text"
    ? field.name
    : field.literals !== undefined
    ? `${field.name}: ${field.literals.map(String).join(" or ")}${field.nullable ? " or null" : ""}`
    : `${field.name}, as JSON: ${field.type}`

/** A field's value, as a provider can hold a model to it. */
export const pieceOf = (field: Field): ReplyPiece =>
  field.kind === "text"
    ? { _tag: "Text", field: field.name }
    : { _tag: "Json", field: field.name, schema: field.jsonSchema }
