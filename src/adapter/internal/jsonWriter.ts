/**
 * Writes an object or array as JSON while it is read, in the pieces in which it comes.
 *
 * White space between values stays. What is not known to follow is not written: a comma waits for the next value, the first
 * half of a surrogate pair for the other.
 */
import { isHighSurrogate } from "./characters.ts"

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
    this.#space += text
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
  string(piece: string, isClosed: boolean): void {
    const text = this.#half + piece
    const end = text.length - (!isClosed && isHighSurrogate(text.charCodeAt(text.length - 1)) ? 1 : 0)
    this.#half = text.slice(end)
    this.#written += `${JSON.stringify(text.slice(0, end)).slice(1, -1)}${isClosed ? "\"" : ""}`
  }

  /** The end of an object or array. */
  end(bracket: "}" | "]"): void {
    this.#written += this.#space + bracket
    this.#space = ""
  }
}
