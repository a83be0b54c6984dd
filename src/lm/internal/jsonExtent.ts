/**
 * Where a JSON value that arrives in pieces ends: the bracket that closes the first one. Nothing else of it is looked at.
 *
 * Each character is read once, however the text is cut.
 */

/** Follows one value, an object or an array. */
export interface JsonExtent {
  /** Takes the next text, from `from` on; returns the place after the bracket that ends the value, or -1 while it is open. */
  readonly push: (text: string, from?: number) => number
  /** Whether the value has ended. */
  readonly whole: () => boolean
}

export const make = (): JsonExtent => {
  let depth = 0
  let quoted = false
  let escaped = false
  let whole = false
  return {
    push: (text, from = 0) => {
      for (let at = from; at < text.length && !whole; at++) {
        const code = text.charCodeAt(at)
        if (quoted) {
          if (escaped) escaped = false
          else if (code === backslash) escaped = true
          else if (code === quote) quoted = false
        } else if (code === quote) quoted = true
        else if (code === brace || code === bracket) depth++
        else if (code === closingBrace || code === closingBracket) {
          depth--
          if (depth <= 0) {
            whole = true
            return at + 1
          }
        }
      }
      return -1
    },
    whole: () => whole
  }
}

const quote = 34
const backslash = 92
const brace = 123
const closingBrace = 125
const bracket = 91
const closingBracket = 93
