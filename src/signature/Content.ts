/**
 * Pictures, sounds and files, as data: what a message is made of, and what an input may be. Nothing here reads or fetches them.
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { contentKey } from "./internal/content/kinds.ts"

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
export const Media: Schema.Codec<Media> = Schema.Union([Image, Audio, File])
export type Media = Image | Audio | File

/** What content is. */
export type Kind = Media["_tag"]

/** The kinds in words. */
export const words: Readonly<Record<Kind, string>> = { Image: "an image", Audio: "a recording", File: "a file" }

// Guards

/** Whether a value names a kind of content. */
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
