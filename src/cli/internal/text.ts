/**
 * Text from anywhere (a model, a provider, a tool, a file), as a terminal may show it.
 */
import * as CliOutput from "effect/cli/CliOutput"

/**
 * Text without what acts instead of being shown: control characters other than ends of lines and tabs, and those that
 * turn the direction of writing. With them a model could write to other places of a terminal, or show other words than it
 * says.
 */
export const harmless = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, "")

/** Such characters inside of JSON as escapes, so that it stays the same value. `JSON.stringify` escapes the first 32 only. */
export const harmlessJson = (json: string): string =>
  json.replace(/[\u007f-\u009f\p{Bidi_Control}]/gu, (character) => `\\u${hex(character.charCodeAt(0))}`)

/** As much of a line as there is room for, in columns of a terminal: many characters take two, and some none. */
export const cut = (line: string, columns: number): string => {
  if (CliOutput.displayWidth(line) <= columns) return line
  let shown = ""
  let width = 0
  for (const { segment } of graphemes.segment(line)) {
    width += CliOutput.displayWidth(segment)
    if (width > columns - 3) break
    shown += segment
  }
  return `${shown}...`
}

/** What a person takes for one character. */
export const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

const hex = (code: number): string => code.toString(16).padStart(4, "0")
