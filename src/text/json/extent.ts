/**
 * Where a JSON value that arrives in pieces ends: the bracket that closes the first one. Nothing else of it is looked at.
 *
 * Each character is read once, however the text is cut.
 */

/** Follows one value, an object or an array. */
export class JsonExtent {
  private depth = 0
  private quoted = false
  private escaped = false
  private ended = false
  /** The last character that is neither white space nor within a string. */
  private last = 0

  /** Takes the next text, from `from` on; returns the place after the bracket that ends the value, or -1 while it is open. */
  push(text: string, from = 0): number {
    if (this.ended) return -1
    let { depth, escaped, last, quoted } = this
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (quoted) {
        if (escaped) escaped = false
        else if (code === backslash) escaped = true
        else if (code === quote) quoted = false
        continue
      }
      if (code > 32) last = code
      if (code === quote) quoted = true
      else if (code === brace || code === bracket) depth++
      else if (code === closingBrace || code === closingBracket) {
        depth--
        if (depth <= 0) {
          this.ended = true
          return at + 1
        }
      }
    }
    this.depth = depth
    this.escaped = escaped
    this.last = last
    this.quoted = quoted
    return -1
  }

  /** Whether the value has ended. */
  whole(): boolean {
    return this.ended
  }

  /** Whether a value may come next within it, so that an object may begin. */
  expectsValue(): boolean {
    return !this.ended && !this.quoted && (this.last === colon || this.last === comma || this.last === bracket)
  }

  /** Whether a brace that opens may come next within it: where a value may, or in a string. */
  takesBrace(): boolean {
    return !this.ended && (this.quoted || this.expectsValue())
  }
}

const quote = 34
const comma = 44
const colon = 58
const backslash = 92
const brace = 123
const closingBrace = 125
const bracket = 91
const closingBracket = 93
