/**
 * The string that is open in JSON, decoded while it arrives.
 *
 * Raw control characters count as themselves, and so does a quote that text follows. What may be no part of the string is
 * kept back: a comma and white space at the end, where the next key may begin without a quote before it.
 */
import { isNameCharacter } from "../characters.ts"
import { Backslashes } from "./backslash.ts"
import { closingQuote, Ends, isApostrophe, type Verdict } from "./ends.ts"
import { isJsonSpace, skipJsonSpace } from "./space.ts"

/** Where the string stands, and who takes it. */
export interface Around {
  readonly isOpen: () => boolean
  readonly inObject: () => boolean
  /** Whether the bracket would close something that is open. */
  readonly closes: (bracket: string) => boolean
  readonly knows: (key: string) => boolean
  readonly string: (piece: string) => void
  /** White space behind the string, which has ended without a quote. */
  readonly space: (text: string) => void
}

/**
 * `open`: the string goes on. `cut`: the end of the text has to be read once more, together with what follows it. `waiting`:
 * the same, but only once {@link OpenString.follow} knows what a quote is. `ended`: its closing quote was read. `unquoted`:
 * it has ended without a quote of its own, before another one. `unclear`: nobody can tell where it ends. `unescaped`: nobody
 * can tell what a backslash in it means.
 */
export type Is = "open" | "cut" | "waiting" | "ended" | "unquoted" | "unclear" | "unescaped"

export class OpenString {
  is: Is = "ended"
  readonly #around: Around
  #quote = ""
  #quoteCode = 0
  #isTriple = false
  #isEmpty = true
  /** An odd number of quotes was content so far: they come in pairs. */
  #isQuoting = false
  /** Some quote was. */
  #hasQuotes = false
  /** What may stand between the string and the next key. */
  #tail = ""
  // The last pieces of what the string has so far: to keep them costs less than to look at them.
  #last = ""
  #second = ""
  #third = ""
  readonly #backslashes = new Backslashes(() => this.#last.endsWith(":") && drive.test(this.#before()))
  #ends: Ends | undefined
  #verdict: Verdict | undefined
  // Where the next quote and the next backslash stand in the text that is being read, once they were searched for.
  #quoteAt = -1
  #escapeAt = -1

  constructor(around: Around) {
    this.#around = around
  }

  /** What is read next is another text. */
  turn(): void {
    this.#quoteAt = this.#escapeAt = -1
  }

  /** A string begins behind its quote. */
  begin(char: string): void {
    this.is = "open"
    this.#quote = closingQuote(char)
    this.#quoteCode = this.#quote.charCodeAt(0)
    this.#quoteAt = -1
    this.#isEmpty = true
    this.#isQuoting = this.#hasQuotes = this.#isTriple = false
    this.#tail =
      this.#last =
      this.#second =
      this.#third =
        ""
    this.#backslashes.begin()
  }

  /** Whether all of the text belongs to the string. `beside` is the code of one more character that the text must not have. */
  isMore(text: string, beside: number): boolean {
    if (this.is !== "open" || this.#isEmpty || this.#tail !== "" || hasAny(text, this.#quoteCode, beside)) return false
    if (tailOf(text) !== text.length) return false
    this.#third = this.#second
    this.#second = this.#last
    this.#last = text
    return true
  }

  /** Takes text from an index. The index where to go on; from there the text has to be kept if the string is `cut` or `waiting`. */
  read(text: string, from: number): number {
    if (this.#verdict !== undefined) {
      const verdict = this.#verdict
      this.#verdict = undefined
      this.is = "open"
      return this.#apply(this.#unlessClosing(verdict), from)
    }
    this.is = "open"
    this.#search(text, from)
    const stop = Math.min(this.#quoteAt, this.#escapeAt)
    if (stop > from) this.#content(text.slice(from, stop))
    if (stop === text.length) return stop
    if (stop === this.#quoteAt) return this.#isTriple ? this.#atThird(text, stop) : this.#atQuote(text, stop)
    const escape = this.#backslashes.read(text, stop)
    if (escape === undefined || escape === "unclear") {
      this.is = escape === undefined ? "cut" : "unescaped"
      return stop
    }
    // The backslash may be the string's own, and the quote its end.
    if (escape.text === this.#quote) this.#hasQuotes = true
    this.#decoded(escape.text)
    return escape.end
  }

  /** Takes what follows a quote that has to wait: whether it is known now what it is. */
  follow(text: string): boolean {
    this.#verdict = this.#ends?.push(text, 0)
    if (this.#verdict === undefined) return false
    this.#ends = undefined
    return true
  }

  /** Nothing follows: whether a quote had to wait. */
  end(): boolean {
    if (this.#ends === undefined) return false
    this.#verdict = this.#ends.end()
    this.#ends = undefined
    return true
  }

  #remember(text: string): void {
    this.#third = this.#second
    this.#second = this.#last
    this.#last = text
  }

  /** The last three characters of what the string has so far. */
  #before(): string {
    return this.#last.length > 2 ? this.#last.slice(-3) : (this.#third + this.#second + this.#last).slice(-3)
  }

  #search(text: string, from: number): void {
    if (this.#quoteAt < from) this.#quoteAt = indexOf(text, this.#quote, from)
    if (this.#escapeAt < from) this.#escapeAt = indexOf(text, "\\", from)
  }

  /** Text of the string, of which the end may have to wait. */
  #content(run: string): void {
    const text = this.#tail === "" ? run : this.#tail + run
    const end = !this.#around.isOpen() ? text.length : this.#tail !== "" && isBlank(run) ? 0 : tailOf(text)
    this.#tail = end === text.length ? "" : text.slice(end)
    this.#remember(run)
    if (end === 0) return
    this.#isEmpty = false
    this.#around.string(end === text.length ? text : text.slice(0, end))
  }

  #decoded(text: string): void {
    this.#remember(text)
    this.#isEmpty = false
    this.#around.string(this.#tail + text)
    this.#tail = ""
  }

  // Quotes

  #atQuote(text: string, at: number): number {
    const verdict = this.#atOnce(text[at + 1])
    if (verdict !== undefined) return this.#apply(this.#unlessClosing(verdict), at)
    const around = this.#around
    const ends = new Ends({
      inObject: around.inObject(),
      isAlone: !around.isOpen(),
      closes: around.closes,
      quote: this.#quote,
      isEmpty: this.#isEmpty && this.#tail === "",
      isQuoting: this.#isQuoting,
      afterComma: this.#tail !== "",
      knows: around.knows
    })
    const later = ends.push(text, at + 1)
    if (later !== undefined) return this.#apply(this.#unlessClosing(later), at)
    this.#ends = ends
    this.is = "waiting"
    return at
  }

  /** What most quotes are: the next character says it. */
  #atOnce(next: string | undefined): Verdict | undefined {
    if (next === undefined) return undefined
    if (!this.#around.isOpen()) {
      const isKnown = !isJsonSpace(next.charCodeAt(0)) && !(this.#isEmpty && next === this.#quote)
      return isKnown ? "content" : undefined
    }
    if (next === "," || next === "]") return this.#around.inObject() || this.#isQuoting ? undefined : "ends"
    if (this.#tail !== "" || !isNameCharacter(next.charCodeAt(0))) return undefined
    return isApostrophe(this.#quote) ? "apostrophe" : "content"
  }

  /**
   * Whether a quote closes the string: the character before it says that it closes something, and no quote inside the string
   * is open.
   */
  #unlessClosing(verdict: Verdict): Verdict {
    return verdict === "content" && !this.#isQuoting && this.#around.isOpen() &&
        closes.test(this.#before().slice(-1))
      ? "unclear"
      : verdict
  }

  #apply(verdict: Verdict, at: number): number {
    switch (verdict) {
      case "ends":
        this.#end(this.#isQuoting ? "unclear" : "ended")
        return at + 1
      case "begins":
        this.#around.space(this.#tail.slice(this.#tail[0] === "," ? 1 : 0))
        this.#tail = ""
        // A key among other quotes may be one of an object that the string holds.
        this.is = this.#hasQuotes ? "unclear" : "unquoted"
        return at
      case "content":
        this.#isQuoting = !this.#isQuoting
        this.#hasQuotes = true
        this.#decoded(this.#quote)
        return at + 1
      case "apostrophe":
        this.#decoded(this.#quote)
        return at + 1
      case "triple":
        this.#isTriple = true
        return at + 2
      case "unclear":
        this.is = "unclear"
        return at
    }
  }

  /** Three quotes end what three have begun. */
  #atThird(text: string, at: number): number {
    const three = this.#quote.repeat(3)
    if (text.startsWith(three, at)) {
      this.#end("ended")
      return at + 3
    }
    if (three.startsWith(text.slice(at))) {
      this.is = "cut"
      return at
    }
    this.#decoded(this.#quote)
    return at + 1
  }

  #end(is: Is): void {
    if (this.#tail !== "") this.#around.string(this.#tail)
    this.#tail = ""
    this.is = is
  }
}

/** The letter of a drive, before a backslash. `A:` and `Q:` begin answers and questions. */
const drive = /(?:^|[^A-Za-z0-9])[C-PR-Zc-pr-z]:$/

/** What stands before a quote that closes. */
const closes = /[\p{L}\p{N}.!?)%\u2026]/u

const comma = 44

/** Where the end of a text begins that may stand between a string and the next key: a comma or a line break, and space. */
const tailOf = (text: string): number => {
  let end = text.length
  let lineEnd = end
  for (let code = text.charCodeAt(end - 1); end > 0; code = text.charCodeAt(--end - 1)) {
    if (code > comma && code < 128) return lineEnd
    if (code === comma) return end - 1
    if (!isJsonSpace(code)) return lineEnd
    if (code === 10 || code === 13) lineEnd = end - 1
  }
  return lineEnd
}

/** Whether a text has a backslash or one of two characters; most are so short that one look at each is the fastest. */
const hasAny = (text: string, first: number, second: number): boolean => {
  const { length } = text
  if (length > mostLooks) {
    return text.includes("\\") || text.includes(String.fromCharCode(first)) ||
      text.includes(String.fromCharCode(second))
  }
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code === first || code === backslash || code === second) return true
  }
  return false
}

/** The code of a backslash. */
export const backslash = 92
const mostLooks = 12

const isBlank = (text: string): boolean => skipJsonSpace(text, 0) === text.length

const indexOf = (text: string, char: string, at: number): number => {
  const found = text.indexOf(char, at)
  return found === -1 ? text.length : found
}
