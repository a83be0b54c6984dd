/**
 * Looks for texts that end a stretch of generated text, while it is generated.
 */

/** A pure scanner; what may be the beginning of a stop is held back until it is known. */
export interface Stops {
  /** Takes the next text. Gives what can be shown, and whether a stop was found; nothing may be pushed after that. */
  readonly push: (text: string) => { readonly text: string; readonly found: boolean }
  /** The text is over: what was held back was no stop. */
  readonly end: () => string
}

/** A scanner for these texts; empty ones are left out. The cost per character does not grow with the text. */
export const make = (stops: ReadonlyArray<string>): Stops => {
  const wanted = stops.filter((stop) => stop !== "")
  const longest = Math.max(0, ...wanted.map((stop) => stop.length))
  let held = ""

  return {
    push: (piece) => {
      const text = held + piece
      held = ""
      const places = wanted.map((stop) => text.indexOf(stop)).filter((at) => at !== -1)
      if (places.length > 0) return { text: text.slice(0, Math.min(...places)), found: true }
      const from = Math.max(0, text.length - longest + 1)
      const keep = longest === 0 ? text.length : startOfStop(text, from, wanted)
      held = text.slice(keep)
      return { text: text.slice(0, keep), found: false }
    },
    end: () => {
      const text = held
      held = ""
      return text
    }
  }
}

/** Where, from there on, the end of the text begins to be a stop. */
const startOfStop = (text: string, from: number, stops: ReadonlyArray<string>): number => {
  for (let at = from; at < text.length; at++) {
    const rest = text.slice(at)
    if (stops.some((stop) => stop.startsWith(rest))) return at
  }
  return text.length
}
