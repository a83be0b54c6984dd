/**
 * Tags as replies write them: which of them count, and how much one looks like the beginning of an element.
 */
import { isNameCharacter, isSpace, isSurrogate } from "../../text/characters.ts"
import { inputSpellingsOf, perSignature, spellingsOf } from "../internal/perSignature.ts"
import { foldName, type Spellings } from "../internal/spelling.ts"
import { isAsideName } from "./asides.ts"

// Models

export interface Opening {
  readonly is: "open"
  readonly name: string
  readonly end: number
  readonly isEmpty: boolean
  /** White space stands before its name. */
  readonly isSpaced: boolean
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

/** The beginning of something that is no part of the reply: of an element, or of a comment. */
export interface AsideOpening {
  readonly is: "aside"
  readonly name: string | undefined
  readonly end: number
  readonly next: string
}

export type Tag =
  | Opening
  | Closing
  | AsideOpening
  | { readonly is: "think" | "cdata" | "input" | "wrapper"; readonly end: number }

/** The text ends before it is known. */
export const maybe = "maybe"

/** What is open where a closing tag stands. */
interface Around {
  /** The field's element that it stands in, or behind. */
  readonly inside: string | undefined
  /** Whether any field's closing tag tells something. */
  readonly isBetween: boolean
  /** Elements around the fields' that may be closed. */
  readonly wrappers: ReadonlySet<string>
}

/** How much an opening tag looks like the beginning of an element, rather than like a mention. */
export type Strength = 1 | 2 | 3
export const weak = 1
export const strong = 3

/** At the start of a line or behind another tag it begins; in quotes, or with a space or the sentence's end behind it, it may be a mention. */
export const strengthOf = ({ isSpaced, next }: Pick<Opening, "isSpaced" | "next">, before: number): Strength => {
  if (before === 0 || before === greater) return strong
  if (isSpaced) return weak
  const isMention = next === "" || mentionEnds.includes(next) || quotes.includes(String.fromCharCode(before))
  return isMention ? weak : 2
}

const mentionEnds = " \t.,;:!?)\"'`”’»"
const quotes = "\"'`“‘(«"
export const less = 60
export const greater = 62

// Reading

/** The opening tag at `at`, whose name begins at `nameAt`, if it is one that may count; one of an aside only where they may stand. */
export const openingAt = (
  known: Known,
  text: string,
  at: number,
  nameAt: number,
  isEnded: boolean,
  hasAsides: boolean
): Tag | typeof maybe | undefined => {
  const nameEnd = skipTagName(text, nameAt, Math.max(known.longest, mostAside))
  const spelling = plainName(text.slice(nameAt, nameEnd))
  if (nameEnd === text.length && !isEnded && (hasAsides || known.begins(spelling))) return maybe
  const mayCount = known.begins(spelling)
  if (!mayCount && !(hasAsides && isAsideName(spelling))) return undefined
  if (nameEnd === text.length || !"/> \t\r\n".includes(text[nameEnd]!)) return undefined
  const end = tagEnd(text, nameEnd)
  if (end === undefined) return undefined
  if (end === maybe) return isEnded ? undefined : maybe
  const isSpaced = nameAt > at + 1
  if (isSpaced && text.slice(nameEnd, end - 1).trim() !== "") return undefined
  const isEmpty = text[end - 2] === "/"
  const name = known.outputs.resolve(spaced(known, text, nameAt, nameEnd) ?? spelling) ??
    known.outputs.resolve(spelling)
  const isInput = name === undefined && known.inputs.resolve(spelling) !== undefined
  if (isInput) return isSpaced ? undefined : { is: "input", end }
  if (end === text.length && !isEnded) return maybe
  const next = text[end] ?? ""
  if (name !== undefined) return { is: "open", name, end, isEmpty, isSpaced, next }
  return hasAsides && !isSpaced && !isEmpty && isAsideName(spelling)
    ? { is: "aside", name: spelling.toLowerCase(), end, next }
    : undefined
}

/** The closing tag at `at`, whose name begins at `nameAt`, if it is one that may count. */
export const closingAt = (
  known: Known,
  text: string,
  at: number,
  nameAt: number,
  isEnded: boolean,
  { inside, isBetween, wrappers }: Around
): Tag | typeof maybe | undefined => {
  if (text.startsWith(thinkEnd, at)) return { is: "think", end: at + thinkEnd.length }
  const window = text.slice(nameAt, nameAt + known.longest + mostSpace)
  const stop = window.search(/[<>/=]/)
  const spelling = plainName(stop === -1 ? window : window.slice(0, stop))
  if (stop === -1) {
    if (nameAt + window.length < text.length) return undefined
    if (!isEnded && thinkEnd.startsWith(text.slice(at))) return maybe
    const begins = (name: string) => foldName(name).startsWith(foldName(spelling))
    if (inside !== undefined && begins(inside)) {
      return isEnded ? { is: "close", name: inside, end: text.length, isCut: true } : maybe
    }
    return !isEnded && ((isBetween && known.begins(spelling)) || [...wrappers].some(begins)) ? maybe : undefined
  }
  const end = nameAt + stop + 1
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

/** The beginning of a comment at `at`. */
export const commentAt = (text: string, at: number, isEnded: boolean): Tag | typeof maybe | undefined => {
  const rest = text.slice(at, at + comment.length)
  if (rest === comment) return { is: "aside", name: undefined, end: at + comment.length, next: "" }
  return comment.startsWith(rest) && !isEnded ? maybe : undefined
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

const comment = "<!--"
const cdata = "<![CDATA["
export const cdataEnd = "]]>"
const thinkEnd = "</think>"
/** How much white space a closing tag may have, how long a tag may be, and how much longer than a name its spelling: so much is kept back. */
const mostSpace = 16
const mostTag = 256
const mostAside = 32
const mostExtra = 8

export const isNameStart = (code: number): boolean =>
  isSurrogate(code) || (isNameCharacter(code) && (code < 48 || code > 57))

/** The name without what Markdown escapes in it. */
const plainName = (spelling: string): string =>
  spelling.includes("\\") ? spelling.replaceAll(/\\(?=_|$)/g, "") : spelling

const skipTagName = (text: string, at: number, most: number): number => {
  const end = Math.min(text.length, at + most)
  while (at < end && isTagCharacter(text.charCodeAt(at))) at++
  return at
}

const isTagCharacter = (code: number): boolean =>
  isNameCharacter(code) || isSurrogate(code) || code === dash || code === backslash

const dash = 45
const backslash = 92

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
