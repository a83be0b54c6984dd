/**
 * The marker of a section, `[[ ## name ## ]]`, in the spellings that replies have of it.
 */
import { skipAny } from "../../text/characters.ts"
import { foldName } from "../internal/spelling.ts"

/** The name in the marker that ends a reply. */
export const completed = "completed"

export interface Names {
  readonly resolve: (spelling: string) => string | undefined
  readonly longest: number
  readonly all: ReadonlyArray<string>
  readonly unseen: Set<string>
}

/** What looks like a marker. */
export interface Marker {
  readonly spelling: string
  /** The output field that the spelling names. */
  readonly name: string | undefined
  /** It is the marker that ends a reply, and not the marker of a field that is missing. */
  readonly isLast: boolean
  readonly hasLeft: boolean
  readonly hasRight: boolean
  readonly isClosed: boolean
  readonly end: number
}

/** A marker that counts, with its decoration. */
export interface Counted extends Marker {
  readonly start: number
  readonly tail: string
  /** What decorates it on one side only, without numbers. */
  readonly opening: string
  /** It stands behind text. */
  readonly isBehind?: boolean
  /** Its field's marker stands right before it. */
  readonly isRepeat?: boolean
  /** The reply is corrected from here on. */
  readonly isAnew?: boolean
  /** The model plays the next turn from here on. */
  readonly isTurn?: boolean
}

/** The text ends before it is known. */
export const maybe = "maybe"

export const mostDecoration = 24
export const mostMarks = 4
const mostHashes = 8
const mostBlanks = 4
const mostName = 64
/** How much white space may follow what counts only at the reply's end. */
export const mostSpace = 16

export const isBreak = (code: number): boolean => code === 10 || code === 13

export const blanks = " \t"
/** Characters of headings, lists, quotes, emphasis, code and escapes, and those without a width. */
export const decorations = " \t#>-+*_~`\\.)0123456789"
export const otherDecorations = "\u2022\u200b\u200c\u200d\u2060"
/** Decoration before a marker, and the beginning of one. A number is decoration only in a list. */
export const mayDecorate = /^(?:[-+*\u2022\u200b-\u200d\u2060>#_`~ \t]|\d{1,3}(?:[.)]|$))*\\?$/
export const decoration = /^(?:[-+*\u2022\u200b-\u200d\u2060>#_`~ \t]|\d{1,3}[.)](?=[ \t*_~`]))*\\?$/
/** What may stand directly around a marker, wherever it is. */
export const marks = "*_~`\\"

/** Reads a marker. Each part of it is limited: so is what is kept back. */
export const readMarker = (
  text: string,
  bracket: number,
  names: Names,
  isAtLineStart: boolean
): Marker | typeof maybe | undefined => {
  let at = skipAny(text, bracket + 1, "\\", 1)
  if (at === text.length) return maybe
  if (text[at] !== "[") return undefined
  const third = skipAny(text, at + 1, "[", 1)
  const hasThird = third > at + 1
  at = skipAny(text, third, blanks, mostBlanks)
  const hashes = at
  at = skipAny(text, at, "#\\", mostHashes)
  const hasLeft = at > hashes
  if (!hasLeft && !isAtLineStart && at < text.length) return undefined
  at = skipAny(text, at, blanks, mostBlanks)
  const nameAt = at
  while (at < text.length && at - nameAt <= Math.max(mostName, names.longest) && !nameEnds.includes(text[at]!)) at++
  const written = text.slice(nameAt, at)
  const spelling = (written.includes("\\") ? written.replaceAll("\\", "") : written).trim()
  if (at === text.length) return mayBecome(names, spelling, { hasLeft, isAtLineStart }) ? maybe : undefined
  if (spelling === "" || !nameEnds.includes(text[at]!)) return undefined
  const mayBeLast = spelling.length === completed.length && spelling.toLowerCase() === completed
  if (!mayBeLast && !hasLeft) return undefined
  const name = names.resolve(spelling)
  const isLast = mayBeLast && !(name !== undefined && hasLeft && names.unseen.has(name))
  const right = at
  at = skipAny(text, at, "#\\", mostHashes)
  const hasRight = text.slice(right, at).includes("#")
  at = skipAny(text, at, blanks, mostBlanks)
  const first = skipAny(text, at, "\\", 1)
  const second = text[first] === "]" ? skipAny(text, first + 1, "\\", 1) : first
  const isClosed = second > first && text[second] === "]"
  if (!isClosed && second === text.length) return maybe
  if (isClosed && hasThird && hasLeft && second + 1 === text.length) return maybe
  return {
    spelling,
    name: isLast ? undefined : name,
    isLast,
    hasLeft,
    hasRight,
    isClosed,
    end: isClosed ? skipAny(text, second + 1, hasThird ? "]" : "", 1) : at
  }
}

const nameEnds = "#[]\r\n"

/** Whether the beginning of a name may become a name that counts. At the start of a line, behind hashes, every name may. */
const mayBecome = (
  names: Names,
  spelling: string,
  { hasLeft, isAtLineStart }: { readonly hasLeft: boolean; readonly isAtLineStart: boolean }
): boolean => (hasLeft && isAtLineStart) || isBeginning(spelling, hasLeft ? names.all : [])

const isBeginning = (spelling: string, names: Iterable<string>): boolean => {
  const folded = foldName(spelling)
  if (completed.startsWith(folded)) return true
  for (const name of names) if (foldName(name).startsWith(folded)) return true
  return false
}

/** The other half of a decoration. */
export const closersOf = (opening: string): string => {
  let end = opening.length
  if (opening.endsWith("\\")) end--
  let start = end
  while (start > 0 && "*_~`".includes(opening[start - 1]!)) start--
  return opening.slice(start, end)
}

/** Whether what was kept back is the beginning of a marker rather than content, as the reply ends there. */
export const isCutMarker = (held: string, names: Names, isAtLineStart: boolean): boolean => {
  const [, hashes, rest] = cut.exec(held) ?? []
  if (rest === undefined) return false
  const spelling = rest.replaceAll(/[\\#\]\s]+$/g, "")
  if (spelling.toLowerCase() === completed) return true
  return isAtLineStart && hashes !== "" && (rest.includes("]") || isBeginning(spelling, names.unseen))
}

const cut = /^[^[]*\[\\?\[\s*([#\\]*)\s*([^]*)$/
