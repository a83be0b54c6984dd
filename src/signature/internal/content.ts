/**
 * Pictures, sounds and files, as data: what a message is made of, and what an input may be. Nothing here reads or fetches them.
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"

// Models

/** Bytes that are somewhere else: nothing here fetches them, the provider does. */
export const Url = Schema.TaggedStruct("Url", {
  url: Schema.String,
  mediaType: Schema.optionalKey(Schema.String)
})
export interface Url extends Schema.Schema.Type<typeof Url> {}

/** Bytes in base64 (RFC 4648, section 4), and what they are: `image/png`. */
export const Base64 = Schema.TaggedStruct("Base64", { data: Schema.String, mediaType: Schema.String })
export interface Base64 extends Schema.Schema.Type<typeof Base64> {}

/** Where the bytes of a part are. */
export const Source: Schema.Codec<Source> = Schema.Union([Url, Base64])
export type Source = Url | Base64

/** The annotation by which a schema is known as one of such content; its value is the kind. */
export const contentKey = "effect-lm/signature/content"

/** A picture. */
export const Image = Schema.TaggedStruct("Image", { source: Source }).annotate({ [contentKey]: "Image" })
export interface Image extends Schema.Schema.Type<typeof Image> {}

/** Speech, music, any sound. */
export const Audio = Schema.TaggedStruct("Audio", { source: Source }).annotate({ [contentKey]: "Audio" })
export interface Audio extends Schema.Schema.Type<typeof Audio> {}

/** Any other file, such as a PDF. */
export const File = Schema.TaggedStruct("File", { source: Source, name: Schema.optionalKey(Schema.String) })
  .annotate({ [contentKey]: "File" })
export interface File extends Schema.Schema.Type<typeof File> {}

/** Content that is no text. */
export type Media = Image | Audio | File

/** What content is. */
export type Kind = Media["_tag"]

/** The kinds in words. */
export const words: Readonly<Record<Kind, string>> = { Image: "an image", Audio: "a recording", File: "a file" }

// Guards

export const isKind = (value: unknown): value is Kind => value === "Image" || value === "Audio" || value === "File"

/** Whether a JSON value has the form of such content. What it means where it stands, the schema there says. */
export const isMedia = (value: unknown): value is Media =>
  Predicate.hasProperty(value, "_tag") && isKind(value._tag) &&
  Predicate.hasProperty(value, "source") && Predicate.hasProperty(value.source, "_tag") &&
  (value.source._tag === "Base64" && "data" in value.source || value.source._tag === "Url" && "url" in value.source)

// Made by us

/**
 * Takes note of content that a program has made. Data that merely looks like it, in what a tool has read from somewhere, is none:
 * a model's provider would load what it names.
 */
export const made = <A extends Media>(media: A): A => {
  own.add(media)
  return media
}

/** Whether a program has made this value as content. */
export const isMade = (value: unknown): value is Media => typeof value === "object" && value !== null && own.has(value)

const own = new WeakSet<object>()

// Schemas

/** What content values of this very schema are, if they are some. */
export const kindOf = (ast: SchemaAST.AST): Kind | undefined => {
  const kind = ast.annotations?.[contentKey]
  return isKind(kind) ? kind : undefined
}

/** The kinds of content that values of a schema may have somewhere. */
export const kindsIn = (ast: SchemaAST.AST): ReadonlySet<Kind> => {
  const found = new Set<Kind>()
  const seen = new Set<SchemaAST.AST>()
  const visit = (ast: SchemaAST.AST): void => {
    if (seen.has(ast)) return
    seen.add(ast)
    const kind = kindOf(ast)
    if (kind !== undefined) found.add(kind)
    else for (const inner of insideOf(ast)) visit(inner)
  }
  visit(ast)
  return found
}

const insideOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> => {
  switch (ast._tag) {
    case "Arrays":
      return [...ast.elements, ...ast.rest]
    case "Objects":
      return [...ast.propertySignatures, ...ast.indexSignatures].map(({ type }) => type)
    case "Union":
      return ast.types
    case "Suspend":
      return [ast.thunk()]
    default:
      return []
  }
}
