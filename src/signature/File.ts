/**
 * A file, as an input of a signature: a PDF, a table, a text.
 *
 * It is an address, which the provider loads, or bytes. Nothing is fetched or read unless it is asked for: `fromPath` and `fetch`
 * are Effects that do so. The value is plain data: it survives JSON, demos, histories, events and stores.
 *
 * @example
 * const see = Predict.make("report: File, question -> answer")
 * const { answer } = yield* see({ report: yield* File.fromPath("./report.pdf"), question: "What does it cost?" })
 */
import type * as Effect from "effect/Effect"
import * as Kinds from "../text/kinds.ts"
import * as Content from "./Content.ts"
import type { ContentError } from "./ContentError.ts"
import * as Constructors from "./internal/content/constructors.ts"
import * as MakeContent from "./internal/content/make.ts"
import type * as ReadContent from "./internal/content/read.ts"
import * as ContentSchema from "./internal/content/schema.ts"

// Models

export type { Base64, Kind, Source, Url } from "./Content.ts"
export type { ContentSchema } from "./internal/content/schema.ts"

/** What a file is called. */
export interface NameOption {
  /**
   * What the provider and the model are told; if left out, the last part of a path or of an address that was read, else
   * nothing.
   */
  readonly name?: string | undefined
}

/** What is said of an address. */
export interface UrlOptions extends MakeContent.UrlOptions, NameOption {}

/** What is said of bytes. */
export interface BytesOptions extends MakeContent.BytesOptions, NameOption {}

/** What is said of bytes that are fetched. */
export interface FetchOptions extends ReadContent.FetchOptions, NameOption {}

/**
 * A file: its schema, which JSON may fill with an address or a data URI as text, and its type. Any media type is one of a file;
 * PDF is what most providers take.
 */
export const File: ContentSchema.ContentSchema<Content.File> = ContentSchema.make("File", Content.File)
export interface File extends Content.File {}

/**
 * The most bytes that a file has where nothing else is said: 20 MiB (20,971,520). Constructors take another limit, as
 * `maxBytes`.
 */
export const maxBytes: number = MakeContent.maxBytes

// Constructors

const constructors = Constructors.make<File, NameOption>("File", { name: Kinds.text }, (source, options, from) => {
  const name = options.name ?? (from === undefined ? undefined : lastOf(from))
  return { _tag: "File", source, ...(name === undefined ? {} : { name }) }
})

/**
 * A file at an address (`https:`, `http:`, `gs:`), which the provider loads; a data URI is taken as its bytes. Throws a
 * {@link ContentError} at any other text.
 */
export const fromUrl: (url: string | URL, options?: UrlOptions) => File = constructors.fromUrl

/**
 * A file of bytes. What they are is told from how they begin, unless `mediaType` says so. Throws a {@link ContentError} where that
 * is unknown, is of another kind or contradicts the bytes, and at more than `maxBytes`.
 *
 * @example
 * File.fromBytes(pdf, { name: "report.pdf" })
 */
export const fromBytes: (bytes: Uint8Array | ArrayBuffer, options?: BytesOptions) => File = constructors.fromBytes

/** {@link fromBytes} of bytes in base64, as many services give them. */
export const fromBase64: (data: string, options?: BytesOptions) => File = constructors.fromBase64

/** {@link fromBytes} of a data URI, `data:application/pdf;base64,...`. */
export const fromDataUri: (uri: string, options?: BytesOptions) => File = constructors.fromDataUri

/**
 * {@link fromBytes} of a file of this machine, which is read when the Effect runs; on Node. Fails with `Unreadable` where that
 * cannot be done, and with `TooLarge` before a file is read that is.
 *
 * @example
 * const report = yield* File.fromPath("./report.pdf")
 */
export const fromPath: (path: string | URL, options?: BytesOptions) => Effect.Effect<File, ContentError> =
  constructors.fromPath

/**
 * {@link fromBytes} of what is at an address, which is fetched when the Effect runs: for addresses that the provider cannot reach.
 * Fails with `Unreadable` where that cannot be done or takes longer than `timeout`. Whoever chooses the address chooses what this
 * machine asks for.
 *
 * @example
 * const report = yield* File.fetch("http://localhost:3000/report.pdf")
 */
export const fetch: (url: string | URL, options?: FetchOptions) => Effect.Effect<File, ContentError> =
  constructors.fetch

// Details

/** The last part of a path or of an address. */
function lastOf(from: string | URL): string | undefined {
  const path = URL.canParse(String(from)) ? new URL(from).pathname : String(from)
  return /[^/\\]+(?=[/\\]*$)/.exec(path)?.[0]
}
