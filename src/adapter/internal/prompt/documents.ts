/**
 * Documents among the inputs: each is written as text, under its number.
 */
import type { Document } from "../../../signature/Document.ts"
import { documentsIn, isDocument } from "../../../signature/internal/documents.ts"
import type { Given } from "./fieldText.ts"
import { textOf } from "./media.ts"

/** Gives the numbers of the documents of one question. */
export const numbers = (): () => number => {
  let next = 0
  return () => next++
}

/**
 * A value that has documents in it: documents alone as texts with their titles, and one inside of something else as an object of JSON
 * with its number.
 */
export const written = (json: unknown, next: () => number): Pick<Given, "text" | "kind" | "parts"> => {
  const alone = Array.isArray(json) ? json : [json]
  return alone.length > 0 && alone.every(isDocument)
    ? { kind: "text", text: alone.map((document) => inText(document, next())).join("\n\n") }
    : { kind: "json", ...textOf(numbered(json, next)) }
}

const inText = ({ mediaType, text, title }: Document, number: number): string => {
  const kind = mediaType === undefined || mediaType === plain ? "" : ` (${mediaType})`
  const name = title === undefined ? "" : `: ${title.replaceAll(/\s+/g, " ").trim()}`
  return `Document ${number}${name}${kind}\n${text}`
}

const plain = "text/plain"

const numbered = (json: unknown, next: () => number): unknown => {
  if (documentsIn(json).length === 0 || typeof json !== "object" || json === null) return json
  if (isDocument(json)) {
    const { _tag, ...document } = json
    return { document: next(), ...document }
  }
  return Array.isArray(json)
    ? json.map((item) => numbered(item, next))
    : Object.fromEntries(Object.entries(json).map(([key, value]) => [key, numbered(value, next)]))
}
