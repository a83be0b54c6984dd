/**
 * The fence that models put around code, taken off while the code arrives.
 *
 * A fence is what Markdown has: a line of three or more backticks or tildes, with a word for the language, and one like it without
 * a word at the end. Words that lead to a fence are left out, and so is what stands behind it. Code without a fence is as it is.
 */

/** Reads a text as it comes, and gives the code in it. */
export class CodeReader {
  #place: "before" | "inside" | "plain" | "behind" = "before"
  /** White space before the text, and the beginning of the text, until it is known what that is. */
  #space = ""
  #head = ""
  /** Whether words may lead to a fence: Markdown has some of its own. */
  readonly #mayLead: boolean
  /** The mark that has opened the fence. */
  #mark = ""
  /** How many fences are open inside of the fence. */
  #depth = 0
  /** The beginning of a line that may be a fence. */
  #line: string | undefined = ""
  /** White space and marks that may stand before the end. */
  #tail = ""
  #isBegun = false

  /** `language` is that of the code, if it is known. */
  constructor(language: string | undefined) {
    this.#mayLead = language === undefined || !/^(?:markdown|md|mdx)$/i.test(language)
  }

  /** Whether the code stands in a fence: white space at the beginning of its first line is part of it then. */
  get isFenced(): boolean {
    return this.#place === "inside" || this.#place === "behind"
  }

  push(text: string): string {
    if (this.#place === "plain") return text
    if (this.#place === "behind") return ""
    if (this.#place === "inside") return this.#inside(text)
    if (this.#head !== "") this.#head += text
    else {
      this.#head = text.trimStart()
      this.#space += text.slice(0, text.length - this.#head.length)
    }
    return this.#head === "" ? "" : this.#begin(false)
  }

  /** What is left at the end. */
  end(): string {
    const begun = this.#place === "before" ? this.#begin(true) : ""
    if (this.#place !== "inside") return begun
    const line = this.#line ?? ""
    if (line !== "" && this.#depth === 0 && this.#closes(line)) return begun + this.#tail.trimEnd()
    const rest = this.#shown(line)
    // The fence may end behind the last word of the code.
    const tail = this.#tail.trimEnd()
    return begun + rest + (tail.endsWith(this.#mark) ? tail.slice(0, -this.#mark.length).trimEnd() : tail)
  }

  /** Finds out what the text begins with. */
  #begin(isLast: boolean): string {
    const head = this.#head
    const isWhole = isLast || head.length > mostHead
    const opening = /^(`{3,}|~{3,})([^\n]*)(\n?)/.exec(head)
    if (opening !== null && opening[1]!.length < mostHead) return this.#open(opening, head, isWhole)
    if (!isWhole && isOpen(head, this.#mayLead)) return ""
    const led = this.#mayLead ? leading.exec(head) : null
    if (led !== null && /^(?:`{3}|~{3})/.test(head.slice(led[0].length))) {
      this.#head = head.slice(led[0].length)
      return this.#begin(isLast)
    }
    this.#place = "plain"
    return this.#space + head
  }

  #open([whole, mark = "", info = "", lineEnd]: RegExpExecArray, head: string, isWhole: boolean): string {
    if (lineEnd === "" && !isWhole) return ""
    this.#mark = mark
    const inLine = info.trim()
    if (inLine.endsWith(mark)) {
      this.#place = "behind"
      return inLine.slice(0, -mark.length).trim()
    }
    this.#place = "inside"
    if (lineEnd !== "") return this.#inside(head.slice(whole.length))
    // A word is the language, more of them are code.
    return /\s/.test(inLine) ? this.#inside(inLine) : ""
  }

  #inside(text: string): string {
    let out = ""
    for (let from = 0; from < text.length && this.#place === "inside";) {
      const at = text.indexOf("\n", from)
      out += this.#inLine(text.slice(from, at === -1 ? text.length : at))
      if (at === -1) break
      out += this.#endLine()
      from = at + 1
    }
    return out
  }

  #inLine(piece: string): string {
    if (this.#line === undefined) return this.#shown(piece)
    this.#line += piece
    return mayBeFence.test(this.#line) && this.#line.length < mostLine ? "" : this.#release()
  }

  #endLine(): string {
    const line = this.#line
    if (line !== undefined && line !== "" && this.#isFence(line)) {
      if (this.#depth === 0) {
        this.#place = "behind"
        return this.#tail.trimEnd()
      }
      this.#depth--
    } else if (line !== undefined && opensInside.test(line)) this.#depth++
    const out = line === undefined ? "" : this.#release()
    this.#line = ""
    if (this.#isBegun || this.#tail !== "") this.#tail += "\n"
    return out
  }

  #isFence(line: string): boolean {
    return this.#closes(line) || (this.#depth > 0 && /^ {0,3}(?:`{3,}|~{3,})\s*$/.test(line))
  }

  #closes(line: string): boolean {
    const bare = line.trim()
    return line.length - line.trimStart().length <= 3 && bare.startsWith(this.#mark) &&
      bare === this.#mark[0]!.repeat(bare.length)
  }

  #release(): string {
    const line = this.#line!
    this.#line = undefined
    return this.#shown(line)
  }

  /** What can be shown: white space and marks at the end wait for what follows. */
  #shown(piece: string): string {
    let end = piece.length
    while (end > 0 && isTail(piece[end - 1]!)) end--
    if (end === 0) {
      this.#tail += piece
      return ""
    }
    const out = this.#tail + piece.slice(0, end)
    this.#tail = piece.slice(end)
    this.#isBegun = true
    return out
  }
}

/** The code in a whole text. */
export const codeIn = (text: string, language: string | undefined): string => {
  const reader = new CodeReader(language)
  const code = reader.push(text)
  return code + reader.end()
}

// Details

const mostLine = 300
const mostHead = 600

/** A line that is a fence so far. */
const mayBeFence = /^ {0,3}(?:$|`+[^`]*$|~+[^~]*$)/
const opensInside = /^ {0,3}(?:`{3,}|~{3,})[ \t]*[A-Za-z][\w+#.-]*[ \t]*\r?$/

/** Words that models put before a fence, in one line. */
const leading =
  /^(?:here(?:'|\u2019)?s?\b|sure\b|certainly\b|of course\b|okay\b|below\b|the following\b)[^\n]{0,280}\n\s*/i

const leads = ["here", "sure", "certainly", "of course", "okay", "below", "the following"]

/** Whether more of a text has to come before it is known what it begins with. */
const isOpen = (body: string, mayLead: boolean): boolean => {
  if (/^(?:`{0,2}|~{0,2})$/.test(body)) return true
  if (!mayLead || body.length > mostLine) return false
  const lower = body.toLowerCase()
  if (leads.some((words) => words.startsWith(lower))) return true
  if (!leads.some((words) => lower.startsWith(words))) return false
  const at = body.indexOf("\n")
  return at === -1 || /^\s*(?:`{0,2}|~{0,2})$/.test(body.slice(at))
}

const isTail = (character: string): boolean => character === "`" || character === "~" || character.trim() === ""
