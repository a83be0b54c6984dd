/**
 * Pictures, sounds and files among the inputs: each stands in its message as itself, where its text would be. Their bytes are
 * never written as text.
 */
import * as Predicate from "effect/Predicate"
import type * as Content from "../../lm/LMContent.ts"
import type { Field } from "../../signature/Field.ts"

/** Content that is no text. */
export type Media = Content.Image | Content.Audio | Content.File

/** A message's content while it is written. */
export type Piece = string | Media

/** Stands in a text where the next of its parts stands in the message. Unicode has no such character. */
const hole = "\ufffe"

// Fields

/**
 * Whether the field's schema has such content somewhere. Data that looks like it in a field of any JSON is data: a model's
 * provider would load what it names.
 */
export const mayHold = (field: Field): boolean => {
  if (field.kind === "text") return false
  let held = known.get(field)
  if (held === undefined) known.set(field, held = spelled.test(field.type))
  return held
}

const known = new WeakMap<Field, boolean>()
const spelled = /\{ _tag: "(?:Image|Audio|File)"; source: /

/** The field's type as a prompt tells it: how the content is encoded is nothing to the model. */
export const typeOf = (field: Field): string => mayHold(field) ? field.type.replaceAll(encoded, "$1") : field.type

/** The field's JSON schema as a prompt tells it. */
export const schemaOf = (field: Field): string =>
  JSON.stringify(field.jsonSchema, mayHold(field) ? (_, schema) => inWords(schema) ?? schema : undefined)

const inWords = (schema: unknown): object | undefined => {
  if (!Predicate.hasProperty(schema, "properties") || !Predicate.isObject(schema.properties)) return undefined
  const { _tag, source } = schema.properties
  if (source === undefined || !Predicate.hasProperty(_tag, "enum") || !Array.isArray(_tag.enum)) return undefined
  const tag: unknown = _tag.enum[0]
  return tag === "Image" || tag === "Audio" || tag === "File" ? { description: words[tag] } : undefined
}

const source = String.raw`\{ _tag: "(?:Url|Base64)"; [^{}]*\}`
const encoded = new RegExp(
  String.raw`\{ _tag: "(Image|Audio|File)"; source: ${source}(?: \| ${source})?(?:; name\?: string)? \}`,
  "g"
)

// Values

/** A value's text, as JSON with a hole for each part; parts alone are written without brackets. */
export const textOf = (json: unknown): { readonly text: string; readonly parts: ReadonlyArray<Media> } => {
  const parts: Array<Media> = []
  const write = (value: unknown): string => {
    if (isMedia(value)) {
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
  const text = Array.isArray(json) && json.length > 0 && json.every(isMedia) ? json.map(write).join("") : write(json)
  return { text, parts }
}

/** The value with words in the place of bytes, for where no part can stand. */
export const withoutBytes = (json: unknown): unknown => {
  if (typeof json !== "object" || json === null) return json
  if (isMedia(json)) return json.source._tag === "Url" ? json : `(${words[json._tag]})`
  return Array.isArray(json)
    ? json.map(withoutBytes)
    : Object.fromEntries(Object.entries(json).map(([key, value]) => [key, withoutBytes(value)]))
}

const words = { Image: "an image", Audio: "a recording", File: "a file" } as const

const isMedia = (value: unknown): value is Media =>
  Predicate.hasProperty(value, "_tag") && (value._tag === "Image" || value._tag === "Audio" || value._tag === "File") &&
  Predicate.hasProperty(value, "source") && Predicate.hasProperty(value.source, "_tag") &&
  (value.source._tag === "Base64" && "data" in value.source || value.source._tag === "Url" && "url" in value.source)

// Messages

/** A text that may have holes, as pieces. Where a form has not left them as they were, the parts follow the text. */
export const fill = (written: string, parts: ReadonlyArray<Media> = []): ReadonlyArray<Piece> => {
  if (parts.length === 0) return [written]
  const texts = written.split(hole)
  return texts.length === parts.length + 1
    ? texts.flatMap((text, at) => at === 0 ? [text] : [parts[at - 1]!, text])
    : [texts.join(""), ...parts]
}

/** The content of a message: text that meets text is one part, and there is no empty part beside others. */
export const content = (pieces: ReadonlyArray<Piece>): string | ReadonlyArray<Content.Text | Media> => {
  const parts: Array<Content.Text | Media> = []
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

/** The same without white space at its end. */
export const trimmed = (pieces: ReadonlyArray<Piece>): string | ReadonlyArray<Content.Text | Media> => {
  const whole = content(pieces)
  if (typeof whole === "string") return whole.trimEnd()
  const last = whole.at(-1)
  if (last?._tag !== "Text") return whole
  const text = last.text.trimEnd()
  return text === "" ? whole.slice(0, -1) : [...whole.slice(0, -1), { ...last, text }]
}
