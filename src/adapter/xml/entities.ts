/**
 * XML's entities: the five that have names, and those by number.
 */
import { isNameCharacter } from "../../text/characters.ts"

/** An entity, and where it ends. */
export interface Entity {
  readonly text: string
  readonly end: number
}

/** Reads the entity that begins at `start`: `maybe` where the text ends before it is known. */
export const readEntity = (text: string, start: number): Entity | "maybe" | undefined => {
  const isNumber = text[start + 1] === "#"
  const nameAt = start + (isNumber ? 2 : 1)
  let end = nameAt
  while (end < text.length && end - start <= mostEntity && isNameCharacter(text.charCodeAt(end))) end++
  const name = text.slice(nameAt, end)
  if (end === text.length) {
    if (end - start > mostEntity) return undefined
    return (isNumber ? numberPrefix.test(name) : names.some((known) => known.startsWith(name))) ? "maybe" : undefined
  }
  if (text[end] !== ";") return undefined
  const decoded = isNumber ? fromNumber(name) : entities.get(name)
  return decoded === undefined ? undefined : { text: decoded, end: end + 1 }
}

/** The text with its entities decoded. */
export const decodeEntities = (text: string): string => {
  let at = text.indexOf("&")
  if (at === -1) return text
  let decoded = ""
  let from = 0
  while (at !== -1) {
    const found = readEntity(text, at)
    if (found !== undefined && found !== "maybe") {
      decoded += text.slice(from, at) + found.text
      from = found.end
    }
    at = text.indexOf("&", Math.max(from, at + 1))
  }
  return decoded + text.slice(from)
}

/** How long an entity may be. */
const mostEntity = 12

const fromNumber = (digits: string): string | undefined => {
  const code = decimal.test(digits) ? Number(digits) : hexadecimal.test(digits) ? Number(`0${digits}`) : Number.NaN
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

const decimal = /^\d+$/
const hexadecimal = /^[xX][\da-fA-F]+$/
const numberPrefix = /^(?:\d*|[xX][\da-fA-F]*)$/

const entities: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", "\""],
  ["apos", "'"]
])
const names = [...entities.keys()]
