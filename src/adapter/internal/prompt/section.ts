/**
 * Text under a marker: how inputs stand in a prompt, and a reply's fields where the adapter is Chat.
 */
import { completed } from "../../chat/marker.ts"
import { type Inert, patternOf } from "./inert.ts"

/** The line above a field's text. */
export const marker = (name: string): string => `[[ ## ${name} ## ]]`

export const section = (name: string, text: string): string => `${marker(name)}\n${text}`

/**
 * Writes text so that no marker stands in it: `[[ ## answer ## ]]` becomes `[ [ ## answer ## ]]`. In JSON the first bracket is
 * escaped, `\u005b[ ## answer ## ]]`, and the string stays the same.
 *
 * More counts as a marker here than readers of replies take for one. Two brackets begin it, with emphasis and escapes between
 * them; two hashes follow, or one of the names.
 */
export const withoutMarkers = (names: ReadonlyArray<string>): Inert => {
  // `[[true]]` may be JSON, and mean itself.
  const named = patternOf([...names.filter((name) => !jsonWords.has(name.toLowerCase())), completed])
  const hashes = `#[^#[\\]\\r\\n]{0,200}#`
  const bracket = new RegExp(`\\[(?=${emphasis}*\\[(?:${blank}*${hashes}|(?:${blank}|[#-])*${named}))`, "gi")
  return (text, kind) => text.replace(bracket, kind === "json" ? "\\u005b" : "[ ")
}

const jsonWords = new Set(["true", "false", "null"])

/** Markdown's emphasis and escapes, and characters without a width. */
const emphasis = "[*_~`\\\\\\u00ad\\u200b-\\u200f\\u2060\\ufeff]"
const blank = `(?:${emphasis}|[^\\S\\r\\n])`
