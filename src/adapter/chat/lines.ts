/**
 * The text around a marker on its line: it tells whether the marker counts.
 */
import { isSpace, skipAny, skipSpace } from "../../text/characters.ts"
import { isBreak, maybe, mostSpace } from "./marker.ts"

// Characters

/** What a quotation begins with. */
export const quotes = "\"'“‘(«"
/** What a marker that is merely mentioned may stand before. */
export const clauseEnds = ".,;!?)\"'”’»"
/** What stands before a marker that words lead to. */
export const leads = ":*"
/** Words that take back what stands before them. */
export const takesBack =
  /^[^\p{L}]{0,8}(?:wait|sorry|oops|actually|correction|correcting|corrected|hold on|scratch that|on second thought|no,? (?:wait|that|let)|let me (?:correct|fix|redo|revise|rewrite|try)|that(?:'s| is|\u2019s) (?:wrong|incorrect|not right)|i (?:have )?made an? (?:mistake|error))\b/iu

/** Whether the other half of what stands before a marker stands behind it. */
export const pairs = (text: string, end: number, closers: string): boolean | typeof maybe => {
  const at = skipAny(text, end, ":]", 2)
  const wanted = mirrored(closers)
  const rest = text.slice(at, at + wanted.length)
  return rest === wanted || (at + rest.length === text.length && wanted.startsWith(rest) ? maybe : false)
}

/** The characters in the other order. */
export const mirrored = (text: string): string => [...text].toReversed().join("")

/** A decoration without the number of a list. */
export const withoutNumbers = (text: string): string => text === "" ? "" : text.replaceAll(/[\d\s]/g, "")

/** Whether text stands on the marker's line, if that can be told. */
export const isInline = (text: string): boolean | undefined => {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isBreak(code)) return false
    if (!isSpace(code)) return true
  }
  return undefined
}

/** Letters and digits, and the comma, which no sentence ends with. */
export const isWord = (code: number): boolean => /[\p{L}\p{N}_,]/u.test(String.fromCharCode(code))

/** Whether the text is white space alone. */
export const isBlank = (text: string): boolean => skipSpace(text, 0) === text.length

/** Whether nothing but a little white space follows. */
export const isSpaceAfter = (text: string, at: number): boolean =>
  text.length - at <= mostSpace && text.slice(at).trimStart() === ""
