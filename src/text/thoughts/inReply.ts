/**
 * Thoughts in the text of a reply, for the scanners of adapters: a tag at a place, the end of a thought, and the thoughts that
 * a reply begins with.
 */
import { skipSpace } from "../characters.ts"
import * as Tags from "./tags.ts"

// A thought in a channel goes on until the answer begins: models write more thoughts in between.
const [final] = Tags.answers
const all: ReadonlyArray<Tags.ThoughtTag> = [
  ...Tags.all,
  Tags.element,
  ...Tags.channels.map(({ opening }) => ({ opening, closing: final! }))
]

/** What the tags begin with, besides `<` and `[`. */
export const triangle = "\u25c1"

const openings = all.map(({ opening }) => opening)
/** What closes thoughts, in small letters. */
export const closings: ReadonlyArray<string> = [...new Set(all.map(({ closing }) => closing))]

/** The characters that these tags have there, in either case. */
const charactersAt = (tags: ReadonlyArray<string>, at: number): string =>
  [...new Set(tags.flatMap((tag) => [tag[at]!, tag[at]!.toUpperCase()]))].join("")

const firstOfOpening = charactersAt(openings, 0)
const secondOfOpening = charactersAt(openings, 1)
const secondOfClosing = charactersAt(closings, 1)

/** How long the longest closing tag is. */
export const longestClosing = Math.max(...closings.map((close) => close.length))
const longest = Math.max(longestClosing, ...openings.map((open) => open.length))

/** The tag at `at`: its text, `maybe` where the text ends in it, undefined where none begins there. */
const tagAt = (text: string, at: number, tags: ReadonlyArray<string>): string | "maybe" | undefined => {
  const begin = text.slice(at, at + longest).toLowerCase()
  return tags.find((tag) => begin.startsWith(tag)) ??
    (at + begin.length === text.length && tags.some((tag) => tag.startsWith(begin)) ? "maybe" : undefined)
}

/** The length of the tag at `at` that closes a thought. */
export const closingAt = (text: string, at: number): number | "maybe" | undefined => {
  if (at + 1 < text.length && !secondOfClosing.includes(text[at + 1]!)) return undefined
  const tag = tagAt(text, at, closings)
  return tag === undefined || tag === "maybe" ? tag : tag.length
}

/** A thought that a tag has opened. */
export interface Opened {
  /** The length of the tag. */
  readonly length: number
  readonly close: RegExp
}

/** The thought that begins at `at`. */
export const openingAt = (text: string, at: number): Opened | "maybe" | undefined => {
  if (!firstOfOpening.includes(text.charAt(at))) return undefined
  if (at + 1 < text.length && !secondOfOpening.includes(text[at + 1]!)) return undefined
  const open = tagAt(text, at, openings)
  if (open === undefined || open === "maybe") return open
  return { length: open.length, close: closeOf.get(open)! }
}

const closeOf: ReadonlyMap<string, RegExp> = new Map(
  all.map(({ closing, opening }) => [opening, new RegExp(Tags.patternOf(closing), "i")])
)

/** Takes the thoughts away that a reply begins with. */
export class LeadingThoughts {
  /** White space, and what may become a tag. */
  #held = ""
  #close: RegExp | undefined

  /** Takes the next text. The rest of it, and of all that was kept, once the reply itself has begun. */
  push(text: string): string | undefined {
    let rest = this.#held + text
    for (;;) {
      if (this.#close === undefined) {
        const at = skipSpace(rest, 0)
        const opened = at === rest.length ? "maybe" : openingAt(rest, at)
        if (opened === undefined || (opened === "maybe" && rest.length > mostHeld)) return rest
        this.#held = rest
        if (opened === "maybe") return undefined
        this.#close = opened.close
        rest = rest.slice(at + opened.length)
      }
      const end = closeIn(rest, this.#close)
      if (end === undefined) {
        this.#held = rest.slice(-longestClosing)
        return undefined
      }
      this.#close = undefined
      rest = rest.slice(end)
    }
  }

  /** Nothing follows. What was kept, unless a thought is open. */
  end(): string {
    return this.#close === undefined ? this.#held : ""
  }
}

/** Where the text goes on behind the end of a thought. */
export const closeIn = (text: string, close: RegExp): number | undefined => {
  const found = close.exec(text)
  return found === null ? undefined : found.index + found[0].length
}

const mostHeld = 200
