/**
 * A document, as an input of a signature: a text with a title, which an answer may cite (see `Citations`).
 *
 * The model reads it as text, under its number among the call's documents. The value is plain data: it survives JSON, demos,
 * histories, events and stores. What is no text, such as a PDF, is a `File`, which cannot be cited.
 *
 * @example
 * const ask = Predict.make("docs: list[Document], question -> answer, sources: Citations")
 * const { sources } = yield* ask({ docs: [Document.make("The Moon pulls.", { title: "Tides" })], question: "Why tides?" })
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Kinds from "../text/kinds.ts"
import { given, onlyKnown } from "../text/options.ts"
import { documentKey } from "./internal/marks.ts"

// Models

/** A text that can be cited. */
export interface Document {
  readonly _tag: "Document"
  readonly text: string
  /** What the document is called, as the model is told. */
  readonly title?: string
  /** What kind of text it is, as the model is told; `text/plain` if left out. */
  readonly mediaType?: string
}

/** What is said of a document. */
export interface Options {
  /** What the document is called; nothing if left out. */
  readonly title?: string | undefined
  /** What kind of text it is: `text/markdown`; `text/plain` if left out. */
  readonly mediaType?: string | undefined
}

/** The schema of documents. */
export interface DocumentSchema
  extends Schema.Bottom<Document, { readonly text: string } | string, never, never, SchemaAST.AST, DocumentSchema>
{}

// Constructors

/** Media types whose bytes are a text that a model reads. */
const textType = /^(?:text\/[\w.+-]+|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|toml|x-ndjson|javascript|sql))$/i

const noText = (mediaType: string): string =>
  `${mediaType} is the media type of no text, as text/plain or text/markdown is: make the input a File`

const MediaType = Schema.String.check(
  Schema.makeFilter((type: string) => textType.test(type) ? undefined : noText(type), {
    expected: "the media type of a text"
  })
)

const data = Schema.TaggedStruct("Document", {
  text: Schema.String,
  title: Schema.optionalKey(Schema.String),
  mediaType: Schema.optionalKey(MediaType)
}).annotate({ [documentKey]: true })

/** What JSON may have in the place of a document: a text, and an object without the tag. */
const written = Schema.Union([
  Schema.Struct({
    _tag: Schema.optionalKey(Schema.Literal("Document")),
    text: Schema.String,
    title: Schema.optionalKey(Schema.String),
    mediaType: Schema.optionalKey(Schema.String)
  }),
  Schema.String
]).annotate({ [documentKey]: true })

/** A document, `Document` in signature strings. In JSON a text may stand for one, and so may `{ "text", "title", "mediaType" }`. */
export const Document: DocumentSchema = Schema.make<DocumentSchema>(
  written.pipe(Schema.decodeTo(
    data,
    SchemaTransformation.transformEffect({
      decode: (given: typeof written.Type) =>
        Effect.succeed<Document>(typeof given === "string" ? make(given) : { ...given, _tag: "Document" }),
      encode: (document: Document): Effect.Effect<typeof written.Type> => Effect.succeed(document)
    })
  )).ast
)

/**
 * A document of this text. Throws a `TypeError` where that is no text, or has the media type of something else.
 *
 * @example
 * const doc = Document.make("# Tides\n\nThe Moon pulls.", { title: "Tides", mediaType: "text/markdown" })
 */
export function make(text: string, options: Options = {}): Document {
  given("Document.make", { text: Kinds.text }, [text])
  const { mediaType, title } = onlyKnown("Document.make", options, {
    title: Kinds.text,
    mediaType: Kinds.make("the media type of a text, as \"text/markdown\"", (value) => textType.test(String(value)))
  })
  return {
    _tag: "Document",
    text,
    ...(title === undefined ? undefined : { title }),
    ...(mediaType === undefined ? undefined : { mediaType })
  }
}
