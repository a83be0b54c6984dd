/**
 * What tools give beside text: pictures, sounds and files, each with a note where it stands in the text.
 */
import * as Result from "effect/Result"
import type { Media } from "../../lm/LMContent.ts"
import * as Audio from "../../signature/Audio.ts"
import type { ContentError } from "../../signature/ContentError.ts"
import * as File from "../../signature/File.ts"
import * as Image from "../../signature/Image.ts"

/** A result as a model is told it. */
export interface Told {
  readonly text: string
  /** What the notes in the text stand for, in their order; missing where there is none. */
  readonly parts?: ReadonlyArray<Media>
}

/**
 * A result that has such content: texts and content in a list stand in their order, and all else is JSON. `isPart` knows
 * content: data that merely looks like it is data.
 */
export const told = (value: unknown, isPart: (value: unknown) => value is Media): Told => {
  const parts: Array<Media> = []
  const noted = (part: Media) => noteOf(part, parts.push(part))
  // The value itself is `this[key]`: it may have a JSON of its own.
  function write(this: Readonly<Record<string, unknown>>, key: string, json: unknown): unknown {
    const inner = this[key]
    return isPart(inner) ? noted(inner) : json
  }
  const text = Array.isArray(value) && value.every((one) => typeof one === "string" || isPart(one))
    ? value.map((one) => typeof one === "string" ? one : noted(one)).join("\n")
    : isPart(value)
    ? noted(value)
    : JSON.stringify(value, write)
  return parts.length === 0 ? { text } : { text, parts }
}

/** Texts and contents of somebody else's, in their order. In the place of content that cannot be read stands a note that says why. */
export const inOrder = (pieces: ReadonlyArray<string | Bytes>): Told => {
  const parts: Array<Media> = []
  const texts = pieces.map((piece) => {
    if (typeof piece === "string") return piece
    const media = mediaOf(piece)
    return Result.isSuccess(media)
      ? noteOf(media.success, parts.push(media.success))
      : leftOut(piece.mediaType ?? piece.kind ?? "a file", media.failure)
  })
  return { text: texts.join("\n"), ...(parts.length === 0 ? {} : { parts }) }
}

/** Bytes of somebody else's: base64, bytes, or an address. */
export interface Bytes {
  readonly data: string | Uint8Array | URL
  readonly mediaType: string | undefined
  readonly name: string | undefined
  /** What it is, where the media type does not say so. */
  readonly kind?: "image" | "audio"
}

// Details

const mediaOf = ({ data, kind, mediaType, name }: Bytes): Result.Result<Media, string> => {
  const type = mediaType ?? kind ?? ""
  const make = type.startsWith("image") ? Image : type.startsWith("audio") ? Audio : File
  const of = (mediaType: string | undefined): Media => {
    const options = { mediaType, ...(make === File ? { name } : {}) }
    return data instanceof URL
      ? make.fromUrl(data, options)
      : typeof data === "string"
      ? make.fromBase64(data, options)
      : make.fromBytes(data, options)
  }
  // The given media type may be wrong: then the bytes themselves say what they are.
  return Result.try(() => of(mediaType)).pipe(
    Result.orElse((error) => mediaType === undefined ? Result.fail(error) : Result.try(() => of(undefined))),
    Result.mapError((error) => (error as ContentError).reason.description) // constructors throw nothing else
  )
}

const noteOf = (part: Media, number: number): string => {
  const name = part._tag === "File" && part.name !== undefined ? `: ${part.name}` : ""
  return `[${{ Image: "image", Audio: "recording", File: "file" }[part._tag]} ${number}${name}]`
}

const leftOut = (what: string, why: string): string => `[${what} was left out: ${why}]`
