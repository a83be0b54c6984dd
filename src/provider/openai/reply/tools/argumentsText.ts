/**
 * Looking at the text of a tool call's arguments, which are one JSON object.
 */
import * as Result from "effect/Result"
import { JsonExtent } from "../../../../text/json/extent.ts"
import { isRecord, parse } from "../../../../text/json/values.ts"

/** Whether the text begins with an object. */
export const isObject = (text: string): boolean => {
  const first = text.charCodeAt(0)
  return first === brace || (first <= 32 && text.trimStart().charCodeAt(0) === brace)
}

/** Whether the text is an object from its beginning to its end. */
export const isWhole = (text: string): boolean => isObject(text) && Result.isSuccess(parse(text))

/** Whether more follows where the object that the text begins with has ended. */
export const overshoots = (text: string): boolean => {
  const end = new JsonExtent().push(text)
  return end !== -1 && text.slice(end).trim() !== ""
}

/** Arguments that hold nothing, as some servers send them before the real ones, or after them. */
export const isPlaceholder = (text: string): boolean => text.length < 16 && /^\s*(?:\{\s*\}|null)\s*$/.test(text)

/** Arguments of a call that has none. */
export const nothing = "{}"

/** JSON in one spelling. Empty for a text that is not JSON. */
export const canonical = (text: string): string => {
  const parsed = parse(text)
  return Result.isSuccess(parsed) ? JSON.stringify(parsed.success, ordered) : ""
}

const ordered = (_key: string, value: unknown): unknown =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0))
    : value

const brace = 123
