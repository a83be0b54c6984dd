/**
 * Reasoning that a server leaves in the text.
 *
 * A reply that starts with `<think>`, after white space at most, is reasoning up to `</think>`. Many models never write
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
    const end = at + closing.length - tag.length
    tag += text.slice(at, end)
    if (tag.startsWith(opening)) {
      const rest = tag.slice(opening.length) + text.slice(end)
      state = "inside"
      blank = ""
      tag = ""
      return rest
    }
    if (tag === closing) {
      // It ends a thought of no words.
      close()
      return text.slice(end)
    }
    if (opening.startsWith(tag) || closing.startsWith(tag)) return ""
    const rest = blank + tag + text.slice(end)
    state = closed ? "settled" : "answer"
    blank = ""
    tag = ""
    return rest
  }

  const inside = (text: string, out: Array<Stretch>): string => {
    const all = tag + text
    const at = all.indexOf(closing)
    if (at !== -1) {
      think(all.slice(0, at), out)
      close()
      return all.slice(at + closing.length)
    }
    const kept = all.length - heldBack(all)
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

const opening = "<think>"
const closing = "</think>"

const isBreak = (code: number): boolean => code === 10 || code === 13

const isSpace = (code: number): boolean => code === 32 || code === 9 || isBreak(code)

/** How much of the end of the text may begin the closing tag. */
const heldBack = (text: string): number => {
  const at = text.lastIndexOf("<")
  return at !== -1 && text.length - at < closing.length && closing.startsWith(text.slice(at)) ? text.length - at : 0
}
