/**
 * Whether a quote inside a string is the string's end: what follows it decides.
 *
 * Models forget to escape quotes, to close strings and to write commas. So a quote is the end where JSON goes on behind it
 * as JSON does: with a bracket that closes something, with a comma and another value, or with a key and its colon. It is
 * content where text goes on. What could be both is nothing that can be read.
 */
import { isNameCharacter } from "../characters.ts"
import { isJsonSpace } from "./space.ts"

/**
 * `ends`: the quote is the string's end. `content`: it is a part of the string. `begins`: the string ended before it without
 * a quote of its own, and this one begins the next key. `triple`: it is the second of three that begin the string, as in
 * Python. `apostrophe`: it is a part of a word. `unclear`: it can be read in two ways.
 */
export type Verdict = "ends" | "content" | "begins" | "triple" | "apostrophe" | "unclear"

/** Where the string stands. */
export interface Place {
  /** Whether the innermost value that is open is an object; an array if not. */
  readonly inObject: boolean
  /** Whether nothing is open around the string. */
  readonly isAlone: boolean
  /** Whether the bracket would close something that is open. */
  readonly closes: (bracket: string) => boolean
  /** The string's own closing quote. */
  readonly quote: string
  /** Nothing of the string stands before the quote. */
  readonly isEmpty: boolean
  /** The string has had an odd number of quotes so far. */
  readonly isQuoting: boolean
  /** A comma or a line break stands before the quote, and nothing but white space in between. */
  readonly afterComma: boolean
  /** Whether the innermost object may have a key, and has not had it before. */
  readonly knows: (key: string) => boolean
}

type State =
  | "behind"
  | "comma"
  | "key"
  | "escape"
  | "name"
  | "colon"
  | "slash"
  | "lineComment"
  | "blockComment"
  | "newKey"
  | "newColon"
  | "newValue"

/** Reads what follows one quote, in the pieces in which it comes. */
export class Ends {
  readonly #place: Place
  #state: State = "behind"
  /** Where a comment goes on when it is over. */
  #back: State = "behind"
  #seen = 0
  #comment = 0
  #hasSpace = false
  #last = ""
  #keyQuote = ""
  #key = ""

  constructor(place: Place) {
    this.#place = place
  }

  /** Takes what follows, from an index; undefined as long as it is not known. */
  push(text: string, from: number): Verdict | undefined {
    for (let at = from; at < text.length; at++) {
      if (this.#state === "key") {
        at = this.#skipKey(text, at)
        if (at === text.length) return undefined
      } else if (this.#state === "lineComment") {
        at = this.#skipComment(text, at)
        if (at === text.length) return undefined
      }
      const verdict = this.#step(text[at]!)
      if (verdict !== undefined) return verdict
    }
    return undefined
  }

  /** Nothing follows. */
  end(): Verdict {
    switch (this.#state) {
      case "slash":
      case "newKey":
      case "newColon":
      case "newValue":
        return "content"
      default:
        return "ends"
    }
  }

  /** The inside of a key may be long, and is of no interest. */
  #skipKey(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const char = text[at]!
      if (char === this.#keyQuote || char === "\\") return at
    }
    return text.length
  }

  #skipComment(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === 10 || code === 13 || ++this.#comment > longestComment) return at
    }
    return text.length
  }

  #step(char: string): Verdict | undefined {
    const { afterComma, closes, inObject, isAlone, isEmpty, isQuoting, quote } = this.#place
    switch (this.#state) {
      case "behind":
        if (this.#isSpace(char)) return undefined
        this.#seen++
        if (isAlone) return "content"
        if (closes(char)) return "ends"
        if (char === ",") {
          if (!inObject) return isQuoting ? "unclear" : "ends"
          return this.#to("comma")
        }
        if (char === quote || char === "\"") {
          // A quotation that ends with its string has its own quote before the string's.
          if (!this.#hasSpace) return isEmpty ? "triple" : isQuoting && char === quote ? "content" : "unclear"
          if (!inObject) return isQuoting ? "content" : "ends"
          return this.#toKey(char)
        }
        if (char === ":") return isQuoting || !inObject ? "content" : "unclear"
        if (this.#isComment(char)) return undefined
        return afterComma ? this.#toNewKey(char) : this.#isText(char)
      case "comma":
        if (this.#isSpace(char) || char === ",") return undefined
        if (closes(char)) return "ends"
        if (openingQuotes.includes(char)) return this.#toKey(closingQuote(char))
        if (this.#isComment(char)) return undefined
        if (!isNameCharacter(char.charCodeAt(0))) return "content"
        this.#seen = 0
        return this.#to("name")
      case "key":
        return this.#to(char === "\\" ? "escape" : "colon")
      case "escape":
        return this.#to("key")
      case "name":
        if (isNameCharacter(char.charCodeAt(0)) || char === "-") {
          return ++this.#seen > longestName
            ? "content"
            : undefined
        }
        this.#state = "colon"
        return this.#step(char)
      case "colon":
        if (this.#isSpace(char) || this.#isComment(char)) return undefined
        return char === ":" ? "ends" : char === quote || structure.includes(char) ? "unclear" : "content"
      case "slash":
        if (char !== "/" && char !== "*") return "content"
        return this.#to(char === "/" ? "lineComment" : "blockComment")
      case "lineComment":
        return char === "\n" || char === "\r" ? this.#to(this.#back) : "content"
      case "blockComment": {
        const isOver = char === "/" && this.#last === "*"
        this.#last = char
        if (isOver) return this.#to(this.#back)
        return ++this.#comment > longestComment ? "content" : undefined
      }
      case "newKey":
        if (char === quote || char === "\"") return this.#to("newColon")
        this.#key += char
        return this.#key.length > longestName || char === "\n" ? "content" : undefined
      case "newColon":
        if (this.#isSpace(char)) return undefined
        return char === ":" ? this.#to("newValue") : "content"
      case "newValue":
        if (this.#isSpace(char)) return undefined
        if (!valueStarts.includes(char)) return "content"
        return inObject && this.#place.knows(this.#key) ? "begins" : "unclear"
    }
  }

  /** What text behind the quote says: the quote is a part of the text where it opens or closes a quotation in it. */
  #isText(char: string): Verdict {
    const { isEmpty, isQuoting, quote } = this.#place
    if (structure.includes(char)) return isQuoting && !this.#hasSpace ? "content" : "unclear"
    if (!this.#hasSpace) return isApostrophe(quote) && isNameCharacter(char.charCodeAt(0)) ? "apostrophe" : "content"
    return isQuoting || isEmpty ? "content" : "unclear"
  }

  #to(state: State): undefined {
    this.#state = state
    this.#hasSpace = false
  }

  #toKey(quote: string): undefined {
    this.#keyQuote = quote
    return this.#to("key")
  }

  #toNewKey(char: string): Verdict | undefined {
    this.#state = "newKey"
    return this.#step(char)
  }

  #isSpace(char: string): boolean {
    if (!isJsonSpace(char.charCodeAt(0))) return false
    this.#hasSpace = true
    return true
  }

  /** A comment begins, which is passed over. */
  #isComment(char: string): boolean {
    if (char !== "/" && char !== "#") return false
    this.#back = this.#state
    this.#to(char === "/" ? "slash" : "lineComment")
    return true
  }
}

/** What a name without quotes, and a comment behind a quote, may have of characters: so much is looked at more than once. */
const longestName = 64
const longestComment = 200

/** Marks that stand between parts of JSON, or in their place, rather than behind a quotation. */
const structure = "\"{}[]();,=|+<>"

/** A single quote that a letter follows is one. */
export const isApostrophe = (quote: string): boolean => quote === "'" || quote === "\u2019"

/** How a value begins. */
const valueStarts = "\"'{[-0123456789tfnTFN"

/** The quotes that models write around strings. */
export const openingQuotes = "\"'`\u201c\u201e\u2018"

/** The quote that closes what an opening one has begun. */
export const closingQuote = (quote: string): string => closing.get(quote) ?? quote

const closing: ReadonlyMap<string, string> = new Map([
  ["\u201c", "\u201d"],
  ["\u201e", "\u201c"],
  ["\u2018", "\u2019"]
])
