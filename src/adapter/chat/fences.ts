/**
 * Code fences in a field: what stands in one that is closed is content, whatever it looks like.
 */
import type { SeenText } from "../internal/reply/seenText.ts"

/** Reads text as it comes, and knows whether a fence is open behind its last whole line. */
export class Fences {
  /** The fence that is open. */
  #mark = ""
  /** The line that has no end yet; of a long one the beginning. */
  #line = ""

  get isOpen(): boolean {
    return this.#mark !== ""
  }

  read(text: string): void {
    const lines = (this.#line + text).split(lineEnd)
    this.#line = lines.pop()!.slice(0, mostLine)
    for (const line of lines) this.readLine(line)
  }

  /** Reads a whole line, without its end. */
  readLine(line: string): void {
    if (!line.includes("```") && !line.includes("~~~")) return
    const [, mark, rest] = fence.exec(line) ?? []
    if (mark === undefined || rest === undefined) return
    if (this.#mark !== "") {
      if (mark.startsWith(this.#mark) && rest.trim() === "") this.#mark = ""
    } else if (mark.startsWith("~") || !rest.includes("`")) this.#mark = mark
  }
}

/** The fences of one field, read as far as somebody asks. */
export class FieldFences {
  /** Where the field's text begins, and up to where it was read. */
  #until: number
  #fences: Fences | undefined
  /** Whether the text has what fences are made of. */
  #mayBe = false

  constructor(begin: number) {
    this.#until = begin
  }

  /** Notes that text comes which may hold a fence; nothing of it is read yet. */
  note(text: string, from: number): void {
    this.#mayBe ||= text.includes("`", from) || text.includes("~", from)
  }

  /** Whether a fence is open at a place in what was seen of the reply. */
  isOpenAt(place: number, seen: SeenText): boolean {
    if (!this.#mayBe) return false
    if (place > this.#until) {
      this.#fences ??= new Fences()
      this.#fences.read(seen.since(this.#until).slice(0, place - this.#until))
      this.#until = place
    }
    return this.#fences?.isOpen === true
  }

  /** Ends the last line: whether a fence is open behind it. */
  isOpenAtEnd(): boolean {
    this.#fences?.read("\n")
    return this.#fences?.isOpen === true
  }
}

/** Which lines stand in a fence that is closed, with the fence. */
export const fencedLines = (lines: ReadonlyArray<string>): ReadonlySet<number> => {
  const fences = new Fences()
  const fenced = new Set<number>()
  let first: number | undefined
  lines.forEach((line, index) => {
    fences.readLine(line)
    if (fences.isOpen) first ??= index
    else if (first !== undefined) {
      for (let at = first; at <= index; at++) fenced.add(at)
      first = undefined
    }
  })
  return fenced
}

const lineEnd = /\r\n|[\r\n]/
const fence = /^[ \t>]*(?:[-+*][ \t]+|\d{1,3}[.)][ \t]+)?(`{3,}|~{3,})(.*)$/
const mostLine = 300
