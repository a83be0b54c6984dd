/**
 * Reasoning that a server leaves in the text: a reply that starts with `<think>` is reasoning up to `</think>`.
 *
 * Only the very start of a reply is looked at: the same words anywhere else are what the model wants to say. The line
 * breaks that follow the closing tag belong to it.
 */

/** A stretch of text, told apart. */
export interface Stretch {
  readonly reasoning: boolean
  readonly text: string
}

/** Splits the text of one completion. */
export interface ThinkTags {
  /** Whether all text that follows is the answer, so that there is no need to push it. */
  readonly settled: () => boolean
  /** Takes the next text; what may be part of a tag is held back. */
  readonly push: (text: string) => ReadonlyArray<Stretch>
  /** The completion is over: what was held back was no tag. */
  readonly end: () => ReadonlyArray<Stretch>
}

export const make = (): ThinkTags => {
  let state: "start" | "inside" | "after" | "answer" = "start"
  let held = ""

  const push = (piece: string): Array<Stretch> => {
    const text = held + piece
    held = ""
    switch (state) {
      case "start":
        if (text.length < opening.length && opening.startsWith(text)) {
          held = text
          return []
        }
        if (!text.startsWith(opening)) {
          state = "answer"
          return stretch(false, text)
        }
        state = "inside"
        return push(text.slice(opening.length))
      case "inside": {
        const close = text.indexOf(closing)
        if (close === -1) {
          const keep = heldBack(text)
          held = text.slice(text.length - keep)
          return stretch(true, text.slice(0, text.length - keep))
        }
        state = "after"
        return [...stretch(true, text.slice(0, close)), ...push(text.slice(close + closing.length))]
      }
      case "after": {
        let from = 0
        while (from < text.length && (text[from] === "\n" || text[from] === "\r")) from++
        if (from < text.length) state = "answer"
        return stretch(false, text.slice(from))
      }
      case "answer":
        return stretch(false, text)
    }
  }

  return {
    settled: () => state === "answer",
    push,
    end: () => {
      const text = held
      held = ""
      return stretch(state === "inside", text)
    }
  }
}

const opening = "<think>"
const closing = "</think>"

const stretch = (reasoning: boolean, text: string): Array<Stretch> => text === "" ? [] : [{ reasoning, text }]

/** How much of the end of the text may begin the closing tag. */
const heldBack = (text: string): number => {
  let length = Math.min(text.length, closing.length - 1)
  while (length > 0 && !text.endsWith(closing.slice(0, length))) length--
  return length
}
