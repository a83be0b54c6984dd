/** Fetches a web page, within limits: public addresses only, so many bytes of text, so many seconds. */
import { Effect, Schema, Stream } from "effect"
import { Tool } from "effect-lm"
import { lookup } from "node:dns/promises"
import { BlockList, isIP } from "node:net"

/** Why a page was not fetched. */
class FetchError extends Schema.TaggedError<FetchError>("examples/FetchError")("FetchError", {
  message: Schema.String
}) {}

const maxBytes = 200_000
const maxRedirects = 3

export const fetchPage = Tool.make("fetch_page", {
  description: `The text of a web page; of a long one the first ${maxBytes} bytes`,
  parameters: { url: Schema.String.annotate({ description: "http or https" }) },
  success: Schema.Struct({ url: Schema.String, text: Schema.String, isWhole: Schema.Boolean }),
  timeout: "20 seconds",
  concurrency: 8
}, ({ url }, { signal }) => fetchFrom(url, signal, maxRedirects))

interface Page {
  readonly url: string
  readonly text: string
  readonly isWhole: boolean
}

const fetchFrom: (url: string, signal: AbortSignal, redirects: number) => Effect.Effect<Page, FetchError> = Effect
  .fnUntraced(function*(url, signal, redirects) {
    const address = yield* allowed(url)
    const response = yield* Effect.tryPromise({
      // Redirects are followed here, so that none leads to an address that is not allowed.
      try: () => fetch(address, { signal, redirect: "manual", headers: { accept: "text/*, application/json" } }),
      catch: () => new FetchError({ message: `${address.host} does not answer` })
    })
    const read = yield* Effect.ensuring(readFrom(address, response), close(response))
    if (!("location" in read)) return read
    if (redirects === 0) return yield* new FetchError({ message: "too many redirects" })
    return yield* fetchFrom(read.location, signal, redirects - 1)
  })

/** The page, or where it is. */
const readFrom = Effect.fnUntraced(function*(address: URL, response: Response) {
  const location = response.headers.get("location")
  if (response.status >= 300 && response.status < 400 && location !== null) {
    const next = URL.parse(location, address)
    if (next === null) return yield* new FetchError({ message: `${address.host} leads to no address` })
    return { location: next.href }
  }
  if (!response.ok) return yield* new FetchError({ message: `${address.host} answers ${response.status}` })
  const type = response.headers.get("content-type") ?? "text/plain"
  if (!/^(text\/|application\/(json|xml|xhtml))/.test(type)) {
    return yield* new FetchError({ message: `it is no text, but ${type}` })
  }
  const bytes = yield* firstBytes(response)
  const text = new TextDecoder().decode(bytes.subarray(0, maxBytes))
  return {
    url: address.href,
    text: type.includes("html") ? textOf(text) : text,
    isWhole: bytes.length <= maxBytes
  }
})

/** A body that nobody reads to its end keeps its connection. One that is broken already has nothing to close. */
const close = (response: Response) => Effect.ignore(Effect.tryPromise(async () => response.body?.cancel()))

/** The body up to a little more than the limit; what follows is not read. */
const firstBytes = (response: Response): Effect.Effect<Buffer, FetchError> =>
  Stream.fromReadableStream({
    evaluate: () => response.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() }),
    onError: () => new FetchError({ message: "the connection broke" })
  }).pipe(
    Stream.mapAccum(() => 0, (sum, bytes) => [sum + bytes.length, [{ bytes, before: sum }]] as const),
    Stream.takeWhile(({ before }) => before <= maxBytes),
    Stream.map(({ bytes }) => bytes),
    Stream.runCollect,
    Effect.map((pieces) => Buffer.concat(pieces))
  )

/** A name is looked up here and once more by `fetch`: one that leads elsewhere in between is not caught. */
const allowed = Effect.fnUntraced(function*(text: string) {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return yield* new FetchError({ message: "expected an address that begins with http:// or https://" })
  }
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const addresses = isIP(host) !== 0 ? [{ address: host }] : yield* Effect.tryPromise({
    try: () => lookup(host, { all: true }),
    catch: () => new FetchError({ message: `there is no host ${host}` })
  })
  if (addresses.some(({ address }) => isPrivate(address))) {
    return yield* new FetchError({ message: `${host} is not on the public internet` })
  }
  return url
})

/** An IPv4 address written as an IPv6 one counts as what it is. */
const isPrivate = (address: string): boolean => privateAddresses.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")

const privateAddresses = new BlockList()
for (
  const [network, prefix] of [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
    ["224.0.0.0", 3]
  ] as const
) privateAddresses.addSubnet(network, prefix, "ipv4")
for (
  const [network, prefix] of [
    // IPv4 addresses in IPv6: as such, and through NAT64.
    ["::", 96],
    ["64:ff9b::", 96],
    ["fc00::", 7],
    ["fe80::", 10],
    ["ff00::", 8]
  ] as const
) {
  privateAddresses.addSubnet(network, prefix, "ipv6")
}

/** The words of a page, without its markup, scripts and styles. */
const textOf = (html: string): string =>
  withoutMarkup(html)
    .replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (entity) => entities.get(entity) ?? entity)
    .replace(/\s+/g, " ")
    .trim()

/**
 * The page with a space for each tag, and for each element that shows nothing. It is read once, from left to right: a page
 * may be written so that a search from every tag to its end takes minutes.
 */
const withoutMarkup = (html: string): string => {
  const pieces: Array<string> = []
  const endless = new Set<string>()
  let from = 0
  for (let start = html.indexOf("<"); start !== -1; start = html.indexOf("<", from)) {
    let end = html.indexOf(">", start)
    if (end === -1) break
    const name = hidden.exec(html.slice(start + 1, start + 8))?.[1]?.toLowerCase()
    if (name !== undefined && !endless.has(name)) {
      const closing = new RegExp(`</${name}>`, "gi")
      closing.lastIndex = end
      if (closing.test(html)) end = closing.lastIndex - 1
      else endless.add(name)
    }
    pieces.push(html.slice(from, start))
    from = end + 1
  }
  return [...pieces, html.slice(from)].join(" ")
}

/** The beginning of an element whose text is not shown. */
const hidden = /^(script|style|head|svg)\b/i

const entities: ReadonlyMap<string, string> = new Map([
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", "\""],
  ["&nbsp;", " "],
  ["&#39;", "'"]
])
