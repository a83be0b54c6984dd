/**
 * The text of generated tokens: whole characters, up to the first stop, without the white space that it begins with.
 */
import * as Splitter from "../../text/thoughts/splitter.ts"
import type { Engine } from "./engine.ts"
import type { Generated } from "./plan.ts"
import * as Stops from "./stops.ts"

/** Reads the tokens of one piece. */
export interface TextReader {
  /** Takes the next token. `found` says that a stop was reached; nothing may be pushed after that. */
  readonly push: (token: number) => { readonly stretches: ReadonlyArray<Splitter.Stretch>; readonly found: boolean }
  /** There are no more tokens: gives what was held back. */
  readonly end: () => ReadonlyArray<Splitter.Stretch>
  /** All text so far that was no stop, thoughts with their tags. */
  readonly text: () => string
}

/** A reader for a piece that comes after these tokens. `ends` are the stops of the chat template. */
export const make = (
  engine: Pick<Engine, "detokenize">,
  piece: Generated,
  before: ReadonlyArray<number>,
  ends: ReadonlyArray<string>
): TextReader => {
  const stops = Stops.make(piece._tag === "Free" ? [...piece.stops, ...ends] : [])
  const thinking = piece._tag === "Free" && piece.plain ? Splitter.make() : undefined
  const shown: Array<string> = []
  let known = before.slice(-context)
  let pending: Array<number> = []
  let begun = piece._tag === "Grammar"

  /** The text of the tokens that wait, if they are whole characters; sooner or later they are taken as they are. */
  const decode = (patience: number): string => {
    if (pending.length === 0) return ""
    const decoded = engine.detokenize(pending, known)
    if (decoded.endsWith("\uFFFD") && pending.length < patience) return ""
    known = [...known, ...pending].slice(-context)
    pending = []
    const text = begun ? decoded : decoded.trimStart()
    begun ||= text !== ""
    return text
  }

  const show = (text: string): ReadonlyArray<Splitter.Stretch> => {
    if (text === "") return []
    shown.push(text)
    if (thinking === undefined) return [{ reasoning: false, text }]
    const stretches: Array<Splitter.Stretch> = []
    thinking.push(text, stretches)
    return stretches
  }

  return {
    push: (token) => {
      pending.push(token)
      const decoded = decode(longestCharacter)
      if (decoded === "") return { stretches: [], found: false }
      const { found, text } = stops.push(decoded)
      return { stretches: show(text), found }
    },
    end: () => {
      const { found, text } = stops.push(decode(0))
      const stretches = [...show(text), ...(found ? [] : show(stops.end()))]
      thinking?.end(stretches)
      return stretches
    },
    text: () => shown.join("")
  }
}

/** How many tokens the text of a token may depend on. */
const context = 4

/** The most tokens that one character is made of. */
const longestCharacter = 6
