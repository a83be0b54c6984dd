/**
 * The inside of one JSON string, decoded while it arrives.
 *
 * Lenient where models are wrong and nothing is lost by it: raw control characters count as themselves, an unknown
 * escape stays as it is written, and a quote that cannot be the string's end, because of what follows it, is content.
 */

export class JsonString {
  /** What was decoded so far. Whoever shows it piece by piece sets it back. */
  text = ""
  /** The string is over; what follows it has not been taken. */
  isClosed = false
  readonly #quote: string
  readonly #followers: string | undefined
  #escape = ""
  // The quote and the white space after it, until it is known what follows.
  #closing = ""

  /** A string after its first quote; `followers` are the characters that may stand behind its end, by default any. */
  constructor(quote: string, followers?: string) {
    this.#quote = quote
    this.#followers = followers
  }

  /** Takes text from an index, and returns the index behind what it took. */
  scan(text: string, from: number): number {
    let at = from
    let quoteAt = -1
    let escapeAt = -1
    while (at < text.length) {
      if (this.#closing !== "") {
        const end = skipJsonSpace(text, at)
        if (end > at) this.#closing += text.slice(at, end)
        at = end
        if (at === text.length) return at
        if (this.#endsBefore(text[at]!)) {
          this.isClosed = true
          return at
        }
        this.text += this.#closing
        this.#closing = ""
      } else if (this.#escape !== "") {
        at = this.#unescape(text, at)
      } else {
        if (quoteAt < at) quoteAt = indexOf(text, this.#quote, at)
        if (escapeAt < at) escapeAt = indexOf(text, "\\", at)
        const stop = Math.min(quoteAt, escapeAt)
        if (stop > at) this.text += text.slice(at, stop)
        if (stop === text.length) return stop
        if (stop === quoteAt) this.#closing = this.#quote
        else this.#escape = "\\"
        at = stop + 1
      }
    }
    return at
  }

  /** Nothing follows: whether the string was closed. What is left of an escape counts as itself. */
  end(): boolean {
    this.text += this.#escape
    this.#escape = ""
    return this.isClosed || this.#closing !== ""
  }

  // A quote on a new line begins the next string, where a comma was forgotten.
  #endsBefore(next: string): boolean {
    return this.#followers === undefined || this.#followers.includes(next) ||
      (next === this.#quote && this.#closing.includes("\n"))
  }

  #unescape(text: string, at: number): number {
    const char = text[at]!
    if (this.#escape === "\\") {
      if (char === "u") this.#escape = "\\u"
      else {
        this.text += escapes.get(char) ?? `\\${char}`
        this.#escape = ""
      }
      return at + 1
    }
    if (!isHexDigit(char.charCodeAt(0))) {
      this.text += this.#escape
      this.#escape = ""
      return at
    }
    this.#escape += char
    if (this.#escape.length === 6) {
      this.text += String.fromCharCode(Number.parseInt(this.#escape.slice(2), 16))
      this.#escape = ""
    }
    return at + 1
  }
}

/** The first index from `at` that has no JSON white space. */
export const skipJsonSpace = (text: string, at: number): number => {
  while (at < text.length && isJsonSpace(text.charCodeAt(at))) at++
  return at
}

export const isJsonSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9

const indexOf = (text: string, char: string, at: number): number => {
  const found = text.indexOf(char, at)
  return found === -1 ? text.length : found
}

const isHexDigit = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)

const escapes: ReadonlyMap<string, string> = new Map([
  ["\"", "\""],
  ["'", "'"],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"]
])
