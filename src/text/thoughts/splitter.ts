/**
 * Splits the text that a server sends into reasoning and answer.
 *
 * A reply that starts with `<think>`, after white space at most, is reasoning up to `</think>`. The other tags of `tags.ts`
 * mean the same. Some models open their thought twice. Many never write the opening tag, because their prompt ends with it:
 * for them the first closing tag tells that all the text before it was a thought, and the answer begins anew.
 * `loneClosing.ts` says which closing tags count, so that a text may speak of them.
 *
 * Only the first closing tag counts. What follows it is the answer, whatever it holds. Another thought may begin only where
 * the answer would begin. The blank lines after a closing tag belong to the tag.
 */
import * as LoneClosing from "./loneClosing.ts"
import * as Places from "./places.ts"
import * as Tags from "./tags.ts"

/** A stretch of text, told apart. */
export interface Stretch {
  readonly reasoning: boolean
  readonly text: string
  /** All text before it was reasoning. */
  readonly restart?: true
}

/** Splits the text of one completion. */
export interface Splitter {
  /** Whether all text that follows is the answer, so that there is no need to push it. */
  readonly settled: () => boolean
  /**
   * Takes the next text if it is the answer as it stands, which nearly all text is; else it has to be pushed. `unmarked`
   * where it is known to hold neither a backtick nor what a tag begins with.
   */
  readonly plain: (text: string, unmarked: boolean) => boolean
  /** Takes the next text; what may be part of a tag is held back. */
  readonly push: (text: string, out: Array<Stretch>) => void
  /** The completion is over: what was held back was no tag. */
  readonly end: (out: Array<Stretch>) => void
}

export const make = (): Splitter => {
  /** `start` is before the first word of a thought or of the answer; `channel` is in an answer that has one of its own. */
  let state: "start" | "inside" | "answer" | "channel" | "settled" = "start"
  /** What is held back: white space, then what may be a tag. */
  let blank = ""
  let tag = ""
  let closed = false
  let place = Places.atStart
  /** The tags of the last thought, and whether it has no words yet. */
  let last: Tags.ThoughtTag | undefined
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
    clear()
  }

  const clear = () => {
    blank = ""
    tag = ""
    place = Places.atStart
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
    const from = at
    for (; at < text.length; at++) {
      const next = Places.follow(place, text.charCodeAt(at))
      // What closes another thought than the last is text.
      if (next === undefined || (next.is === "closing" && last !== undefined && next.tag !== last)) {
        const rest = blank + tag + text.slice(from)
        state = closed ? "settled" : "answer"
        clear()
        return rest
      }
      place = next
      if (next.is === undefined) continue
      // A closing tag ends a thought of no words.
      if (next.is === "closing") close()
      else {
        state = next.is === "opening" ? "inside" : "channel"
        last = next.tag ?? last
        fresh = true
        clear()
      }
      return text.slice(at + 1)
    }
    tag += text.slice(from)
    return ""
  }

  /** A thought may be opened once more where it begins: by the prompt, and by the model. */
  const reopen = (again: string, text: string, out: Array<Stretch>): string => {
    let at = 0
    if (tag === "") {
      while (at < text.length && isSpace(text.charCodeAt(at))) at++
      think(text.slice(0, at), out)
    }
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

  const inside = (thought: Tags.ThoughtTag, text: string, out: Array<Stretch>): string => {
    const { closing } = thought
    const rest = fresh ? reopen(thought.opening, text, out) : text
    if (fresh) return rest
    const all = tag + rest
    const at = all.search(ends.get(thought)!)
    if (at !== -1) {
      think(all.slice(0, at), out)
      close()
      return all.slice(at + closing.length)
    }
    const kept = all.length - heldBack(all, closing)
    think(all.slice(0, kept), out)
    tag = all.slice(kept)
    return ""
  }

  /** The answer of a channel, without the mark of its end. */
  const channel = (text: string, out: Array<Stretch>): void => {
    const all = tag + text
    const kept = all.length - Math.max(...Tags.answerEnds.map((end) => heldBack(all, end, true)))
    say(all.slice(0, kept), out)
    tag = all.slice(kept)
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
        else if (state === "inside" && last !== undefined) rest = inside(last, rest, out)
        else if (state === "answer") rest = answer(lone.push(rest), out)
        else if (state === "channel") {
          channel(rest, out)
          return
        } else {
          say(rest, out)
          return
        }
      }
    },
    end: (out) => {
      if (state === "answer") answer(lone.end(), out)
      else if (state === "inside") think(tag, out)
      else if (state === "channel") say(Tags.answerEnds.includes(tag) ? "" : tag, out)
      else if (!closed || tag !== "") say(blank + tag, out)
      state = "settled"
    }
  }
}

/** What finds the closing tag of each. */
const ends = new Map(
  [...Tags.all, ...Tags.channels].map((tag) => [tag, new RegExp(Tags.patternOf(tag.closing), "i")] as const)
)

const isBreak = (code: number): boolean => code === 10 || code === 13

const isSpace = (code: number): boolean => code === 32 || code === 9 || code === byteOrderMark || isBreak(code)

const byteOrderMark = 0xfeff

/** How much of the end of the text may begin the closing tag, or be all of it (`whole`). */
const heldBack = (text: string, closing: string, whole = false): number => {
  const at = text.lastIndexOf(closing.charAt(0))
  const length = text.length - at
  const longest = whole ? closing.length : closing.length - 1
  return at !== -1 && length <= longest && closing.startsWith(text.slice(at).toLowerCase()) ? length : 0
}
