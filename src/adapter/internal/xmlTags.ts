/**
 * Tags as replies write them: which of them count, and how much one looks like the beginning of an element.
 */
import { isNameCharacter, isSpace } from "./characters.ts"
import { inputSpellingsOf, perSignature, spellingsOf } from "./perSignature.ts"
import { foldName, type Spellings } from "./spelling.ts"

// Models

export interface Opening {
  readonly is: "open"
  readonly name: string
  readonly end: number
  readonly isEmpty: boolean
  /** The character behind the tag. */
  readonly next: string
}

export interface Closing {
  readonly is: "close"
  readonly name: string
  readonly end: number
  /** The reply ends in the tag. */
  readonly isCut: boolean
}

export type Tag = Opening | Closing | { readonly is: "think" | "cdata" | "input" | "wrapper"; readonly end: number }

/** The text ends before it is known. */
export const maybe = "maybe"

/** What is open where a closing tag stands. */
interface Around {
  /** The field's element that it stands in, or behind. */
  readonly inside: string | undefined
  /** Fields whose closing tag may come again. */
  readonly loose: Iterable<string>
  /** Elements around the fields' that may be closed. */
  readonly wrappers: ReadonlySet<string>
}

/** How much an opening tag looks like the beginning of an element, rather than like a mention. */
export type Strength = 1 | 2 | 3
export const weak = 1
export const strong = 3

/** At the start of a line or behind another tag it begins; in quotes, or with a space or the sentence's end behind it, it may be a mention. */
export const strengthOf = ({ next }: Opening, before: number): Strength => {
  if (before === 0 || before === greater) return strong
  const isMention = next === "" || mentionEnds.includes(next) || quotes.includes(String.fromCharCode(before))
  return isMention ? weak : 2
}

const mentionEnds = " \t.,;:!?)\"'`”’»"
const quotes = "\"'`“‘(«"
export const less = 60
export const greater = 62

// Reading

/** The opening tag at `at`, if it is one that may count. */
export const openingAt = (known: Known, text: string, at: number, isEnded: boolean): Tag | typeof maybe | undefined => {
  const nameAt = at + 1
  const nameEnd = skipTagName(text, nameAt, known.longest)
  const spelling = text.slice(nameAt, nameEnd)
  if (!known.begins(spelling)) return undefined
  if (nameEnd === text.length) return isEnded ? undefined : maybe
  if (!"/> \t\r\n".includes(text[nameEnd]!)) return undefined
  const end = tagEnd(text, nameEnd)
  if (end === undefined) return undefined
  if (end === maybe) return isEnded ? undefined : maybe
  const name = known.outputs.resolve(spaced(known, text, nameAt, nameEnd) ?? spelling) ??
    known.outputs.resolve(spelling)
  if (name === undefined) return known.inputs.resolve(spelling) === undefined ? undefined : { is: "input", end }
  if (end === text.length && !isEnded) return maybe
  return { is: "open", name, end, isEmpty: text[end - 2] === "/", next: text[end] ?? "" }
}

/** The closing tag at `at`, if it is one that may count. */
export const closingAt = (
  known: Known,
  text: string,
  at: number,
  isEnded: boolean,
  { inside, loose, wrappers }: Around
): Tag | typeof maybe | undefined => {
  if (text.startsWith(thinkEnd, at)) return { is: "think", end: at + thinkEnd.length }
  const window = text.slice(at, at + 2 + known.longest + mostSpace)
  const stop = window.slice(2).search(/[<>/=]/)
  const spelling = stop === -1 ? window.slice(2) : window.slice(2, 2 + stop)
  if (stop === -1) {
    if (at + window.length < text.length) return undefined
    if (!isEnded && thinkEnd.startsWith(window)) return maybe
    const begins = (name: string) => foldName(name).startsWith(foldName(spelling))
    if (inside !== undefined && begins(inside)) {
      return isEnded ? { is: "close", name: inside, end: text.length, isCut: true } : maybe
    }
    return !isEnded && [...loose, ...wrappers].some(begins) ? maybe : undefined
  }
  const end = at + 3 + stop
  if (text[end - 1] !== ">") return undefined
  const name = known.outputs.resolve(spelling.trim())
  if (name !== undefined) return { is: "close", name, end, isCut: false }
  return wrappers.has(spelling.trim()) ? { is: "wrapper", end } : undefined
}

/** The beginning of a CDATA section at `at`. */
export const sectionAt = (text: string, at: number, isEnded: boolean): Tag | typeof maybe | undefined => {
  const rest = text.slice(at, at + cdata.length)
  if (rest === cdata) return { is: "cdata", end: at + cdata.length }
  return cdata.startsWith(rest) && !isEnded ? maybe : undefined
}

/** A name with spaces in it, up to the tag's end. */
const spaced = (known: Known, text: string, from: number, end: number): string | undefined => {
  const until = text.slice(end, end + known.longest + mostExtra).search(/[<>/=]/)
  if (until === -1) return undefined
  return text[end + until] === ">" ? text.slice(from, end + until) : undefined
}

/** Where a tag ends whose name ends at `from`, behind its attributes. */
const tagEnd = (text: string, from: number): number | typeof maybe | undefined => {
  let quote = ""
  let last = ""
  const until = Math.min(text.length, from + mostTag)
  for (let at = from; at < until; at++) {
    const char = text[at]!
    if (quote !== "") {
      if (char === quote) quote = ""
    } else if (char === ">") return at + 1
    else if (char === "<") return undefined
    else if ((char === "\"" || char === "'") && last === "=") quote = char
    if (!isSpace(char.charCodeAt(0))) last = char
  }
  return until === text.length ? maybe : undefined
}

const cdata = "<![CDATA["
export const cdataEnd = "]]>"
const thinkEnd = "</think>"
/** How much white space a closing tag may have, how long a tag may be, and how much longer than a name its spelling: so much is kept back. */
const mostSpace = 16
const mostTag = 256
const mostExtra = 8

export const isNameStart = (code: number): boolean => isNameCharacter(code) && (code < 48 || code > 57)

const skipTagName = (text: string, at: number, most: number): number => {
  const end = Math.min(text.length, at + most)
  while (at < end && (isNameCharacter(text.charCodeAt(at)) || text[at] === "-")) at++
  return at
}

// Names

/** The names that tags may have which count. */
export interface Known {
  readonly outputs: Spellings
  readonly inputs: Spellings
  readonly longest: number
  /** Whether a name may begin so. */
  readonly begins: (spelling: string) => boolean
}

export const knownOf = perSignature((signature): Known => {
  const outputs = spellingsOf(signature)
  const inputs = inputSpellingsOf(signature)
  const folded = [...signature.outputFields, ...signature.inputFields].map(({ name }) => foldName(name))
  return {
    outputs,
    inputs,
    longest: Math.max(outputs.longest, inputs.longest) + mostExtra,
    begins: (spelling) => {
      const beginning = foldName(spelling)
      return folded.some((name) => name.startsWith(beginning))
    }
  }
})
