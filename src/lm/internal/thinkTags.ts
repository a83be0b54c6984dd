/**
 * Reasoning that a server leaves in the text.
 *
 * A reply that starts with `<think>`, after white space at most, is reasoning up to `</think>`; some models write
 * `<thinking>` or `<thought>`, or capitals, and some open it twice. Many models never write
 * the first tag, because their prompt ends with it. For them the first `</think>` tells that all the text before it was a
 * thought: the answer begins anew. `loneClosing.ts` says which closing tags count, so that a text may speak of them.
 *
 * Only the first closing tag counts. What follows it is the answer, whatever it holds; another thought may begin only where
 * the answer would. The blank lines after a closing tag belong to the tag.
 */
import * as LoneClosing from "./loneClosing.ts"

/** A stretch of text, told apart. */
export interface Stretch {
  readonly reasoning: boolean
  readonly text: string
  /** All text before it was reasoning. */
  readonly restart?: true
}

/** Splits the text of one completion. */
export interface ThinkTags {
  /** Whether all text that follows is the answer, so that there is no need to push it. */
  readonly settled: () => boolean
  /**
   * Takes the next text if it is the answer as it stands, which nearly all text is; else it has to be pushed. `unmarked`
   * where it is known to hold neither `<` nor a backtick.
   */
  readonly plain: (text: string, unmarked: boolean) => boolean
  /** Takes the next text; what may be part of a tag is held back. */
  readonly push: (text: string, out: Array<Stretch>) => void
  /** The completion is over: what was held back was no tag. */
  readonly end: (out: Array<Stretch>) => void
}

export const make = (): ThinkTags => {
  /** `start` is before the first word of a thought or of the answer. */
  let state: "start" | "inside" | "answer" | "settled" = "start"
  /** What is held back: white space, then what may be a tag. */
  let blank = ""
  let tag = ""
  let closed = false
  /** What the tags are called, and whether the thought has no words yet. */
  let name: Name = "think"
  let fresh = false
  const lone = LoneClosing.make()

  const say = (text: string, out: Array<Stretch>) => {
    if (text !== "") out.push({ reasoning: false, text })
  }

  const think = (text: string, out: Array<Stretch>) => {
    if (text !== "") out.push({ reasoning: true, text })
  }

  const close = () => {
    state = "start"
    closed = true
    blank = ""
    tag = ""
  }

  /** Each reads some of the text, and returns the rest. */
  const start = (text: string): string => {
    let at = 0
    if (tag === "") {
      let line = 0
      for (; at < text.length && isSpace(text.charCodeAt(at)); at++) if (isBreak(text.charCodeAt(at))) line = at + 1
      // After a closing tag only the white space on the line of the first word is the answer's.
      blank = closed && line > 0 ? text.slice(line, at) : blank + text.slice(0, at)
      if (at === text.length) return ""
    }
    const before = tag.length
    const from = at - before
    tag += text.slice(at, at + longest - before)
    const lower = tag.toLowerCase()
    for (const opened of names) {
      if (!lower.startsWith(openings[opened])) continue
      at = from + openings[opened].length
      state = "inside"
      name = opened
      fresh = true
      blank = ""
      tag = ""
      return text.slice(at)
    }
    const closing = ends[name]
    if (lower.startsWith(closing)) {
      // It ends a thought of no words.
      close()
      return text.slice(from + closing.length)
    }
    if (closing.startsWith(lower) || names.some((name) => openings[name].startsWith(lower))) return ""
    const rest = blank + tag + text.slice(from + tag.length)
    state = closed ? "settled" : "answer"
    blank = ""
    tag = ""
    return rest
  }

  /** A thought may be opened once more where it begins: by the prompt, and by the model. */
  const reopen = (text: string, out: Array<Stretch>): string => {
    let at = 0
    if (tag === "") {
      while (at < text.length && isSpace(text.charCodeAt(at))) at++
      think(text.slice(0, at), out)
    }
    const again = openings[name]
    for (; at < text.length; at++) {
      const next = tag + text[at]!
      if (next.toLowerCase() === again) {
        tag = ""
        return text.slice(at + 1)
      }
      if (!again.startsWith(next.toLowerCase())) {
        fresh = false
        return text.slice(at)
      }
      tag = next
    }
    return ""
  }

  const inside = (text: string, out: Array<Stretch>): string => {
    const rest = fresh ? reopen(text, out) : text
    if (fresh) return rest
    const all = tag + rest
    const at = all.search(closings[name])
    if (at !== -1) {
      think(all.slice(0, at), out)
      close()
      return all.slice(at + ends[name].length)
    }
    const kept = all.length - heldBack(all, ends[name])
    think(all.slice(0, kept), out)
    tag = all.slice(kept)
    return ""
  }

  const answer = (found: LoneClosing.Found, out: Array<Stretch>): string => {
    say(found.text, out)
    if (found.after === undefined) {
      if (found.done) state = "settled"
      return ""
    }
    out.push({ reasoning: true, text: "", restart: true })
    close()
    return found.after
  }

  return {
    settled: () => state === "settled",
    plain: (text, unmarked) => state === "answer" && lone.plain(text, unmarked),
    push: (text, out) => {
      for (let rest = text; rest !== "";) {
        if (state === "start") rest = start(rest)
        else if (state === "inside") rest = inside(rest, out)
        else if (state === "answer") rest = answer(lone.push(rest), out)
        else {
          say(rest, out)
          return
        }
      }
    },
    end: (out) => {
      if (state === "answer") answer(lone.end(), out)
      else if (state === "inside") think(tag, out)
      else if (!closed || tag !== "") say(blank + tag, out)
      state = "settled"
    }
  }
}

type Name = "think" | "thinking" | "thought"

const names: ReadonlyArray<Name> = ["think", "thinking", "thought"]

const openings: Readonly<Record<Name, string>> = { think: "<think>", thinking: "<thinking>", thought: "<thought>" }
const ends: Readonly<Record<Name, string>> = { think: "</think>", thinking: "</thinking>", thought: "</thought>" }
const closings: Readonly<Record<Name, RegExp>> = {
  think: /<\/think>/i,
  thinking: /<\/thinking>/i,
  thought: /<\/thought>/i
}

/** How long the longest of them is. */
const longest = ends.thinking.length

const isBreak = (code: number): boolean => code === 10 || code === 13

const isSpace = (code: number): boolean => code === 32 || code === 9 || code === byteOrderMark || isBreak(code)

const byteOrderMark = 0xfeff

/** How much of the end of the text may begin the closing tag. */
const heldBack = (text: string, closing: string): number => {
  const at = text.lastIndexOf("<")
  const length = text.length - at
  return at !== -1 && length < closing.length && closing.startsWith(text.slice(at).toLowerCase()) ? length : 0
}
