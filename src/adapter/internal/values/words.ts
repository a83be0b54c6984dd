/**
 * What a text means where one of a few values, a number or a truth value was asked for, and words stand around it.
 *
 * The value counts only if nothing else in the text could be one: `positive - the tone is warm` is `positive`; `not positive`,
 * `positive or negative` and `5 apples` are nothing.
 */
import { canHold, numeral } from "../../../text/json/word.ts"

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
export const isNothing = (text: string): boolean => text === "" || nothing.has(text.toLowerCase())

const nothing: ReadonlySet<string> = new Set(["null", "none", "nil", "undefined", "nan", "n/a"])

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
  const wanted = spaced(text)
  const [first, ...others] = literals.filter((literal) => spaced(String(literal)) === wanted)
  return others.length === 0 ? first : undefined
}

/** In one case, its words one space apart; a dash or underscore counts as a space where it stands between words. */
const spaced = (text: string): string =>
  text.toLowerCase().replaceAll(/(?<=[\p{L}\p{N}])[\s_-]+(?=[\p{L}\p{N}])/gu, " ").trim()

/**
 * The literal that the text begins with, before a mark or an empty line, or ends with, behind the words that lead to an
 * answer; no other one stands anywhere in it.
 */
const amongWords = (text: string, literals: ReadonlyArray<Literal>): Literal | undefined => {
  const lower = text.toLowerCase()
  const words = literals.filter((literal) => typeof literal === "string" && literal.trim() !== "")
  const found = words.filter((literal) => begins(lower, spelled(literal)) || ends(lower, spelled(literal)))
  const [first] = found.toSorted((a, b) => String(b).length - String(a).length)
  if (first === undefined) return undefined
  const rest = lower.replace(spelled(first), " ")
  return words.some((literal) => literal !== first && mentions(rest, spelled(literal))) ? undefined : first
}

/** A literal in the spellings that replies have of it. */
const spelled = (literal: Literal): RegExp => {
  const words = String(literal).toLowerCase().split(/[\s_-]+/).filter((word) => word !== "")
  return new RegExp(`(?<![\\p{L}\\p{N}_~-])${words.map(escaped).join("[\\s_-]+")}(?![\\p{L}\\p{N}_~-])`, "u")
}

const escaped = (word: string): string => word.replaceAll(/[$()*+./?[\\\]^{|}]/g, "\\$&")

const mentions = (text: string, literal: RegExp): boolean => literal.test(text)

const begins = (text: string, literal: RegExp): boolean => {
  const found = literal.exec(text)
  if (found === null || !/^[*_"'`]*$/.test(text.slice(0, found.index))) return false
  const behind = text.slice(found.index + found[0].length)
  const mark = /^[*_"'`]*(?:\s*$|\s*[.,;!](?![\p{L}\p{N}])|\s*[(\u2013\u2014]|\s+-\s|\s*[\r\n]\s*[\r\n])\s*/u.exec(
    behind
  )
  return mark !== null && !takesBack.test(behind.slice(mark[0].length))
}

const ends = (text: string, literal: RegExp): boolean => {
  const found = literal.exec(text)
  return found !== null && /^[*_"'`\s.!]*$/.test(text.slice(found.index + found[0].length)) &&
    leads(text.slice(0, found.index))
}

/** What follows a value and takes it back. */
const takesBack =
  /^(?:\?|(?:not?|or|but|if|unless|except|is|isn|was|wasn|cannot|can|would|should|does|doesn|do|don|false|wrong)\b)|\b(?:however|actually|wrong|incorrect|untrue)\b/

/** Whether words are nothing but the way to an answer: `The final answer is`, `Sentiment:`. Any other word may deny it. */
export const leads = (text: string): boolean =>
  /(?:\bis|\bare|\bwas|[:=])[\s*_"'`]*$/.test(text) && !/[<>!\u2260\u2264\u2265]|\bx\b/.test(text) &&
  text.split(/[^\p{L}\p{N}']+/u).every((word) => word === "" || leading.has(word))

const leading: ReadonlySet<string> = new Set(
  ("the a an my this that it its so thus therefore hence here and in of for as final overall correct right best most likely " +
    "predicted expected chosen selected given main answer label sentiment category class classification value result output " +
    "choice verdict type kind rating grade tone mood status level topic intent language priority severity review text sentence " +
    "message statement question response reply option decision conclusion number total sum count amount age price year name " +
    "title score date day time url link is are was be").split(" ")
)

// A truth value

/** Whether the text says true or false, in whatever word. */
export const booleanIn = (text: string): boolean | undefined => {
  const bare = undecorated(text).toLowerCase()
  const whole = truths.get(bare)
  if (whole !== undefined || bare.length > mostCharacters) return whole
  const first = /^[*_"'`]*(true|false|yes|no)[*_"'`]*(?:\s*[.,;!(\u2013\u2014]|\s+-\s|\s*[\r\n]\s*[\r\n])\s*/.exec(bare)
  if (first !== null) {
    const rest = bare.slice(first[0].length)
    return takesBack.test(rest) || /n't\b|n\u2019t\b/.test(rest) || others(first[1]!).test(rest)
      ? undefined
      : truths.get(first[1]!)
  }
  const last = /(true|false|yes|no)$/.exec(bare)
  return last !== null && leads(bare.slice(0, last.index)) ? truths.get(last[1]!) : undefined
}

/** `yes` and `no` are words of other sentences too. */
const others = (word: string): RegExp =>
  word === "yes" || word === "no" ? /\b(?:true|false|yes|no|correct|right)\b/ : /\b(?:true|false)\b/

const truths: ReadonlyMap<string, boolean> = new Map([["true", true], ["yes", true], ["false", false], ["no", false]])

// A number

/** The only number in the text: see {@link numeralIn}. */
export const numberIn = (text: string, isInteger: boolean): number | undefined => {
  const word = numeralIn(text, isInteger)
  return word === undefined || !canHold(word, isInteger) ? undefined : Number(word)
}

/**
 * The only number in the text, as it is written: where it stands alone, above an empty line, or at the end behind the words
 * that lead to it.
 */
export const numeralIn = (text: string, isInteger: boolean): string | undefined => {
  const bare = undecorated(text)
  const whole = numeral(bare, isInteger)
  if (whole !== undefined || bare.length > mostCharacters) return whole
  const lines = /^([^\r\n]+?)\s*(?:\r\n|[\r\n])\s*[\r\n]/.exec(bare)
  if (lines !== null) {
    return /\d/.test(bare.slice(lines[0].length)) ? undefined : numeral(undecorated(lines[1]!), isInteger)
  }
  const last = /[^\s:=]+$/.exec(bare)
  return last !== null && leads(bare.slice(0, last.index).toLowerCase())
    ? numeral(undecorated(last[0]), isInteger)
    : undefined
}

// A URL

/** The only URL in the text, alone or among words that do not take it back. */
export const urlIn = (text: string): string | undefined => {
  const bare = undecorated(text)
  if (wholeUrl.test(bare)) return bare
  if (bare.length > mostCharacters) return undefined
  const found = new Set(Array.from(bare.matchAll(webAddress), ([url]) => withoutMarks(url)))
  const [only] = found
  return found.size === 1 && !deniesUrl.test(bare.replaceAll(only!, " ").toLowerCase()) ? only : undefined
}

const wholeUrl = /^(?:[a-z][a-z\d+.-]*:\/\/|(?:mailto|tel|sms|data|urn|blob|about|magnet):)[^\s<>"`]+$/i
const webAddress = /https?:\/\/[^\s<>"'`*[\]]+/gi
const deniesUrl =
  /\b(?:not?|never|avoid|wrong|incorrect|instead|old|except|false|broken|missing|unlike)\b|n['\u2019]t\b|["{}]/

/** An address without the marks of the sentence around it: a bracket that it closes but has not opened, a full stop. */
const withoutMarks = (url: string): string => {
  let open = 0
  for (let at = 0; at < url.length; at++) {
    if (url[at] === "(") open++
    else if (url[at] === ")" && --open < 0) return withoutMarks(url.slice(0, at))
  }
  let end = url.length
  while (".,;:!?".includes(url[end - 1]!)) end--
  return url.slice(0, end)
}
