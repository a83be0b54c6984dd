/**
 * Reads replies in sections: each begins with its marker, `[[ ## name ## ]]`, at the start of a line.
 *
 * A marker counts for an output field that has not been seen, and for `completed`, after which nothing counts. Anything
 * else that looks like a marker is content. Only what may still become a marker is kept back.
 */
import type * as Signature from "../../signature/Signature.ts"
import type { Scanner, Sink } from "../Scanner.ts"
import { isSpace, skipAny, skipName } from "./characters.ts"
import { spellingsOf } from "./perSignature.ts"

/** The name in the marker that ends a reply. */
export const completed = "completed"

export const chatScanner = (signature: Signature.Any): Scanner => new ChatScanner(signature)

class ChatScanner implements Scanner {
  readonly #names: Names
  #isDone = false
  /** What may be the beginning of a marker. */
  #held = ""
  /** Whether the line is blank up to where the text goes on. */
  #isBlank = true
  /** How many stars still belong to the marker before: models set markers in bold. */
  #stars = 0

  constructor(signature: Signature.Any) {
    const { longest, resolve } = spellingsOf(signature)
    this.#names = {
      resolve,
      longest: Math.max(longest, completed.length),
      unseen: new Set(signature.outputFields.map((field) => field.name)),
      needHashes: false
    }
  }

  push(chunk: string, sink: Sink): void {
    if (this.#isDone) return
    const text = this.#held === "" ? chunk : this.#held + chunk
    this.#held = ""
    let from = this.#skipStars(text, 0)
    let at = text.indexOf("[", from)
    while (at !== -1) {
      const start = this.#lineStart(text, at, from)
      const found = start === -1 ? readTail(text, at) : readMarker(text, start, this.#names)
      if (found === maybe) return this.#keep(text, from, start === -1 ? at : start, sink)
      if (found === undefined) {
        at = text.indexOf("[", at + 1)
        continue
      }
      sink.write(text.slice(from, start))
      if (found.name === undefined) {
        sink.close()
        this.#isDone = true
        return
      }
      this.#names.unseen.delete(found.name)
      sink.open(found.name, { bare: true })
      this.#stars = found.stars
      from = this.#skipStars(text, found.end)
      at = text.indexOf("[", from)
    }
    this.#keep(text, from, this.#starsAtEnd(text, from), sink)
  }

  end(sink: Sink): void {
    if (!isCutMarker(this.#held, this.#isBlank)) sink.write(this.#held)
  }

  /** Writes what is content, and keeps the rest until more is known. */
  #keep(text: string, from: number, until: number, sink: Sink): void {
    this.#isBlank = this.#isBlankBefore(text, until, from)
    this.#held = text.slice(until)
    if (until > from) sink.write(text.slice(from, until))
  }

  /** Where a marker whose first bracket is at `at` begins, if that is the start of a line; else -1. */
  #lineStart(text: string, at: number, from: number): number {
    let start = at
    while (start > from && at - start < mostStars && text[start - 1] === "*") start--
    return this.#isBlankBefore(text, start, from) ? start : -1
  }

  #isBlankBefore(text: string, at: number, from: number): boolean {
    for (let i = at - 1; i >= from; i--) {
      const code = text.charCodeAt(i)
      if (code === 10 || code === 13) return true
      if (!isSpace(code)) return false
    }
    return from === 0 && this.#isBlank
  }

  /** Where stars at the end begin that may belong to a marker. */
  #starsAtEnd(text: string, from: number): number {
    const start = this.#lineStart(text, text.length, from)
    return start === -1 ? text.length : start
  }

  #skipStars(text: string, from: number): number {
    if (this.#stars === 0) return from
    const end = skipAny(text, from, "*", this.#stars)
    this.#stars = end === text.length ? this.#stars - (end - from) : 0
    return end
  }
}

interface Names {
  readonly resolve: (spelling: string) => string | undefined
  readonly longest: number
  readonly unseen: Set<string>
  readonly needHashes: boolean
}

/** A whole marker: of a field, or the last one, which has no name. */
interface Marker {
  readonly name: string | undefined
  readonly end: number
  readonly stars: number
}

/** The text ends before it is known. */
const maybe = "maybe"

const mostStars = 3
const mostHashes = 6
const mostBlanks = 4
/** How much white space may follow what counts only at the reply's end. */
const mostSpace = 16

/** Reads a marker at the start of a line. Each part of it is limited: so is what is kept back. */
const readMarker = (text: string, start: number, names: Names): Marker | typeof maybe | undefined => {
  const stars = skipAny(text, start, "*", mostStars) - start
  let at = start + stars
  for (let i = 0; i < 2; i++, at++) {
    if (at === text.length) return maybe
    if (text[at] !== "[") return undefined
  }
  at = skipAny(text, at, blanks, mostBlanks)
  const hashes = at
  at = skipAny(text, at, "#", mostHashes)
  const hasHashes = at > hashes
  at = skipAny(text, at, blanks, mostBlanks)
  if (names.needHashes && !hasHashes && at < text.length) return undefined
  const nameAt = at
  at = skipName(text, at, names.longest + 1)
  const spelling = text.slice(nameAt, at)
  if (at === text.length) return begins(names, spelling, hasHashes) ? maybe : undefined
  const name = names.resolve(spelling)
  const isField = hasHashes && name !== undefined && names.unseen.has(name)
  const isLast = !isField && spelling.toLowerCase() === completed
  if (!isField && !isLast) return undefined
  at = skipAny(text, at, blanks, mostBlanks)
  at = skipAny(text, at, "#", mostHashes)
  at = skipAny(text, at, blanks, mostBlanks)
  if (text.startsWith("]]", at)) at += 2
  else if (at === text.length || (at + 1 === text.length && text[at] === "]")) return maybe
  else if (!isLast || !hasHashes || !isBreak(text.charCodeAt(at))) return undefined
  // Without hashes it looks too much like a link: it counts at the reply's end.
  if (isLast && !hasHashes) return isSpaceAfter(text, at) ? maybe : undefined
  return { name: isField ? name : undefined, end: at, stars }
}

/** The last marker may stand behind text on its line, if the reply ends there. */
const readTail = (text: string, start: number): typeof maybe | undefined => {
  const found = readMarker(text, start, onlyLast)
  if (found === undefined || found === maybe) return found
  return isSpaceAfter(text, found.end) ? maybe : undefined
}

const onlyLast: Names = {
  resolve: () => undefined,
  longest: completed.length,
  unseen: new Set(),
  needHashes: true
}

/** Whether what was kept back is the beginning of a marker rather than content, as the reply ends there. */
const isCutMarker = (held: string, atLineStart: boolean): boolean => {
  const rest = held.slice(skipAny(held, 0, "*[", 8)).toLowerCase()
  return rest.includes(completed) || (atLineStart && rest.includes("#"))
}

const begins = (names: Names, spelling: string, hasHashes: boolean): boolean => {
  const folded = spelling.toLowerCase()
  if (completed.startsWith(folded)) return true
  if (hasHashes) { for (const name of names.unseen) if (name.toLowerCase().startsWith(folded)) return true }
  return false
}

const blanks = " \t"

const isBreak = (code: number): boolean => code === 10 || code === 13

const isSpaceAfter = (text: string, at: number): boolean =>
  text.length - at <= mostSpace && text.slice(at).trimStart() === ""
