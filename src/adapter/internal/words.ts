/**
 * What a text means where one of a few values, a number or a truth value was asked for, and words stand around it.
 *
 * The value counts only if nothing else in the text could be one: `positive - the tone is warm` is `positive`; `not positive`,
 * `positive or negative` and `5 apples` are nothing.
 */
import { isNullWord } from "./characters.ts"
import { numberOf } from "./jsonWord.ts"

type Literal = string | number | boolean

/** The text without what models put around a value: quotes, stars, backticks, a full stop. */
export const undecorated = (text: string): string => {
  let value = text.trim()
  for (let i = 0; i < mostDecorations; i++) {
    const before = value
    const end = value[value.length - 1]
    const pair = value.length > 1 ? pairs.get(value[0]!) : undefined
    if (pair !== undefined && end === pair) value = value.slice(1, -1).trim()
    else if (value.length > 1 && (end === "." || end === "!" || end === ";" || end === ",")) {
      value = value.slice(0, -1).trimEnd()
    }
    if (value === before) break
  }
  return value
}

const mostDecorations = 8

const pairs: ReadonlyMap<string, string> = new Map([
  ["\"", "\""],
  ["'", "'"],
  ["`", "`"],
  ["*", "*"],
  ["_", "_"],
  ["\u201c", "\u201d"],
  ["\u2018", "\u2019"]
])

/** What stands for nothing where a value may be null. */
export const isNothing = (text: string): boolean => text === "" || isNullWord(text) || text === "NULL"

/** Text that is longer is not searched: it is no value with a few words around it. */
const mostCharacters = 2000

// One of a few values

/** The only one of the literals that the text can mean. */
export const literalIn = (text: string, literals: ReadonlyArray<Literal>): Literal | undefined => {
  const bare = undecorated(text)
  return exactly(bare, literals) ?? exactly(withoutBrackets(bare), literals) ??
    (bare.length > mostCharacters ? undefined : amongWords(bare, literals))
}

const withoutBrackets = (text: string): string =>
  text.startsWith("[") && text.endsWith("]") ? undecorated(text.slice(1, -1)) : text

const exactly = (text: string, literals: ReadonlyArray<Literal>): Literal | undefined => {
  const same = literals.find((literal) => String(literal) === text)
  if (same !== undefined) return same
  const [first, ...others] = literals.filter((literal) => spaced(String(literal)) === spaced(text))
  return others.length === 0 ? first : undefined
}

/** In one case, its words one space apart. */
const spaced = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]+/g, " ").trim()

const amongWords = (text: string, literals: ReadonlyArray<Literal>): Literal | undefined => {
  const words = spaced(text.replaceAll(/[\r\n]+/g, " \n ").replaceAll("\n", "; "))
  const found = new Map<Literal, number>()
  let left = words
  const longestFirst = literals.filter((literal) => typeof literal === "string" && spaced(literal) !== "").sort((
    a,
    b
  ) => String(b).length - String(a).length)
  for (const literal of longestFirst) {
    const wanted = spaced(String(literal))
    for (let at = left.indexOf(wanted); at !== -1; at = left.indexOf(wanted, at + wanted.length)) {
      if (!standsAlone(left, at, at + wanted.length)) continue
      if (!found.has(literal)) found.set(literal, at)
      left = `${left.slice(0, at)}${taken.repeat(wanted.length)}${left.slice(at + wanted.length)}`
    }
  }
  if (found.size !== 1) return undefined
  const [[literal, at]] = found as unknown as [[string, number]]
  const end = at + spaced(literal).length
  if (denies.test(words.slice(clauseStart(words, at), at)) || /^\W*(?:\?|no\b|not\b)/.test(words.slice(end))) {
    return undefined
  }
  return literal.length > longestCommonWord || standsOut(words, at, end) ? literal : undefined
}

const standsAlone = (text: string, from: number, to: number): boolean =>
  !isLetterOrDigit(text[from - 1]) && !isLetterOrDigit(text[to])

const isLetterOrDigit = (char: string | undefined): boolean =>
  char !== undefined && (char === taken || /[\p{L}\p{N}]/u.test(char))

/** Stands in place of what a longer literal has taken. */
const taken = "\u0000"

const clauseStart = (text: string, at: number): number => {
  let start = at
  while (start > 0 && !".;:!?".includes(text[start - 1]!)) start--
  return start
}

const denies =
  /\b(?:not?|non|never|neither|nor|none|without|hardly|barely|cannot|rather|instead|less|except|unless|if|whether|either|far from)\b|n't\b|n\u2019t\b/

/** Short words are words of any sentence: `a`, `no`, `in`. */
const longestCommonWord = 3

/** At the beginning, with a mark behind it; or at the end, behind a colon, `=` or `is`. */
const standsOut = (text: string, from: number, to: number): boolean =>
  (from === 0 && /^\s*(?:[.,;:!)\u2013\u2014]|$)/.test(text.slice(to))) ||
  (/(?:\bis|[:=])\s*$/.test(text.slice(Math.max(0, from - 8), from)) && /^\W*$/.test(text.slice(to)))

// A truth value

/** Whether the text says true or false, in whatever word. */
export const booleanIn = (text: string): boolean | undefined => {
  const bare = undecorated(text).toLowerCase()
  const whole = truths.get(bare)
  if (whole !== undefined || bare.length > mostCharacters) return whole
  const begins = /^[*_"'`]*(true|false|yes|no)[*_"'`]*\s*(?:[.,;:!()\u2013\u2014-]|[\r\n])/.exec(bare)
  const ends = /(?:\bis|[:=])\s*[*_"'`]*(true|false|yes|no)$/.exec(bare)
  const word = (begins ?? ends)?.[1]
  if (word === undefined) return undefined
  const rest = begins === null ? bare.slice(0, ends!.index) : bare.slice(begins[0].length)
  const others = word === "yes" || word === "no" ? /\b(?:true|false|yes|no)\b/ : /\b(?:true|false)\b/
  return others.test(rest) || (begins === null && denies.test(rest)) ? undefined : truths.get(word)
}

const truths: ReadonlyMap<string, boolean> = new Map([["true", true], ["yes", true], ["false", false], ["no", false]])

// A number

/** The only number in the text, where it stands alone, alone in the first line, or at the end behind a colon, `=` or `is`. */
export const numberIn = (text: string, isInteger: boolean): number | undefined => {
  const bare = undecorated(text)
  const whole = numberOf(bare, isInteger)
  if (whole !== undefined || bare.length > mostCharacters) return whole
  const lineEnd = bare.search(/[\r\n]/)
  if (lineEnd !== -1) {
    return /\d/.test(bare.slice(lineEnd)) ? undefined : numberOf(undecorated(bare.slice(0, lineEnd)), isInteger)
  }
  const ends = /(?:\bis|[:=])\s*([^\s:=]+)$/.exec(bare)
  if (ends === null || /\d/.test(bare.slice(0, ends.index)) || denies.test(bare.slice(0, ends.index).toLowerCase())) {
    return undefined
  }
  return numberOf(undecorated(ends[1]!), isInteger)
}
