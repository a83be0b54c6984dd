/** Fetches text from the web for somebody who is not to reach anything else. */
import { Effect, Result, Schema } from "effect"
import { lookup } from "node:dns/promises"
import * as http from "node:http"
import * as https from "node:https"
import { isIP, type LookupFunction } from "node:net"
import { PassThrough, type Readable, type Transform } from "node:stream"
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib"
import { textOf } from "./pageText.ts"
import { isPublic } from "./publicAddress.ts"

/** Why a page was not fetched. */
export class FetchError extends Schema.TaggedError<FetchError>("examples/FetchError")("FetchError", {
  message: Schema.String
}) {}

/** The text of a page. */
export interface Page {
  readonly url: string
  readonly text: string
  /** Nothing was left out behind the limit. */
  readonly isWhole: boolean
}

/** Where pages come from. */
export interface Internet {
  /** The addresses of a host. */
  readonly resolve: (host: string) => Promise<ReadonlyArray<{ readonly address: string; readonly family: number }>>
  /** Whether an address may be connected to. */
  readonly isAllowed: (address: string) => boolean
}

export const internet: Internet = { resolve: (host) => lookup(host, { all: true }), isAllowed: isPublic }

export const maxBytes = 200_000
const maxRedirects = 3

/** Fetches a page. Each connection goes to an address that was checked, and so does each redirect. */
export const fetchPageFrom =
  (internet: Internet) => (url: string, signal: AbortSignal): Effect.Effect<Page, FetchError> =>
    follow(internet, url, signal, maxRedirects)

const follow: (
  internet: Internet,
  url: string,
  signal: AbortSignal,
  redirects: number
) => Effect.Effect<Page, FetchError> = Effect.fnUntraced(function*(internet, text, signal, redirects) {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return yield* new FetchError({ message: "expected an address that begins with http:// or https://" })
  }
  const addresses = yield* allowed(internet, url)
  const read = yield* Effect.acquireUseRelease(
    Effect.sync(() => ask(url, addresses, signal)),
    (request) => Effect.flatMap(answerOf(url, request), (response) => readFrom(url, response)),
    // What nobody reads to its end would keep its connection.
    (request) => Effect.sync(() => void request.destroy())
  )
  if (!("location" in read)) return read
  if (redirects === 0) return yield* new FetchError({ message: "too many redirects" })
  return yield* follow(internet, read.location, signal, redirects - 1)
})

type Addresses = Awaited<ReturnType<Internet["resolve"]>>

const allowed = Effect.fnUntraced(function*(
  { isAllowed, resolve }: Internet,
  { hostname }: URL
): Effect.fn.Return<Addresses, FetchError> {
  const host = hostname.replace(/^\[|\]$/g, "")
  const addresses = isIP(host) !== 0 ? [{ address: host, family: isIP(host) }] : yield* Effect.tryPromise({
    try: () => resolve(host),
    catch: () => new FetchError({ message: `there is no host ${host}` })
  })
  if (addresses.length === 0 || addresses.some(({ address }) => !isAllowed(address))) {
    return yield* new FetchError({ message: `${host} is not on the public internet` })
  }
  return addresses
})

/** Asks for the page at one of these addresses: the name is not looked up again, since it may lead elsewhere by then. */
const ask = (url: URL, addresses: Addresses, signal: AbortSignal): http.ClientRequest => {
  const pinned: LookupFunction = (_host, { all }, callback) =>
    all === true
      ? callback(null, [...addresses])
      : callback(null, addresses[0]!.address, addresses[0]!.family)
  return (url.protocol === "https:" ? https : http).get(url, {
    agent: false,
    lookup: pinned,
    signal,
    headers: { accept: "text/*, application/json", "accept-encoding": "gzip, br" }
  })
}

const answerOf = (url: URL, request: http.ClientRequest) =>
  Effect.callback<http.IncomingMessage, FetchError>((resume) => {
    request.on("response", (response) => resume(Effect.succeed(response)))
    const fail = () => resume(Effect.fail(new FetchError({ message: `${url.host} does not answer` })))
    // It may also end, or become something else than HTTP, without an error.
    request.on("error", fail).on("upgrade", fail).on("close", fail)
  })

/** The page, or where it is. */
const readFrom = Effect.fnUntraced(function*(url: URL, response: http.IncomingMessage) {
  const { headers, statusCode: status = 0 } = response
  if (status >= 300 && status < 400 && headers.location !== undefined) {
    const next = URL.parse(headers.location, url)
    if (next === null) return yield* new FetchError({ message: `${url.host} leads to no address` })
    return { location: next.href }
  }
  if (status < 200 || status >= 300) return yield* new FetchError({ message: `${url.host} answers ${status}` })
  const type = (headers["content-type"] ?? "text/plain").toLowerCase()
  if (!/^(text\/|application\/([\w.-]+\+)?(json|xml))/.test(type)) {
    return yield* new FetchError({ message: `it is no text, but ${type}` })
  }
  const bytes = yield* firstBytes(response)
  const isWhole = bytes.length <= maxBytes
  // Half a character at the limit is left out.
  const text = decoderOf(type).decode(bytes.subarray(0, maxBytes), { stream: !isWhole })
  return { url: url.href, text: type.includes("html") ? textOf(text) : text, isWhole }
})

/** The decoder of the page's own characters; of UTF-8 where it names none, or none that there are. */
const decoderOf = (type: string): TextDecoder => {
  const charset = /charset=["']?([\w-]+)/.exec(type)?.[1]
  return Result.getOrElse(Result.try(() => new TextDecoder(charset)), () => new TextDecoder())
}

/** The body up to a little more than the limit, also of one that is packed; what follows is not read. */
const firstBytes = (response: http.IncomingMessage): Effect.Effect<Buffer, FetchError> =>
  Effect.callback((resume) => {
    const packed = (response.headers["content-encoding"] ?? "").toLowerCase().split(",").map((one) => one.trim())
    const unknown = packed.find((one) => !unpackers.has(one))
    if (unknown !== undefined) return resume(Effect.fail(new FetchError({ message: `it is packed as ${unknown}` })))
    const fail = () => resume(Effect.fail(new FetchError({ message: "the connection broke" })))
    // What was packed last is unpacked first.
    const body = packed.toReversed().reduce<Readable>((from, one) => {
      const unpack = unpackers.get(one)!()
      return from.on("error", fail).pipe(unpack)
    }, response)
    const pieces: Array<Buffer> = []
    let length = 0
    const finish = () => resume(Effect.sync(() => Buffer.concat(pieces)))
    body.on("error", fail).on("end", finish).on("data", (piece: Buffer) => {
      pieces.push(piece)
      length += piece.length
      if (length <= maxBytes) return
      body.pause()
      finish()
    })
    return Effect.sync(() => void body.destroy())
  })

const unpackers = new Map<string, () => Transform>([
  ["", () => new PassThrough()],
  ["identity", () => new PassThrough()],
  ["gzip", () => createGunzip()],
  ["x-gzip", () => createGunzip()],
  ["deflate", () => createInflate()],
  ["br", () => createBrotliDecompress()]
])
