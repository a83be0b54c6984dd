/**
 * White space between the parts of JSON: what JSON has, and what models write in its place, such as non-breaking spaces and
 * characters without a width.
 */
import { isSpace } from "../characters.ts"

/** The first index from `at` that has no white space. */
export const skipJsonSpace = (text: string, at: number): number => {
  while (at < text.length && isJsonSpace(text.charCodeAt(at))) at++
  return at
}

export const isJsonSpace = (code: number): boolean =>
  code <= 32
    ? code === 32 || (code >= 9 && code <= 13)
    : code > 127 && (isSpace(code) || (code >= 0x200b && code <= 0x200d) || code === 0x2060)
