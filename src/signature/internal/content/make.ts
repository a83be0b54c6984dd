/**
 * Makes pictures, sounds and files of what there is: an address, bytes, base64, a data URI. All kinds are made alike.
 */
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import { type Kind, type Source, words } from "../../Content.ts"
import * as ContentError from "../../ContentError.ts"
import * as MediaTypes from "./mediaTypes.ts"

/** What is said of bytes. */
export interface BytesOptions {
  /** What the bytes are, as `image/png`. If left out, it is told from how they begin. */
  readonly mediaType?: string | undefined
  /** The most bytes that there may be; 20 MiB (20,971,520) if left out. */
  readonly maxBytes?: number | undefined
}

/** What is said of an address. */
export interface UrlOptions {
  /** What is there, as `image/png`, for providers that want to know. */
  readonly mediaType?: string | undefined
}

/** The most bytes of one picture, sound or file, where nothing else is said: 20 MiB. */
export const maxBytes = 20 * 1024 * 1024

type Made = Result.Result<Source, ContentError.ContentError>

/** An address, as it is. A data URI is one, too. */
export const fromUrl = (kind: Kind, url: string | URL, options: UrlOptions): Made => {
  const text = String(url).trim()
  if (isDataUri(text)) return fromDataUri(kind, text, options)
  const problem = addressProblem(kind, text)
  if (problem !== undefined) return Result.fail(malformed(kind, problem))
  if (options.mediaType === undefined) return Result.succeed({ _tag: "Url", url: text })
  const mediaType = MediaTypes.canonical(options.mediaType)
  return MediaTypes.isOf(kind, mediaType)
    ? Result.succeed({ _tag: "Url", url: text, mediaType })
    : Result.fail(otherKind(kind, mediaType))
}

/** Bytes, of the media type that they are said to have or begin like. */
export const fromBytes = (kind: Kind, given: Uint8Array | ArrayBuffer, options: BytesOptions): Made => {
  const most = options.maxBytes ?? maxBytes
  const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given
  if (bytes.length === 0) return Result.fail(malformed(kind, "there are no bytes"))
  if (bytes.length > most) return Result.fail(tooLarge(kind, most, bytes.length))
  return Result.map(mediaTypeOf(kind, bytes, options.mediaType), (mediaType): Source => ({
    _tag: "Base64",
    data: Base64.encode(bytes),
    mediaType
  }))
}

/** Base64, which stays as it is but for white space: what is decoded is only how it begins. */
export const fromBase64 = (kind: Kind, given: string, options: BytesOptions): Made => {
  const most = options.maxBytes ?? maxBytes
  const data = /\s/.test(given) ? given.replace(/\s+/g, "") : given
  const size = Math.floor(data.length * 3 / 4) - (data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0)
  if (size > most) return Result.fail(tooLarge(kind, most, size))
  if (size <= 0) return Result.fail(malformed(kind, "there are no bytes"))
  if (!isBase64(data)) return Result.fail(malformed(kind, notBase64))
  return Result.map(
    mediaTypeOfBase64(kind, data, options.mediaType),
    (mediaType): Source => ({ _tag: "Base64", data, mediaType })
  )
}

/** `data:image/png;base64,...`, as RFC 2397 has it. */
export const fromDataUri = (kind: Kind, uri: string, options: BytesOptions): Made => {
  const comma = uri.indexOf(",")
  if (!isDataUri(uri) || comma === -1) {
    return Result.fail(malformed(kind, "a data URI is written as data:image/png;base64,..."))
  }
  const head = uri.slice("data:".length, comma)
  const said = options.mediaType ?? (head.split(";")[0]!.trim() || undefined)
  const own = { ...options, mediaType: said }
  const written = uri.slice(comma + 1)
  return /;\s*base64\s*$/i.test(head)
    ? fromBase64(kind, written.includes("%") ? unescaped(written) : written, own)
    : fromBytes(kind, Uint8Array.from(unescaped(written), (character) => character.charCodeAt(0)), own)
}

/** An address or a data URI, as JSON has them: a text. */
export const fromText = (kind: Kind, text: string): Made =>
  isDataUri(text) || addressProblem(kind, text) === undefined
    ? fromUrl(kind, text, {})
    : Result.fail(malformed(kind, "is no address (\"https://...\") and no data URI: a path is not read from JSON"))

/** Why content that somebody wrote as data is none of the kind; undefined where it is. Of bytes only the beginning is looked at. */
export const problemOf = (kind: Kind, source: Source): string | undefined => {
  const checked: Result.Result<unknown, ContentError.ContentError> = source._tag === "Base64"
    ? mediaTypeOfBase64(kind, source.data, source.mediaType)
    : isDataUri(source.url)
    ? Result.fail(malformed(kind, `this is a data URI and no address: ${kind}.fromDataUri makes it bytes`))
    : fromUrl(kind, source.url, source)
  return Result.isFailure(checked) ? checked.failure.reason.description : undefined
}

/** The media type of these bytes, where they may be content of the kind. */
export const mediaTypeOf = (
  kind: Kind,
  bytes: Uint8Array,
  given: string | undefined
): Result.Result<string, ContentError.ContentError> => {
  const found = MediaTypes.sniff(bytes)
  // Servers use this type for everything that they do not know.
  const said = given === undefined || given === "application/octet-stream" ? found : MediaTypes.canonical(given)
  if (said === undefined) {
    const advice = `give their media type (${MediaTypes.allowed[kind]})`
    return Result.fail(ofType(kind, `the bytes begin as those of no known format: ${advice}`))
  }
  if (!MediaTypes.isOf(kind, said)) return Result.fail(otherKind(kind, said))
  return found === undefined || MediaTypes.agrees(found, said)
    ? Result.succeed(said)
    : Result.fail(ofType(kind, `the bytes are ${found}, and not ${said}: leave the media type out`))
}

// Errors

export const malformed = (kind: Kind, description: string): ContentError.ContentError =>
  new ContentError.ContentError({ kind, reason: new ContentError.Malformed({ description }) })

export const unreadable = (kind: Kind, description: string): ContentError.ContentError =>
  new ContentError.ContentError({ kind, reason: new ContentError.Unreadable({ description }) })

export const tooLarge = (kind: Kind, most: number, size?: number): ContentError.ContentError => {
  const much = size === undefined ? "there are more bytes" : `${inWords(size)} are more`
  return new ContentError.ContentError({
    kind,
    reason: new ContentError.TooLarge({
      maxBytes: most,
      description: `${much} than the limit of ${inWords(most)}: make it smaller, or allow more with maxBytes`
    })
  })
}

const ofType = (kind: Kind, description: string): ContentError.ContentError =>
  new ContentError.ContentError({ kind, reason: new ContentError.MediaType({ description }) })

const otherKind = (kind: Kind, mediaType: string): ContentError.ContentError =>
  ofType(kind, `${mediaType} is the media type of no ${kind}: it is ${MediaTypes.allowed[kind]}`)

const inWords = (size: number): string =>
  size < 1024
    ? `${size} bytes`
    : size < 1024 * 1024
    ? `${Math.ceil(size / 1024)} KiB`
    : `${+(size / 1048576).toFixed(1)} MiB`

// Details

const isDataUri = (text: string): boolean => /^data:/i.test(text)

/** Why a provider cannot load an address, or undefined if it can. */
const addressProblem = (kind: Kind, text: string): string | undefined => {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: undefined }
  if (protocol === "https:" || protocol === "http:" || protocol === "gs:") return undefined
  return `this is no address of ${words[kind]} (https://...) and no data URI: a file of this machine is read with ` +
    `${kind}.fromPath`
}

/** Percent-encoded bytes, each as one character. */
const unescaped = (text: string): string =>
  text.toWellFormed().replace(/[\u0080-\uffff]+/g, encodeURIComponent)
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

const mediaTypeOfBase64 = (
  kind: Kind,
  data: string,
  given: string | undefined
): Result.Result<string, ContentError.ContentError> => {
  const head = Base64.decode(data.slice(0, headLength))
  return Result.isFailure(head) || data === ""
    ? Result.fail(malformed(kind, notBase64))
    : mediaTypeOf(kind, head.success, given)
}

const notBase64 = "this is no base64 of bytes"

const isBase64 = (data: string): boolean => data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data)

/** As much of base64 as is looked at: 4,098 bytes. */
const headLength = 5464
