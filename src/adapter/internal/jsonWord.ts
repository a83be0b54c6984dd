/**
 * Words that stand for a value where JSON is written carelessly.
 */
import { JsonString } from "./jsonString.ts"

/** A word that is no string literal of JSON: a number, a constant in any spelling, or itself. */
export const scalar = (word: string): unknown => {
  if (number.test(word)) return Number(word)
  if (constants.has(word)) return constants.get(word)
  const quote = word[0]!
  return word.length > 1 && quotes.includes(quote) && word.endsWith(quote) ? unquote(word) : word
}

export const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
  ["null", null],
  ["None", null],
  ["NULL", null]
])

const quotes = "\"'`"

const unquote = (word: string): string => {
  const string = new JsonString(word[0]!, "")
  string.scan(word, 1)
  return string.end() ? string.text : word
}

/** What is inside a code fence; text without one as it is. */
export const withoutFence = (text: string): string => {
  if (!text.startsWith("```")) return text
  const lineEnd = text.indexOf("\n")
  const end = text.lastIndexOf("```")
  return lineEnd === -1 || end <= lineEnd ? text : text.slice(lineEnd + 1, end).trim()
}
