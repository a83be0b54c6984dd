/**
 * Characters and words that several readers have to know.
 */

/** White space, as `String.prototype.trim` has it. */
export const isSpace = (code: number): boolean =>
  code === 32 || (code >= 9 && code <= 13) ||
  (code >= 160 && (code === 160 || code === 0x1680 || (code >= 0x2000 && code <= 0x200a) || code === 0x2028 ||
    code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000 || code === 0xfeff))

/** The first index from `at` that has no white space; the length if there is none. */
export const skipSpace = (text: string, at: number): number => {
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}

/** The first index from `at` that has none of these characters, at most `most` further. */
export const skipAny = (text: string, at: number, characters: string, most: number): number => {
  const end = Math.min(text.length, at + most)
  while (at < end && characters.includes(text[at]!)) at++
  return at
}

/** The first index from `at` that has no character of a field's name, at most `most` further. */
export const skipName = (text: string, at: number, most: number): number => {
  const end = Math.min(text.length, at + most)
  while (at < end && isNameCharacter(text.charCodeAt(at))) at++
  return at
}

/** Letters of any script, digits and `_`. Half a surrogate pair does not count. */
export const isNameCharacter = (code: number): boolean =>
  code < 128
    ? (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95
    : otherLetter.test(String.fromCharCode(code))

const otherLetter = /[\p{L}\p{M}\p{Nd}\p{Nl}]/u

export const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff

export const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** How models write null where no type says how. */
export const isNullWord = (word: string): boolean => word === "null" || word === "None"

/** Whether more text could make it a word for null. */
export const isNullPrefix = (word: string): boolean => "null".startsWith(word) || "None".startsWith(word)
