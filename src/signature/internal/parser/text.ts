/**
 * The text of a signature at the lowest level: characters, words, white space, and what messages call them.
 */
import { wordEnds } from "../grammar/text.ts"

/** Where reading has failed, and why. */
export interface Failure {
  readonly offset: number
  readonly reason: string
}

/**
 * A place in the text. A function that cannot read on from there notes the failure and returns undefined. Its callers then
 * return undefined too, so that the first failure stands.
 */
export class Cursor {
  readonly text: string
  offset = 0
  failure: Failure | undefined

  constructor(text: string) {
    this.text = text
  }

  /** Goes on behind white space. */
  skip(): void {
    while (this.offset < this.text.length && isSpace(this.text[this.offset]!)) this.offset++
  }

  /** The longest word from here, which may be empty. */
  word(): string {
    const start = this.offset
    while (this.offset < this.text.length && isWordCharacter(this.text[this.offset]!)) this.offset++
    return this.text.slice(start, this.offset)
  }

  /** What stands here, as messages name it. */
  token(): string {
    const start = this.offset
    const word = this.word()
    this.offset = start
    if (word !== "") return `'${word}'`
    return start === this.text.length ? "the end" : `'${String.fromCodePoint(this.text.codePointAt(start)!)}'`
  }

  /** Whether the token stands here. */
  at(token: string): boolean {
    return this.text.startsWith(token, this.offset)
  }

  /** Goes on behind the token, if it stands here. */
  eat(token: string): boolean {
    if (!this.at(token)) return false
    this.offset += token.length
    return true
  }

  fail(reason: string, offset = this.offset): undefined {
    this.failure = { offset, reason }
  }
}

// Characters

const isSpace = (c: string): boolean => c === " " || c === "\n" || c === "\t" || c === "\r"
export const isDigit = (c: string): boolean => c >= "0" && c <= "9"
const isWordCharacter = (c: string): boolean => !ends.has(c)
const ends: ReadonlySet<string> = new Set(wordEnds)
