/**
 * Citations, as an output of a signature: words of the call's documents (see `Document`), and where they stand.
 *
 * The model writes the words and the number of their document. A predictor looks for them there: each citation that it gives
 * has its place, and one that is in no document is an issue, of which the model is told. Places are not the model's.
 *
 * @example
 * const ask = Predict.make("docs: list[Document], question -> answer, sources: Citations")
 * const { sources } = yield* ask({ docs: [Document.make("The Moon pulls.")], question: "Why are there tides?" })
 * sources[0] // => { text: "The Moon pulls.", document: 0, start: 0, end: 15 }
 */
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Kinds from "../text/kinds.ts"
import { combinator } from "../text/options.ts"
import type { Document } from "./Document.ts"
import type { FieldIssue } from "./Field.ts"
import { placed } from "./internal/citations.ts"
import { citationKey } from "./internal/marks.ts"

// Models

const index = Schema.Int.annotate({ readOnly: true }).pipe(
  Schema.withDecodingDefaultKey(Effect.succeed(-1)),
  Schema.withConstructorDefault(Effect.succeed(-1))
)

/**
 * Words of a document. `document` is its number among the call's documents, from 0, and `title` its title, if it has one. The words
 * stand in its text from the UTF-16 index `start` to `end`, which is behind them; both are -1 where nobody has looked for them, as
 * in JSON that came from no predictor. White space, quotes and dashes in `text` are the model's.
 */
export const Citation = Schema.Struct({
  text: Schema.String.annotate({ description: "words of the document, exactly as they stand there" }),
  document: Schema.Int.annotate({ description: "the number of the document" }),
  title: Schema.optionalKey(Schema.String.annotate({ readOnly: true })),
  start: index,
  end: index
}).annotate({ [citationKey]: true })
export interface Citation extends Schema.Schema.Type<typeof Citation> {}

/** Citations, `Citations` in signature strings. A {@link Citation} may stand in any other schema, too. */
export const Citations = Schema.Array(Citation).annotate({
  description: "words of the documents, which show that the rest is right"
})
export type Citations = ReadonlyArray<Citation>

// Combinators

/** Words of a document, without their place. A `start` counts where the words do stand there. */
export interface Words extends Pick<Citation, "text" | "document">, Partial<Pick<Citation, "start">> {}

/** Citations in their places, or what is wrong with them. */
export type Placed = Result.Result<Citations, ReadonlyArray<FieldIssue>>

const aDocument = Kinds.objectOf("a document, as Document.make gives one")
const words = Kinds.objectOf("a citation, as { text: \"Moon\", document: 0 } is one")

/**
 * The citations with their places in the documents, as a predictor places its own; or, by path, what is wrong with each that is
 * in no document. For words that come from elsewhere: a store, an example, a provider's own citations.
 *
 * @example
 * const found = Citations.place([Document.make("The Moon pulls.")], [{ text: "Moon", document: 0 }])
 * Result.getOrThrow(found) // => [{ text: "Moon", document: 0, start: 4, end: 8 }]
 */
export const place: {
  (citations: ReadonlyArray<Words>): (documents: ReadonlyArray<Document>) => Placed
  (documents: ReadonlyArray<Document>, citations: ReadonlyArray<Words>): Placed
} = combinator(
  "Citations.place",
  { documents: Kinds.listOf("documents", aDocument), citations: Kinds.listOf("citations", words) },
  (documents: ReadonlyArray<Document>, citations: ReadonlyArray<Words>): Placed =>
    placed(Citations, documents, citations, []) as Placed // a value of the schema with places
)
