/**
 * Foreign text in a prompt: an input may say anything, and so may a tool's result.
 */
import type { Field } from "../../../signature/Field.ts"

/**
 * Writes foreign text so that no reader of replies finds a field in it, and a model still sees what it says. `kind` tells
 * whether the text is JSON. Text in which nothing looks like a part of the form is returned as it is.
 */
export type Inert = (text: string, kind: Field["kind"]) => string

/**
 * The source of a regular expression for these names, in every spelling that a reader of replies may take for one of them:
 * `key_points` is also `key points`, `Key-Points` and `keyPoints`. It needs the flag `i`. What cannot be a field's name is left
 * out.
 */
export const patternOf = (names: ReadonlyArray<string>): string => {
  const spellings = names.filter((name) => fieldName.test(name)).map((name) => lettersOf(name).join("[\\s_\\\\-]{0,3}"))
  return spellings.length === 0 ? "(?!)" : `(?:${spellings.join("|")})(?!\\w)`
}

/** A line that begins with the name, as labels and tags do. */
export const labelOf = (name: string): RegExp => {
  const spelled = patternOf([name])
  return new RegExp(
    `^(?:[ \\t]*<${spelled}|[\\s>*_#\u2022<\uff1c[({\u00ab\\\\-]{0,8}(?:&lt;)?${spelled}` +
      `[*_ \\t\\\\]{0,4}(?:[:>\uff1e\\])}\u00bb]|&gt;))`,
    "i"
  )
}

const fieldName = /^[\p{L}\p{Nl}_][\p{L}\p{M}\p{Nd}\p{Nl}_]*$/u

/** The characters that every spelling of the name has, each whole or taken apart into a letter and its marks. */
const lettersOf = (name: string): ReadonlyArray<string> => {
  const letters = [...name.replaceAll("_", "")]
  return letters.length === 0 ? [name] : letters.map((letter) => {
    const apart = letter.normalize("NFD")
    return apart === letter ? letter : `(?:${letter}|${apart})`
  })
}
