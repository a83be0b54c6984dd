/**
 * What to write in the place of a value that is no content, or no text: no compiler says so in plain JavaScript.
 */
import { kindOf as kindOfValue } from "../../../text/kind.ts"
import type { Kind } from "../../Content.ts"

/** What is wrong with a value where content of this kind is wanted. */
export const instead = (kind: Kind, value: unknown): string =>
  `is ${inWords(value)} and no ${kind}: ${
    isBytes(value)
      ? `write ${kind}.fromBytes(bytes)`
      : isBlob(value)
      ? `write ${kind}.fromBytes(await blob.arrayBuffer())`
      : typeof value === "string" && /^data:/i.test(value)
      ? `write ${kind}.fromDataUri("data:...")`
      : typeof value === "string" && !/^\w{2,}:/.test(value)
      ? `write yield* ${kind}.fromPath("./...") to read a file, or ${kind}.fromUrl("https://...")`
      : `write ${kind}.fromUrl("https://..."), or ${kind}.fromBytes(bytes)`
  }`

/** The same of a value in JSON, which has no constructors. */
export const insteadInJson = (kind: Kind, value: unknown): string =>
  `is ${inWords(value)} and no ${kind}: write its address ("https://...") or a data URI ("data:...;base64,...")`

/** What to write for bytes where text is wanted. */
export const insteadOfBytes = (bytes: unknown): string =>
  `is ${
    inWords(bytes)
  } and no text: write new TextDecoder().decode(bytes), or make the input an Image, an Audio or a File ` +
  "(Image.fromBytes(bytes))"

/** What is wrong with a value where a document is wanted. */
export const insteadOfDocument = (value: unknown): string =>
  `is ${inWords(value)} and no Document: write ${
    typeof value === "string" ? "Document.make(text)" : "Document.make(\"...\", { title: \"...\" })"
  }`

/** Bytes, in whatever form Node and the web have them. */
export const isBytes = (value: unknown): boolean => value instanceof ArrayBuffer || ArrayBuffer.isView(value)

const isBlob = (value: unknown): boolean => typeof Blob !== "undefined" && value instanceof Blob

const inWords = (value: unknown): string => {
  const tag = typeof value === "object" && value !== null && "_tag" in value ? value._tag : undefined
  return typeof tag === "string" && /^\w{1,20}$/.test(tag) ? `an object with the _tag ${tag}` : kindOfValue(value)
}
