/**
 * How much of a conversation is sent again: a rule for a session, whose unit is a turn, and for an agent's own work, whose unit
 * is an iteration.
 *
 * What a rule leaves out is the oldest, whole: no tool call loses its result. The newest always stays, and so do the system
 * message, the examples and the question. What is sent then begins otherwise than before, so a provider's prompt cache does not
 * hold behind the examples: a rule that leaves out much at once, and seldom, costs less than one that does so each time.
 */
import * as Predicate from "effect/Predicate"
import * as Kinds from "../text/kinds.ts"
import { given, onlyKnown } from "../text/options.ts"

// Models

/** A rule. Sessions and agents take a function in its place, for what no rule says. */
export type Keep = Last | Tokens

/** The newest, so many of them. */
export interface Last {
  readonly _tag: "Last"
  readonly most: number
}

/** The newest that have no more than so many tokens together. `count` tells the tokens of a text. */
export interface Tokens {
  readonly _tag: "Tokens"
  readonly most: number
  readonly count: (text: string) => number
}

/** Options of {@link tokens}. */
export interface TokensOptions {
  /**
   * Counts the tokens of a text; {@link estimate} by default. It is given each turn, or iteration, once, as JSON without
   * contents.
   */
  readonly count?: ((text: string) => number) | undefined
}

// Guards

/** Whether a value is a rule that was made here. */
export const isKeep = (u: unknown): u is Keep =>
  Predicate.hasProperty(u, "most") && isMost(u.most) &&
  (Predicate.isTagged(u, "Last") ||
    (Predicate.isTagged(u, "Tokens") && Predicate.hasProperty(u, "count") && typeof u.count === "function"))

const isMost = (u: unknown): boolean => Number.isSafeInteger(u) && Number(u) >= 1

// Constructors

/**
 * Keeps the newest turns of a session, or iterations of an agent: so many, from 1. Throws a `TypeError` at any other number.
 *
 * @example
 * const chat = yield* Session.make(agent, { keep: Keep.last(10) })
 */
export const last = (most: number): Keep => {
  given("Keep.last", { most: Kinds.wholeFrom(1) }, [most])
  return { _tag: "Last", most }
}

/**
 * Keeps the newest turns of a session, or iterations of an agent, that have no more than so many tokens together. The number is
 * an estimate, of these alone: the system message, the tools, the examples and the question are not counted. A picture, a sound or
 * a file counts as {@link contentTokens}. Throws a `TypeError` at a number that is not whole, or below 1.
 *
 * @example
 * const agent = ReAct.make("question -> answer", { tools, keep: Keep.tokens(50_000) })
 */
export const tokens = (most: number, options: TokensOptions = {}): Keep => {
  given("Keep.tokens", { most: Kinds.wholeFrom(1) }, [most])
  const { count = estimate } = onlyKnown("Keep.tokens", options, {
    count: Kinds.fn("a function that counts the tokens of a text, as (text) => text.length / 4")
  })
  return { _tag: "Tokens", most, count }
}

// Estimates

/** How many tokens a text has, roughly: one for every four bytes of it in UTF-8, as English text and JSON have. */
export const estimate = (text: string): number => {
  let bytes = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // A surrogate pair has four bytes, two for each half.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3
  }
  return Math.ceil(bytes / 4)
}

/** How many tokens a picture, a sound or a file counts, whose bytes say nothing of it. */
export const contentTokens = 1_000
