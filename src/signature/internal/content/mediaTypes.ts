/**
 * What bytes are: media types by how files of them begin, and which of them are a picture, a sound or a file.
 *
 * Libraries that know hundreds of formats read streams, and are asynchronous. Providers take about twenty.
 */
import * as Hex from "effect/encoding/Hex"
import type { Kind } from "../../Content.ts"

/** The media type of bytes that begin as files of a known format do. */
export const sniff = (bytes: Uint8Array): string | undefined => {
  const head = Hex.encode(bytes.subarray(0, 64))
  const found = beginnings.find(([, beginning]) => beginning.test(head))
  return found?.[0] ?? textType(bytes)
}

/** As providers write it: in small letters, without parameters, by its registered name. */
export const canonical = (mediaType: string): string => {
  const base = mediaType.split(";")[0]!.trim().toLowerCase()
  return aliases.get(base) ?? base
}

/** Whether content of this kind may be of that media type. */
export const isOf = (kind: Kind, mediaType: string): boolean =>
  kind === "File" ? /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mediaType) : mediaType.startsWith(prefixes[kind])

/** What media types content of a kind may have, in words. */
export const allowed: Readonly<Record<Kind, string>> = {
  Image: "image/png, image/jpeg, image/webp, image/gif or another image/...",
  Audio: "audio/wav, audio/mpeg or another audio/...",
  File: "application/pdf, text/plain or any other"
}

/** Whether bytes that begin as `found` can be what they are said to be. A container's media type does not say what it holds. */
export const agrees = (found: string, said: string): boolean =>
  found === said || !certain.test(found) ||
  (!certain.test(said) && (topOf(found) === topOf(said) || topOf(said) === "application"))

// Details

const topOf = (mediaType: string): string => mediaType.slice(0, mediaType.indexOf("/"))

const prefixes = { Image: "image/", Audio: "audio/" } as const

/** How a file begins, in hexadecimal digits; text stands in quotes, and a dot is any digit. */
const beginning = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/'(.*?)'/g, (_, text: string) => Hex.encode(text)).replaceAll(" ", "")}`)

const beginnings: ReadonlyArray<readonly [mediaType: string, beginning: RegExp]> = Object.entries({
  "image/png": "89 'PNG' 0d0a1a0a",
  "image/jpeg": "ffd8ff",
  "image/gif": "'GIF8' 3[79] 'a'",
  "image/webp": "'RIFF' ........ 'WEBP'",
  "image/avif": "........ 'ftypavi' ('f'|'s')",
  "image/heic": "........ 'ftyphe' ('i'|'v') ('c'|'x'|'m'|'s')",
  "image/heif": "........ 'ftypm' ('i'|'s') 'f1'",
  "image/tiff": "('II' 2a00|'MM' 002a)",
  "image/bmp": "'BM' ........ 00000000",
  "audio/wav": "'RIFF' ........ 'WAVE'",
  "audio/mpeg": "('ID3'|ff[ef][23ab])",
  "audio/aac": "fff[0189]",
  "audio/flac": "'fLaC'",
  "audio/aiff": "'FORM' ........ 'AIF' ('F'|'C')",
  "audio/ogg": "'OggS'",
  "audio/mp4": "........ 'ftypM4' ('A'|'B')",
  "audio/webm": "1a45dfa3 .* 'webm'",
  "video/mp4": "........ 'ftyp'",
  "application/pdf": "'%PDF-'",
  "application/zip": "'PK' 0304",
  "application/gzip": "1f8b"
}).map(([mediaType, pattern]) => [mediaType, beginning(pattern)])

/** The media type of bytes that begin like no known format. */
const certain = /^(?:image\/(?:png|jpeg|gif|webp)|audio\/(?:wav|flac)|application\/pdf)$/

const aliases: ReadonlyMap<string, string> = new Map([
  ["image/jpg", "image/jpeg"],
  ["image/pjpeg", "image/jpeg"],
  ["image/x-png", "image/png"],
  ["audio/mp3", "audio/mpeg"],
  ["audio/wave", "audio/wav"],
  ["audio/x-wav", "audio/wav"],
  ["audio/vnd.wave", "audio/wav"],
  ["audio/x-flac", "audio/flac"],
  ["audio/x-m4a", "audio/mp4"],
  ["audio/m4a", "audio/mp4"],
  ["audio/x-aiff", "audio/aiff"],
  ["application/x-pdf", "application/pdf"]
])

/** UTF-8 without control characters is text. The end of what is looked at may cut a character. */
const textType = (bytes: Uint8Array): string | undefined => {
  const head = bytes.subarray(0, 4096)
  if (head.length === 0 || head.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27))) return undefined
  const text = new TextDecoder().decode(head, { stream: true })
  if (text.includes("\ufffd")) return undefined
  if (/^\s*(?:<\?xml[^>]*>\s*)?<svg[\s>]/i.test(text)) return "image/svg+xml"
  return /^\s*<(?:!doctype html|html)[\s>]/i.test(text) ? "text/html" : "text/plain"
}
