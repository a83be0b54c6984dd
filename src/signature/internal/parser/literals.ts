/**
 * Literals of a signature's text: quoted texts, numbers, constants, and the names of properties.
 */
import type { Cursor } from "./text.ts"
import { literal, type Union } from "./unions.ts"

/** Words that are values. */
export const constants = new Map<string, Union>([
  ["true", { literals: [true], members: [], nullable: false }],
  ["True", { literals: [true], members: [], nullable: false }],
  ["false", { literals: [false], members: [], nullable: false }],
  ["False", { literals: [false], members: [], nullable: false }],
  ["null", { literals: [], members: [], nullable: true }],
  ["None", { literals: [], members: [], nullable: true }]
])

/** A quoted text, behind its first quote. */
export const quoted = (at: Cursor, quote: string): Union | undefined => {
  const start = at.offset
  const end = at.text.indexOf(quote, start)
  if (end < 0) return at.fail(`the quote ${quote} is not closed`, start - 1)
  const value = at.text.slice(start, end)
  if (value.includes("\\")) return at.fail("a quoted literal has no escapes", start + value.indexOf("\\"))
  at.offset = end + 1
  return literal(value)
}

/** The number that a word from `start` says. */
export const numeral = (at: Cursor, start: number, word: string): Union | undefined => {
  // As TypeScript reads a number from text: only in the form in which it would be printed.
  const value = Number(word)
  return Number.isFinite(value) && String(value) === word
    ? literal(value)
    : at.fail(`'${word}' is not a number in its shortest form`, start)
}

/** A name or a quoted text, and the space behind it. */
export const key = (at: Cursor): string | undefined => {
  const start = at.offset
  const quote = at.eat("'") ? "'" : at.eat("\"") ? "\"" : undefined
  const name = quote === undefined ? at.word() : quoted(at, quote)?.literals[0]
  if (name === undefined) return undefined
  if (name === "" && quote === undefined) return at.fail(`expected a property's name, not ${at.token()}`)
  if (name === "__proto__") return at.fail("a property cannot be named '__proto__'", start)
  at.skip()
  return String(name)
}
