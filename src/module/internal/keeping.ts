/**
 * Rules at work: how many of the newest stay.
 */
import { isMedia } from "../../signature/Content.ts"
import * as Kinds from "../../text/kinds.ts"
import { contentTokens, isKeep, type Keep } from "../Keep.ts"

/** A rule, or a function in its place. */
export const aKeep = Kinds.make(
  "a rule, as Keep.last(10) or Keep.tokens(50_000) is one, or a function of what there is",
  (value) => isKeep(value) || typeof value === "function"
)

/** How many of the newest a rule keeps: one at least, where there is one. The oldest is the first of the list. */
export const kept = (rule: Keep, all: ReadonlyArray<object>): number => {
  if (rule._tag === "Last") return Math.min(rule.most, all.length)
  let left = rule.most
  for (let count = 0; count < all.length; count++) {
    left -= tokensOf(rule, all[all.length - 1 - count]!)
    if (left < 0) return Math.max(count, 1)
  }
  return all.length
}

// Details

const known = new WeakMap<Keep, WeakMap<object, number>>()

/** The tokens of one of them. It never changes, so it is counted once. */
const tokensOf = (rule: Keep & { readonly _tag: "Tokens" }, one: object): number => {
  let counts = known.get(rule)
  if (counts === undefined) known.set(rule, counts = new WeakMap())
  let tokens = counts.get(one)
  if (tokens === undefined) {
    const { contents, text } = withoutContents(one)
    tokens = rule.count(text) + contents * contentTokens
    if (typeof tokens !== "number" || Number.isNaN(tokens)) {
      throw new TypeError(`\`count\` of Keep.tokens gave ${String(tokens)}: it is a number of tokens`)
    }
    counts.set(one, tokens)
  }
  return tokens
}

/** JSON without the bytes of contents, and how many of these there are. */
const withoutContents = (value: object): { readonly text: string; readonly contents: number } => {
  let contents = 0
  const text = JSON.stringify(value, (_, value: unknown) => {
    if (!isMedia(value) && !isDataUri(value)) return value
    contents++
    return ""
  })
  return { text, contents }
}

/** Contents that are fields of a turn are addresses there. */
const isDataUri = (value: unknown): boolean => typeof value === "string" && /^data:[\w.+-]+\/[\w.+-]+[;,]/i.test(value)
