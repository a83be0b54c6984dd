/**
 * Finds the `</think>` of a thought that was never opened, in the text of an answer. The other closing tags of `tags.ts` mean
 * the same.
 *
 * The tag counts where it begins or ends its line. Between other words, after a quote and in a code block it is prose. After
 * an opening tag there is nothing more to look for: the next closing tag belongs to it.
 *
 * Every character is read once, however the text is cut.
 */
import * as Places from "./places.ts"

/** Reads one answer. */
export interface LoneClosing {
  /**
   * Takes the next text if nothing in it needs a closer look, which is nearly always so; else it has to be pushed.
   * `unmarked` where it is known to hold neither a backtick nor what a tag begins with.
   */
  readonly plain: (text: string, unmarked: boolean) => boolean
  /** Takes the next text; what may be the tag is held back. */
  readonly push: (text: string) => Found
  /** The answer is over. */
  readonly end: () => Found
}

/** What is known after a text. */
export interface Found {
  /** What is text for sure: of the thought, if the tag was found. */
  readonly text: string
  /** What follows the tag, if it was found. */
  readonly after: string | undefined
  /** Whether there is nothing more to look for. */
  readonly done: boolean
}

export const make = (): LoneClosing => {
  /** How much of a tag has been read: nothing, a part, all of it. */
  let phase: "none" | "tag" | "line" = "none"
  let place = Places.anywhere
  /** Whether the tag begins its line, and what stands before it. */
  let begins = false
  let previous = 0
  let quoted = false
  let held = ""
  /** Whether the line so far is blank. */
  let blankLine = true
  /** Whether a code block is open, whether this line opened it, and how many backticks there are in a row. */
  let fence = false
  let openedHere = false
  let ticks = 0
  let ticksBegin = false

  /** Reads a character that belongs to no tag; tells whether one may begin with it. */
  const read = (code: number): boolean => {
    const before = previous
    previous = code
    if (code === backtick) {
      if (ticks === 0) ticksBegin = blankLine
      ticks++
      if (ticks === 3 && ticksBegin) {
        fence = !fence
        openedHere = fence
      } else if (ticks === 3 && openedHere) fence = false
      blankLine = false
      return false
    }
    ticks = 0
    if (isBreak(code)) {
      blankLine = true
      openedHere = false
    } else if (Places.mayBegin(code)) {
      begins = blankLine
      quoted = isQuote(before)
      place = Places.follow(Places.anywhere, code) ?? Places.anywhere
      phase = "tag"
      return true
    } else if (!isBlank(code)) blankLine = false
    return false
  }

  /** Reads a character after one that may begin a tag. */
  const follow = (code: number): "open" | "found" | "ended" | "partner" | "none" => {
    switch (phase) {
      case "tag":
        const next = Places.follow(place, code)
        if (next === undefined) return "none"
        place = next
        if (next.is === "opening") return "partner"
        if (next.is === undefined) return "open"
        if (fence || quoted) return "none"
        if (begins) return "found"
        phase = "line"
        return "open"
      case "line":
        if (isBlank(code)) return "open"
        return isBreak(code) ? "ended" : "none"
      case "none":
        return "none"
    }
  }

  return {
    plain: (text, unmarked) => {
      if (phase !== "none" || (!unmarked && (text.indexOf("`") !== -1 || Places.mayHold(text)))) return false
      if (text === "") return true
      ticks = 0
      previous = text.charCodeAt(text.length - 1)
      if (openedHere && (text.indexOf("\n") !== -1 || text.indexOf("\r") !== -1)) openedHere = false
      let at = text.length - 1
      while (at >= 0 && isBlank(text.charCodeAt(at))) at--
      if (at >= 0) blankLine = isBreak(text.charCodeAt(at))
      return true
    },
    push: (text) => {
      /** Where the tag begins that is being read: before this text, or in it. */
      let start = phase === "none" ? -1 : 0
      let before = ""
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at)
        if (phase !== "none") {
          const verdict = follow(code)
          if (verdict === "open") continue
          if (verdict === "found" || verdict === "ended") {
            const thought = held === "" ? before + text.slice(0, start) : ""
            return { text: thought, after: text.slice(verdict === "found" ? at + 1 : at), done: true }
          }
          before += held
          held = ""
          if (verdict === "partner") return { text: before + text, after: undefined, done: true }
          blankLine = false
          previous = 0
          phase = "none"
          start = -1
        }
        if (read(code)) start = at
      }
      if (phase === "none") return { text: before + text, after: undefined, done: false }
      if (held !== "") {
        held += text
        return { text: "", after: undefined, done: false }
      }
      held = text.slice(start)
      return { text: before + text.slice(0, start), after: undefined, done: false }
    },
    end: () => ({ text: held, after: undefined, done: true })
  }
}

const LF = 10
const CR = 13
/** Straight and curly ones, double and single. */
const quotes: ReadonlySet<number> = new Set([34, 39, 96, 0x2018, 0x2019, 0x201c, 0x201d])
const backtick = 96

const isBreak = (code: number): boolean => code === LF || code === CR

const isBlank = (code: number): boolean => code === 32 || code === 9

const isQuote = (code: number): boolean => quotes.has(code)
