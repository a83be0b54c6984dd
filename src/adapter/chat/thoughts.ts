/**
 * Thoughts inside of a reply: those that fields begin with, which are skipped, and ends of thoughts in the text of a field.
 */
import { skipAny } from "../../text/characters.ts"
import type { SeenText } from "../internal/reply/seenText.ts"
import { blanks, isBreak, mostSpace } from "./marker.ts"

export class Thoughts {
  /** What ends the thought that is being skipped. */
  inside: RegExp | undefined
  /** Where thoughts that were skipped begin and end. */
  readonly #skipped: Array<{ readonly start: number; end: number }> = []
  /** Tags in a field's text that end a thought which nothing has begun. */
  readonly #strays: Array<Stray> = []

  /** A field begins with a thought. */
  begin(start: number, close: RegExp): void {
    this.inside = close
    this.#skipped.push({ start, end: Infinity })
  }

  /** The thought is over. */
  end(at: number): void {
    this.inside = undefined
    this.#skipped.at(-1)!.end = at
  }

  /** Notes a tag that ends a thought which nothing has begun. */
  addStray(stray: Stray): void {
    this.#strays.push(stray)
  }

  clear(): void {
    this.#strays.length = this.#skipped.length = 0
  }

  /** Whether a thought has ended behind the beginning of a field: with a tag that begins or ends its line. */
  hasStray(seen: SeenText): boolean {
    const [first] = this.#strays
    if (first === undefined) return false
    const text = seen.since(first.at)
    return this.#strays.some(({ at, beginsLine }) => {
      const next = skipAny(text, at - first.at, blanks, mostSpace)
      return beginsLine || next === text.length || isBreak(text.charCodeAt(next))
    })
  }

  /** The text from one place to another, without the thoughts that were skipped. */
  without(seen: SeenText, from: number, until: number): string {
    const text = seen.since(from)
    let out = ""
    let at = 0
    for (const { end, start } of this.#skipped) {
      if (start < from) continue
      out += text.slice(at, start - from)
      at = end - from
    }
    return out + text.slice(at, until - from)
  }
}

/** The end of a thought in a field's text. */
interface Stray {
  readonly at: number
  readonly beginsLine: boolean
}
