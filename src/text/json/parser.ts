/**
 * Reads JSON while it arrives, tolerant of what models write around and into it, and tells of it token by token.
 *
 * Beyond JSON it takes: text and code fences around an object or array, comments, any kind of quotes, keys and words without
 * quotes, quotes inside strings, strings that are not closed before the next key, commas that are missing, doubled or at
 * either end, tuples, sets where a list is wanted, brackets that are not closed, and JSON whose quotes are all escaped. What
 * could be read in two ways is not read: {@link Tokens.fail} is told why.
 *
 * A character is read once; what has to wait for what follows it is read once more.
 */
import { isNameCharacter, isSurrogate } from "../characters.ts"
import { closingQuote, openingQuotes } from "./ends.ts"
import { readEscape, Unescaper } from "./escape.ts"
import { skipJsonSpace } from "./space.ts"
import { type Around, backslash, OpenString } from "./string.ts"
import type { JsonTokens } from "./tokens.ts"
import { isConstant, number } from "./word.ts"

/** Takes what the parser finds. */
export interface Tokens extends JsonTokens {
  /** Text outside of all objects, where these are looked for. */
  readonly words: (text: string) => void
  /**
   * The text that began like JSON is not JSON. Returns whether it was prose: then reading goes on behind it. If not, nothing
   * more is read.
   */
  readonly fail: (problem: string) => boolean
}

/** `value`: reads one value, which may have text around it. `objects`: reads all objects that a text has. */
export type Mode = "value" | "objects"

type State =
  | "start"
  | "words"
  | "firstKey"
  | "firstColon"
  | "value"
  | "string"
  | "word"
  | "key"
  | "keyString"
  | "keyWord"
  | "colon"
  | "after"
  | "comment"
  | "done"
  | "broken"

export class JsonParser implements Around {
  /** What stands behind the value, once that is whole. */
  rest = ""
  readonly #tokens: Tokens
  readonly #mode: Mode
  #state: State = "start"
  /** The brackets that close what is open, innermost last, and whether that is an object. */
  readonly #closers: Array<string> = []
  readonly #areObjects: Array<boolean> = []
  /** An object has begun, but is not told of before its first key is whole: until then it may be prose. */
  #isPending = false
  #pendingSpace = ""
  /** A brace among the words was prose, so that the words are not the whole text. */
  #hasProse = false
  #word = ""
  /** How the line of the words begins. */
  #line = ""
  #isAfterWord = false
  /** The word was neither a number nor a constant. */
  #isAfterText = false
  /** The quote that ends the key. */
  #quote = ""
  readonly #string = new OpenString(this)
  /** Text that has to be read once more, with what follows it. */
  #held: Array<string> = []
  /** All quotes are escaped: what is read is the inside of a string. */
  #unescaper: Unescaper | undefined
  #comment: "line" | "block" = "line"
  #beforeComment: State = "start"
  #hasOddQuotes = false

  constructor(tokens: Tokens, mode: Mode) {
    this.#tokens = tokens
    this.#mode = mode
  }

  /**
   * Whether all of the text belongs to the string that is open, which is so for most pieces of a long string. `beside` is the
   * code of one more character that the text must not have.
   */
  isMore(text: string, beside: number): boolean {
    return this.#state === "string" && this.#unescaper === undefined && this.#string.isMore(text, beside)
  }

  /** Takes the next text. */
  push(chunk: string): void {
    if (this.isMore(chunk, backslash)) return this.#tokens.string(chunk)
    if (this.#state === "broken") return
    if (this.#state === "done") {
      this.rest += chunk
      return
    }
    const text = this.#unescaper === undefined ? chunk : this.#unescaper.push(chunk)
    if (this.#held.length === 0) return this.#read(text, 0)
    this.#held.push(text)
    if (this.#string.is !== "waiting" || this.#string.follow(text)) this.#readHeld()
  }

  /**
   * Nothing follows: whether everything that has begun is whole. Behind a string, an object or an array, what is still open
   * is closed. A word at the end may be only a part of a word.
   */
  end(): boolean {
    while (this.#string.is === "waiting" && this.#string.end()) this.#readHeld()
    if (this.#state === "after" && !this.#isAfterWord) { while (this.#closers.length > 0) this.#close() }
    return this.#state === "done"
  }

  /**
   * The words at the end of the text, which no bracket has ended. Empty if there are none, or if more than these words was
   * read.
   */
  get lastWords(): string {
    return this.#state === "word" || (this.#state === "words" && !this.#hasProse) ? this.#word.trim() : ""
  }

  /** Reads no further. */
  stop(): void {
    this.#state = "done"
  }

  #break(problem: string): void {
    if (this.#tokens.fail(problem)) this.#prose()
    else this.#state = "broken"
  }

  /** What began was prose after all. */
  #prose(): void {
    for (; this.#closers.length > 0; this.#closers.pop()) this.#areObjects.pop()
    this.#isPending = false
    this.#unescaper = undefined
    this.#pendingSpace = ""
    this.#hasProse = true
    this.#state = "words"
  }

  #read(text: string, from: number): void {
    this.#string.turn()
    let at = from
    while (at < text.length) {
      if (this.#state === "broken") return
      if (this.#state === "done") {
        this.rest = text.slice(at)
        return
      }
      at = this.#step(text, at)
    }
  }

  #readHeld(): void {
    const text = this.#held.join("")
    this.#held = []
    this.#read(text, 0)
  }

  /** Keeps the end of the text until more has come. */
  #hold(text: string, at: number): number {
    this.#held = [text.slice(at)]
    return text.length
  }

  // Each step takes at least one character, or moves on to a state that does.

  #step(text: string, from: number): number {
    switch (this.#state) {
      case "string":
        return this.#inString(text, from)
      case "words":
        return this.#inWords(text, from)
      case "keyString":
        return this.#inKeyString(text, from)
      case "keyWord":
        return this.#inKeyWord(text, from)
      case "word":
        return this.#inWord(text, from)
      case "comment":
        return this.#inComment(text, from)
    }
    const at = skipJsonSpace(text, from)
    if (at > from && this.isOpen()) {
      if (this.#isPending) this.#pendingSpace += text.slice(from, at)
      else this.#tokens.space(text.slice(from, at))
    }
    if (at === text.length) return at
    const char = text[at]!
    if (char === "/" || char === "#") {
      const comment = !this.isOpen() ? undefined : this.#openComment(text, at)
      if (comment !== undefined) return comment
    }
    switch (this.#state) {
      case "start":
        return this.#start(text, char, at)
      case "firstKey":
      case "key":
        return this.#key(text, char, at)
      case "firstColon":
        return this.#firstColon(char, at)
      case "colon":
        if (char !== ":") return this.#junk(at)
        this.#state = "value"
        return at + 1
      case "value":
        return this.#value(text, char, at)
      default:
        return this.#after(char, at)
    }
  }

  #start(text: string, char: string, at: number): number {
    if (this.#mode === "value") {
      if (char === "{" || char === "[") return this.#opening(char, at)
      if (char === "\"") return this.#openString(char, at)
    } else if (char === "\"" || char === "'") {
      // The model may have forgotten the first `{`. It has where a key follows, and not where the whole reply is a string.
      if (at + 1 === text.length) return this.#hold(text, at)
      if (!isNameCharacter(text.charCodeAt(at + 1))) {
        this.#state = "words"
        return at + 1
      }
      this.#pend()
      return this.#openKey(char, at)
    }
    this.#state = "words"
    return at
  }

  /** Words outside of everything: what comes before an object or array, else the value itself. */
  #inWords(text: string, from: number): number {
    let at = from
    if (this.#mode === "objects") {
      const brace = indexOf(text, "{", from)
      if (brace > from) this.#tokens.words(text.slice(from, brace))
      return brace === text.length || this.#state !== "words" ? text.length : this.#opening("{", brace)
    }
    while (at < text.length && text[at] !== "{" && text[at] !== "[") at++
    if (at > from) this.#addWords(text.slice(from, at))
    if (at === text.length) return at
    if (text[at] === "[" && bullet.test(this.#line)) {
      this.#addWords("[")
      return at + 1
    }
    return this.#opening(text[at]!, at)
  }

  #addWords(words: string): void {
    this.#word += words
    const lineEnd = words.lastIndexOf("\n")
    const line = lineEnd === -1 ? this.#line + words.slice(0, lineStart) : words.slice(lineEnd + 1)
    this.#line = line.trimStart().slice(0, lineStart)
  }

  #opening(char: string, at: number): number {
    if (char === "{") {
      this.#pend()
      this.#state = "firstKey"
      return at + 1
    }
    this.#word = ""
    this.#closers.push(char === "(" ? ")" : "]")
    this.#areObjects.push(false)
    this.#tokens.open("[")
    this.#state = "value"
    return at + 1
  }

  #pend(): void {
    this.#closers.push("}")
    this.#areObjects.push(true)
    this.#isPending = true
  }

  #key(text: string, char: string, at: number): number {
    if (char === "}") {
      if (this.#isPending) this.#begin("{")
      return this.#closing(char, at)
    }
    if (char === ",") return at + 1
    if (openingQuotes.includes(char)) return this.#openKey(char, at)
    if (char === "\\" && this.#isPending && this.#unescaper === undefined) return this.#unescape(text, at)
    const code = char.charCodeAt(0)
    if (isNameCharacter(code) || isSurrogate(code) || char === "$") {
      this.#word = ""
      this.#state = "keyWord"
      return at
    }
    if (this.#isPending && this.#canBeSet() && (char === "-" || char === "{" || char === "[")) {
      this.#begin("[")
      this.#state = "value"
      return at
    }
    return this.#junk(at)
  }

  #openKey(char: string, at: number): number {
    this.#quote = closingQuote(char)
    this.#word = ""
    this.#state = "keyString"
    return at + 1
  }

  #inKeyString(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const char = text[at]!
      if (char === "\\") {
        const escape = readEscape(text, at)
        if (escape === undefined) {
          this.#word += text.slice(from, at)
          return this.#hold(text, at)
        }
        this.#word += text.slice(from, at) + escape.text
        return escape.end
      }
      if (char === this.#quote) {
        this.#word += text.slice(from, at)
        return this.#named(at + 1)
      }
    }
    this.#word += text.slice(from)
    return text.length
  }

  #inKeyWord(text: string, from: number): number {
    let at = from
    while (at < text.length && isKeyCharacter(text.charCodeAt(at))) at++
    this.#word += text.slice(from, at)
    if (at === text.length) return at
    // Without quotes it has to be a key, but for items of a set.
    if (this.#isPending && this.#canBeSet() && (text[at] === "," || text[at] === "}" || text[at] === ".")) {
      this.#begin("[")
      this.#state = "word"
      return at
    }
    return this.#named(at)
  }

  #named(at: number): number {
    if (this.#isPending) this.#state = "firstColon"
    else if (holdsKey.test(this.#word) && !this.#tokens.knows(this.#word)) {
      this.#break("a key holds what looks like another one: a quote may be missing")
    } else {
      this.#tokens.key(this.#word)
      this.#state = "colon"
    }
    return at
  }

  /** What follows the first key shows whether there is an object. */
  #firstColon(char: string, at: number): number {
    if (char === ":") {
      const key = this.#word
      this.#word = ""
      this.#begin("{", key)
      this.#tokens.key(key)
      this.#state = "value"
      return at + 1
    }
    if ((char === "," || char === "}") && this.#canBeSet()) {
      const item = this.#word
      this.#word = ""
      this.#begin("[")
      this.#tokens.beginString()
      this.#tokens.string(item)
      this.#tokens.endString()
      this.#state = "after"
      return at
    }
    return this.#junk(at)
  }

  #canBeSet(): boolean {
    return (this.#mode === "value" || this.#closers.length > 1) && this.#tokens.wantsArray()
  }

  #begin(bracket: "{" | "[", firstKey?: string): void {
    this.#isPending = false
    if (bracket === "[") this.#areObjects[this.#areObjects.length - 1] = false
    this.#tokens.open(bracket, firstKey)
    if (this.#pendingSpace !== "") this.#tokens.space(this.#pendingSpace)
    this.#pendingSpace = ""
  }

  #value(text: string, char: string, at: number): number {
    if (char === "{" || char === "[" || char === "(") return this.#opening(char, at)
    if (openingQuotes.includes(char)) return this.#openString(char, at)
    if (char === ",") return at + 1
    if (char === "\\" && this.#unescaper === undefined) {
      if (at + 1 === text.length) return this.#hold(text, at)
      if (text[at + 1] === "\"") return this.#unescape(text, at)
    }
    if (isCloser(char) && !this.inObject()) return this.#closing(char, at)
    this.#word = ""
    this.#state = "word"
    return at
  }

  #after(char: string, at: number): number {
    if (char === ",") {
      this.#state = this.inObject() ? "key" : "value"
      return at + 1
    }
    if (isCloser(char)) return this.#closing(char, at)
    if (openingQuotes.includes(char) && (this.inObject() || !this.#isAfterWord || !this.#isAfterText)) {
      this.#state = this.inObject() ? "key" : "value"
      return at
    }
    // A comma was forgotten between objects or arrays of a list.
    if ((char === "{" || char === "[") && !this.inObject()) {
      this.#state = "value"
      return at
    }
    return this.#junk(at)
  }

  /** Closes the innermost value that the bracket can close, and what was left open inside it. */
  #closing(bracket: string, at: number): number {
    const place = this.#closers.lastIndexOf(bracket)
    if (place === -1) return this.#junk(at)
    while (this.#closers.length > place) this.#close()
    return at + 1
  }

  #close(): void {
    this.#closers.pop()
    this.#areObjects.pop()
    this.#tokens.close()
    this.#put()
  }

  /** A value is whole. */
  #put(): void {
    this.#isAfterWord = false
    if (this.isOpen()) this.#state = "after"
    else if (this.#mode === "value") this.#state = "done"
    else {
      this.#state = "words"
      this.#unescaper = undefined
    }
  }

  /** Not JSON: a brace before the first key was prose. */
  #junk(at: number): number {
    if (this.#isPending && this.#closers.length === 1) this.#prose()
    else this.#break("something stands in it that is neither a key nor a value nor the end")
    return at
  }

  // Words and comments

  #inWord(text: string, from: number): number {
    let at = from
    while (at < text.length) {
      const char = text[at]!
      if (wordEnds.includes(char)) break
      if ((char === "\"" || char === "/" || char === "#") && this.#endsWordBefore(text, from, at, char)) break
      at++
    }
    this.#word += text.slice(from, at)
    if (at === text.length) return at
    const word = this.#word.trim()
    this.#word = ""
    if (word === "") return this.#junk(at)
    if (/^(?:\.\.\.|\u2026|etc\.?$|and so on)/i.test(word)) {
      this.#break("it leaves something out (...)")
      return at
    }
    if (/"|(?:^|\s)(?:\/[/*]|#\s)/.test(word)) {
      this.#break(`it is not clear where the value ${JSON.stringify(word.slice(0, 40))} ends`)
      return at
    }
    this.#tokens.word(word)
    this.#put()
    this.#isAfterWord = true
    this.#isAfterText = !number.test(word) && !isConstant(word)
    return at
  }

  /** A comment ends a number or a constant, and so does the quote of the next key where the comma is missing. */
  #endsWordBefore(text: string, from: number, at: number, char: string): boolean {
    if (this.#word.length + at - from > longestConstant) return false
    const begun = this.#word + text.slice(from, at)
    const word = begun.trim()
    // The comma that is missing in a list has left its space.
    if (char === "\"" && !this.inObject() && begun.endsWith(word)) return false
    return number.test(word) || isConstant(word)
  }

  #openComment(text: string, at: number): number | undefined {
    if (text[at] === "/") {
      if (at + 1 === text.length) return this.#hold(text, at)
      if (text[at + 1] !== "/" && text[at + 1] !== "*") return undefined
    }
    this.#comment = text[at + 1] === "*" && text[at] === "/" ? "block" : "line"
    this.#beforeComment = this.#state
    this.#hasOddQuotes = false
    this.#state = "comment"
    return text[at] === "/" ? at + 2 : at + 1
  }

  #inComment(text: string, from: number): number {
    if (this.#comment === "line") {
      for (let at = from; at < text.length; at++) {
        if (text[at] === "\"") this.#hasOddQuotes = !this.#hasOddQuotes
        if (text[at] === "\n" || text[at] === "\r") {
          if (this.#hasOddQuotes) {
            this.#break("a comment has one quote: it may be the rest of a string")
            return at
          }
          this.#state = this.#beforeComment
          return at
        }
      }
      return text.length
    }
    const end = text.indexOf("*/", from)
    if (end === -1) return text.endsWith("*") ? this.#hold(text, text.length - 1) : text.length
    this.#state = this.#beforeComment
    return end + 2
  }

  // Strings

  #openString(char: string, at: number): number {
    this.#state = "string"
    this.#string.begin(char)
    this.#tokens.beginString()
    return at + 1
  }

  #inString(text: string, from: number): number {
    const at = this.#string.read(text, from)
    switch (this.#string.is) {
      case "open":
        return at
      case "cut":
      case "waiting":
        return this.#hold(text, at)
      case "unclear":
        this.#break("it is not clear where a string ends: quotes inside it have to be escaped")
        return at
      case "unescaped":
        this.#break("it is not clear what a backslash means: backslashes in strings have to be escaped")
        return at
      case "ended":
      case "unquoted":
        this.#tokens.endString()
        this.#put()
        if (this.#string.is === "unquoted") this.#state = "key"
        return at
    }
  }

  /** From here on the text is the inside of a string: its quotes are escaped. */
  #unescape(text: string, at: number): number {
    this.#unescaper = new Unescaper()
    this.#read(this.#unescaper.push(text.slice(at)), 0)
    return text.length
  }

  // Where a string stands

  isOpen(): boolean {
    return this.#closers.length > 0
  }

  inObject(): boolean {
    return this.#areObjects[this.#areObjects.length - 1] === true
  }

  readonly closes = (bracket: string): boolean => isCloser(bracket) && this.#closers.includes(bracket)

  readonly knows = (key: string): boolean => this.#tokens.knows(key)

  string(piece: string): void {
    this.#tokens.string(piece)
  }

  space(text: string): void {
    this.#tokens.space(text)
  }
}

/** The beginning of a value and another key. */
const holdsKey = /:.*[,{}]/s

/** No number or constant is longer. */
const longestConstant = 40

const wordEnds = ",]})\n\r"

const isKeyCharacter = (code: number): boolean =>
  isNameCharacter(code) || isSurrogate(code) || code === 45 || code === 36

const isCloser = (char: string): boolean => char === "}" || char === "]" || char === ")"

/** A line of a Markdown list: brackets in it are text. */
const bullet = /^(?:[-*+\u2022]|\d{1,3}[.)])\s/
const lineStart = 8

const indexOf = (text: string, char: string, at: number): number => {
  const found = text.indexOf(char, at)
  return found === -1 ? text.length : found
}
