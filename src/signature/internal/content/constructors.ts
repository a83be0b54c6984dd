/**
 * What makes content of one kind: the same functions for each.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Kinds from "../../../text/kinds.ts"
import { given, type Names, onlyKnown } from "../../../text/options.ts"
import { type Kind, made, type Media, type Source } from "../../Content.ts"
import type { ContentError } from "../../ContentError.ts"
import * as MakeContent from "./make.ts"
import * as ReadContent from "./read.ts"

/** The constructors of content `A`, whose options may have more members than those of bytes. */
export interface Constructors<A, More> {
  readonly fromUrl: (url: string | URL, options?: MakeContent.UrlOptions & More) => A
  readonly fromBytes: (bytes: Uint8Array | ArrayBuffer, options?: MakeContent.BytesOptions & More) => A
  readonly fromBase64: (data: string, options?: MakeContent.BytesOptions & More) => A
  readonly fromDataUri: (uri: string, options?: MakeContent.BytesOptions & More) => A
  readonly fromPath: (path: string | URL, options?: MakeContent.BytesOptions & More) => Effect.Effect<A, ContentError>
  readonly fetch: (url: string | URL, options?: ReadContent.FetchOptions & More) => Effect.Effect<A, ContentError>
}

/** `of` makes the content of its source; `from` is the path or the address that was read. */
export const make = <A extends Media, More extends object>(
  kind: Kind,
  more: Names<More>,
  of: (source: Source, options: More, from?: string | URL) => A
): Constructors<A, More> => {
  const urlNames: Names<object> = { ...urlOptions, ...more }
  const bytesNames: Names<object> = { ...bytesOptions, ...more }
  const fetchNames: Names<object> = { ...fetchOptions, ...more }

  /** One that makes its content at once. */
  const now = <T, O extends object>(
    name: string,
    takes: Readonly<Record<string, Kinds.Kind>>,
    names: Names<object>,
    source: (kind: Kind, value: T, options: O) => Result.Result<Source, ContentError>
  ) =>
  (value: T, options?: O & More): A => {
    given(`${kind}.${name}`, takes, [value])
    const known = onlyKnown(`${kind}.${name}`, options ?? {}, names) as O & More // as they were given
    return made(of(Result.getOrThrow(source(kind, value, known)), known))
  }

  /** One that makes its content of what it reads, when it is run. */
  const later = <O extends object>(
    name: string,
    takes: Readonly<Record<string, Kinds.Kind>>,
    names: Names<object>,
    source: (kind: Kind, from: string | URL, options: O) => Effect.Effect<Source, ContentError>
  ) =>
  (from: string | URL, options?: O & More): Effect.Effect<A, ContentError> => {
    given(`${kind}.${name}`, takes, [from])
    const known = onlyKnown(`${kind}.${name}`, options ?? {}, names) as O & More // as they were given
    return Effect.map(source(kind, from, known), (source) => made(of(source, known, from)))
  }

  return {
    fromUrl: now("fromUrl", { url: address }, urlNames, MakeContent.fromUrl),
    fromBytes: now("fromBytes", { bytes }, bytesNames, MakeContent.fromBytes),
    fromBase64: now("fromBase64", { data: Kinds.text }, bytesNames, MakeContent.fromBase64),
    fromDataUri: now("fromDataUri", { uri: Kinds.text }, bytesNames, MakeContent.fromDataUri),
    fromPath: later("fromPath", { path }, bytesNames, ReadContent.fromPath),
    fetch: later("fetch", { url: address }, fetchNames, ReadContent.fetchBytes)
  }
}

// Arguments

const bytesOptions: Names<MakeContent.BytesOptions> = { mediaType: Kinds.text, maxBytes: Kinds.countFrom(1) }

const urlOptions: Names<MakeContent.UrlOptions> = { mediaType: Kinds.text }

const fetchOptions: Names<ReadContent.FetchOptions> = {
  ...bytesOptions,
  timeout: Kinds.time,
  fetch: Kinds.fn("a function like fetch")
}

const isPlace = (value: unknown): boolean => typeof value === "string" || value instanceof URL

const address = Kinds.make("an address, as \"https://example.com/cat.png\" or a URL", isPlace)
const path = Kinds.make("a path, as \"./cat.png\" or a file URL", isPlace)
const bytes = Kinds.make(
  "bytes, as a Uint8Array or an ArrayBuffer",
  (value) => value instanceof Uint8Array || value instanceof ArrayBuffer
)
