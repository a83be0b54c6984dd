/**
 * Reads bytes that are asked for: of a file, and at an address. Not more than the limit of them are ever held.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type Kind, type Source, words } from "../../Content.ts"
import type { ContentError } from "../../ContentError.ts"
import * as MakeContent from "./make.ts"

/** What is said of bytes that are fetched. */
export interface FetchOptions extends MakeContent.BytesOptions {
  /** The longest that fetching may take; 30 seconds if left out. */
  readonly timeout?: Duration.Input | undefined
  /** Sends the request; the global `fetch` if left out. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** The bytes of a file of this machine. */
export const fromPath = (
  kind: Kind,
  path: string | URL,
  options: MakeContent.BytesOptions
): Effect.Effect<Source, ContentError> =>
  Effect.gen(function*() {
    const { read } = yield* Effect.promise(() => import("#node/signature/internal/content/file"))
    const { maxBytes: most = MakeContent.maxBytes } = options
    const bytes = yield* Effect.mapError(read(path, most), (problem) =>
      typeof problem === "number"
        ? MakeContent.tooLarge(kind, most, problem)
        : MakeContent.unreadable(kind, problem))
    return yield* Effect.fromResult(MakeContent.fromBytes(kind, bytes, options))
  })

/** The bytes at an address. What they are is told from how they begin, else from what the server says. */
export const fetchBytes = (
  kind: Kind,
  url: string | URL,
  options: FetchOptions
): Effect.Effect<Source, ContentError> => {
  const { fetch = globalThis.fetch, maxBytes: most = MakeContent.maxBytes, mediaType, timeout = "30 seconds" } = options
  const unreadable = (why: string) => MakeContent.unreadable(kind, `${words[kind]} cannot be fetched: ${why}`)
  return Effect.gen(function*() {
    const { protocol } = URL.canParse(String(url)) ? new URL(url) : { protocol: "" }
    if (!/^https?:$/.test(protocol)) return yield* unreadable("the address has to begin with https:// or http://")
    const response = yield* Effect.tryPromise({
      try: (signal) => fetch(url, { signal }),
      catch: (cause) => unreadable(inWords(cause))
    })
    const { body, headers, ok, status } = response
    if (!ok || body === null) {
      yield* Effect.ignore(Effect.tryPromise(() => body === null ? Promise.resolve() : body.cancel()))
      return yield* unreadable(ok ? "the response is empty" : `the server answers with status ${status}`)
    }
    const stream = Stream.fromReadableStream({ evaluate: () => body, onError: (cause) => unreadable(inWords(cause)) })
    const whole = yield* joined(stream, most, () => MakeContent.tooLarge(kind, most))
    const found = MakeContent.fromBytes(kind, whole, { mediaType, maxBytes: most })
    const said = headers.get("content-type")
    return yield* Effect.fromResult(
      Result.isFailure(found) && mediaType === undefined && said !== null
        ? MakeContent.fromBytes(kind, whole, { mediaType: said, maxBytes: most })
        : found
    )
  }).pipe(
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () => Effect.fail(unreadable("it takes too long: see the option timeout"))
    })
  )
}

// Details

/** The bytes of a stream, of which no more are held than `most`. */
const joined = <E>(
  stream: Stream.Stream<Uint8Array, E>,
  most: number,
  tooLarge: () => E
): Effect.Effect<Uint8Array, E> =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    let size = 0
    const take = (chunk: Uint8Array) => {
      size += chunk.length
      chunks.push(chunk)
      return size > most ? Effect.fail(tooLarge()) : Effect.void
    }
    return Effect.map(Stream.runForEach(stream, take), () => {
      const whole = new Uint8Array(size)
      let at = 0
      for (const chunk of chunks) {
        whole.set(chunk, at)
        at += chunk.length
      }
      return whole
    })
  })

/** Where a request fails before a response, the reason is in the cause of a cause. */
const inWords = (cause: unknown): string =>
  cause instanceof Error
    ? cause.cause instanceof Error ? cause.cause.message || cause.message : cause.message
    : String(cause)
