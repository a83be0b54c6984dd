/**
 * Writes an object or array as JSON while it is read, in the pieces in which it comes.
 *
 * White space between values stays. What is not known to follow is not written: a comma waits for the next value, the first
 * half of a surrogate pair for the other.
 */
import { isHighSurrogate } from "../characters.ts"

export class JsonWriter {
  #written = ""
  #space = ""
  #half = ""

  /** What was written since the last time. */
  take(): string {
    const written = this.#written
    this.#written = ""
    return written
  }

  /** White space between two values. */
  space(text: string): void {
    this.#space += otherSpace.test(text) ? text.replaceAll(otherSpaces, " ") : text
  }

  /** A whole value that is no string, or the beginning of one. */
  value(json: string, needsComma: boolean): void {
    this.#written += `${needsComma ? "," : ""}${this.#space}${json}`
    this.#space = ""
  }

  /** A key of an object. */
  key(key: string, needsComma: boolean): void {
    this.value(`${JSON.stringify(key)}:`, needsComma)
  }

  /** A piece of the string that has begun. */
  string(piece: string): void {
    let text = this.#half + piece
    this.#half = ""
    if (isHighSurrogate(text.charCodeAt(text.length - 1))) {
      this.#half = text.slice(-1)
      text = text.slice(0, -1)
    }
    this.#written += escaped(text)
  }

  /** The string is over. */
  endString(): void {
    this.#written += `${escaped(this.#half)}"`
    this.#half = ""
  }

  /** The end of an object or array. */
  end(bracket: "}" | "]"): void {
    this.#written += this.#space + bracket
    this.#space = ""
  }
}

/** The inside of a JSON string: most pieces need no escape. */
const escaped = (text: string): string => needsEscape.test(text) ? JSON.stringify(text).slice(1, -1) : text

// oxlint-disable-next-line no-control-regex
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

/** White space that JSON does not have: models write it too. */
const otherSpace = /[^ \t\r\n]/
const otherSpaces = /[^ \t\r\n]/g
