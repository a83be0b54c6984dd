/**
 * Pictures, sounds and files among the inputs: each stands in its message as itself, where its text would be. Their bytes are
 * never written as text.
 */
import * as Predicate from "effect/Predicate"
import type { Text } from "../../../lm/LMContent.ts"
import * as Content from "../../../signature/Content.ts"
import type { Field } from "../../../signature/Field.ts"

/** A message's content while it is written. */
export type Piece = string | Content.Media

/** Stands in a text where the next of its parts stands in the message. Unicode has no such character. */
const hole = "\ufffe"

// Fields

/**
 * Whether the field's schema has such content somewhere. Data that looks like it in a field of any JSON is data: a model's
 * provider would load what it names.
 */
export const mayHold = (field: Field): boolean => field.contents.length > 0

/**
 * The field's JSON schema as a prompt tells it. How pictures, files and documents are encoded is left out: the model sees them as
 * they are.
 */
export const schemaOf = (field: Field): string =>
  JSON.stringify(
    field.jsonSchema,
    mayHold(field) || field.hasDocuments ? (_, schema) => inWords(schema) ?? schema : undefined
  )

const inWords = (schema: unknown): object | undefined => {
  if (!Predicate.isObject(schema)) return undefined
  const { anyOf, properties } = schema
  // An address may stand in its place.
  if (Array.isArray(anyOf)) return anyOf.length === 2 && isText(anyOf[1]) ? inWords(anyOf[0]) : undefined
  if (!Predicate.hasProperty(properties, "_tag")) return undefined
  const tags = Predicate.hasProperty(properties._tag, "enum") ? properties._tag.enum : undefined
  const tag: unknown = Array.isArray(tags) ? tags[0] : undefined
  if (tag === "Document") return { description: "a document" }
  if (!Predicate.hasProperty(properties, "source")) return undefined
  return Content.isKind(tag) ? { description: Content.words[tag] } : undefined
}

const isText = (schema: unknown): boolean => Predicate.hasProperty(schema, "type") && schema.type === "string"

// Values

/** A value's text, as JSON with a hole for each part; parts alone are written without brackets. */
export const textOf = (json: unknown): { readonly text: string; readonly parts: ReadonlyArray<Content.Media> } => {
  const parts: Array<Content.Media> = []
  const write = (value: unknown): string => {
    if (Content.isMedia(value)) {
      parts.push(value)
      return hole
    }
    if (Array.isArray(value)) return `[${value.map(write).join(",")}]`
    if (typeof value !== "object" || value === null) return JSON.stringify(value).replaceAll(hole, "\\ufffe")
    return `{${
      Object.entries(value).flatMap(([key, member]) => member === undefined ? [] : [`${write(key)}:${write(member)}`])
        .join(",")
    }}`
  }
  const text = Array.isArray(json) && json.length > 0 && json.every(Content.isMedia)
    ? json.map(write).join("")
    : write(json)
  return { text, parts }
}

/** The value with words in the place of bytes, for where no part can stand. */
export const withoutBytes = (json: unknown): unknown => {
  if (typeof json !== "object" || json === null) return json
  if (Content.isMedia(json)) return json.source._tag === "Url" ? json : `(${Content.words[json._tag]})`
  return Array.isArray(json)
    ? json.map(withoutBytes)
    : Object.fromEntries(Object.entries(json).map(([key, value]) => [key, withoutBytes(value)]))
}

// Messages

/** A text that may have holes, as pieces. Where a form has not left them as they were, the parts follow the text. */
export const fill = (written: string, parts: ReadonlyArray<Content.Media> = []): ReadonlyArray<Piece> => {
  if (parts.length === 0) return [written]
  const texts = written.split(hole)
  return texts.length === parts.length + 1
    ? texts.flatMap((text, at) => at === 0 ? [text] : [parts[at - 1]!, text])
    : [texts.join(""), ...parts]
}

/** The content of a message: text that meets text is one part, and there is no empty part beside others. */
export const content = (pieces: ReadonlyArray<Piece>): string | ReadonlyArray<Text | Content.Media> => {
  const parts: Array<Text | Content.Media> = []
  let text = ""
  for (const piece of pieces) {
    if (typeof piece === "string") {
      text += piece
      continue
    }
    if (text !== "") parts.push({ _tag: "Text", text })
    text = ""
    parts.push(piece)
  }
  if (parts.length === 0) return text
  return text === "" ? parts : [...parts, { _tag: "Text", text }]
}

/** The content without white space at its end. */
export const trimmed = (pieces: ReadonlyArray<Piece>): string | ReadonlyArray<Text | Content.Media> => {
  const whole = content(pieces)
  if (typeof whole === "string") return whole.trimEnd()
  const last = whole.at(-1)
  if (last?._tag !== "Text") return whole
  const text = last.text.trimEnd()
  return text === "" ? whole.slice(0, -1) : [...whole.slice(0, -1), { ...last, text }]
}
