/**
 * Code fences in a field: what stands in one that is closed is content, whatever it looks like.
 */

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
