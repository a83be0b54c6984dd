/**
 * Lists that are written as text: Markdown, tuples, items with commas between them.
 */
import * as Coerce from "./coerce.ts"
import type { ArrayTarget, Target } from "./target.ts"

/** The items that a text lists, in the form that is wanted of them; undefined where that is not clear. */
export const itemsIn = (
  text: string,
  array: ArrayTarget,
  read: Coerce.ReadText
): ReadonlyArray<unknown> | undefined => {
  // Objects and arrays are not written in words.
  if (!takesScalar(array.at(0))) return undefined
  const trimmed = text.trim()
  const items = bullets(trimmed) ?? quoted(trimmed) ?? alone(trimmed, array) ?? separated(trimmed, array)
  return items?.map((item, index) => Coerce.ofString(item, array.at(index), read))
}

const takesScalar = (target: Target): boolean =>
  target.isAny || target.isSeveral || target.isText || target.isNumber || target.isBoolean || target.literals.length > 0

/** A Markdown list, which may have a line before it that ends with a colon. */
const bullets = (text: string): ReadonlyArray<string> | undefined => {
  const written = text.split(/\r\n|[\r\n]/).filter((line) => line.trim() !== "")
  if (isNested(written)) return undefined
  const lines = written.map((line) => line.trim())
  const first = lines[0]
  const listed = first !== undefined && first.endsWith(":") && !bullet.test(first) ? lines.slice(1) : lines
  if (listed.length === 0 || !listed.every((line) => bullet.test(line))) return undefined
  return listed.map((line) => unquoted(line.replace(bullet, "")))
}

/** Whether some lines are indented further than others. The first line has lost its indent. */
const isNested = (lines: ReadonlyArray<string>): boolean => {
  const margins = lines.slice(1).map((line) => line.length - line.trimStart().length)
  return margins.some((margin) => Math.abs(margin - margins[0]!) > 1)
}

const bullet = /^(?:[-*+\u2022]|\d{1,3}[.)])\s+/

const unquoted = (text: string): string => quotedItem.test(text) ? text.slice(1, -1) : text

/** Items that all have quotes: `"a", "b"`, also in the brackets of a tuple. */
const quoted = (text: string): ReadonlyArray<string> | undefined => {
  const items = parts(text.startsWith("(") && text.endsWith(")") ? text.slice(1, -1) : text)
  return items.length > 0 && items.every((item) => quotedItem.test(item)) ? items.map(unquoted) : undefined
}

const quotedItem = /^"[^"\\]*"$|^'[^'\\]*'$/

/** Parts between commas, the empty one after the last comma left out. */
const parts = (text: string): ReadonlyArray<string> => {
  const all = text.split(",").map((part) => part.trim())
  return all[all.length - 1] === "" ? all.slice(0, -1) : all
}

/** One item alone: a word that does not say `none`. More words may be a sentence about the list. */
const alone = (text: string, array: ArrayTarget): ReadonlyArray<string> | undefined =>
  Coerce.takesText(array.at(0)) && !array.at(0).isAny && oneWord.test(text) && !nothing.has(text.toLowerCase())
    ? [text]
    : undefined

const oneWord = /^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u
const nothing: ReadonlySet<string> = new Set(["none", "null", "nothing", "na", "nil", "empty", "undefined", "no"])

/** Items without quotes, where each of them has to be one of a few values, a number or a truth value. */
const separated = (text: string, array: ArrayTarget): ReadonlyArray<string> | undefined => {
  const items = parts(text.startsWith("(") && text.endsWith(")") ? text.slice(1, -1) : text)
  // `1,234` may be one number or two: it is not clear.
  const areClear = items.length > 0 && !/^\d{1,3}(?:,\d{3})+$/.test(text) && items.every((item, index) => {
    const target = array.at(index)
    if (item === "" || target.isAny || target.isText || target.object !== undefined || target.array !== undefined) {
      return false
    }
    const value = Coerce.ofString(item, target, () => undefined)
    return typeof value !== "string" || target.literals.includes(value)
  })
  return areClear ? items : undefined
}
