/**
 * The history of a session, shortened by its rule.
 */
import * as Effect from "effect/Effect"
import type * as History from "../../signature/History.ts"
import type { Keep } from "../Keep.ts"
import { checked } from "./historyTurns.ts"
import { kept } from "./keeping.ts"
import { valueOf } from "./ofFunction.ts"

/** How much of a history is sent again. */
export type Rule<E, R> =
  | Keep
  | ((history: History.History) => History.History | Effect.Effect<History.History, E, R>)

/** What a rule made of a history. */
export interface Shortened {
  readonly history: History.History
  /** The turns that are not in it as they were: by their place, from 1. */
  readonly dropped: ReadonlyArray<number>
}

/** Shortens a history. A function has to give a history with the newest turn at its end: anything else is a defect. */
export const shortened = <E, R>(
  rule: Rule<E, R> | undefined,
  history: History.History
): Effect.Effect<Shortened, E, R> => {
  const { messages } = history
  if (rule === undefined || messages.length === 0) return Effect.succeed({ history, dropped: [] })
  if (typeof rule === "function") {
    return Effect.map(valueOf("`keep`", () => rule(history)), (given) => ofFunction(given, messages))
  }
  return Effect.sync(() => {
    const first = messages.length - kept(rule, messages)
    return first === 0
      ? { history, dropped: [] }
      : { history: { messages: messages.slice(first) }, dropped: messages.slice(0, first).map((_, at) => at + 1) }
  })
}

// Details

const ofFunction = (given: unknown, messages: ReadonlyArray<History.Message>): Shortened => {
  const history = checked("what `keep` gave", given)
  const newest = history.messages.at(-1)
  if (newest === undefined || toText(newest) !== toText(messages.at(-1)!)) {
    throw new TypeError("`keep` gave a history without the newest turn at its end: it always stays, as it is")
  }
  const left = new Map<string, number>()
  for (const text of history.messages.map(toText)) left.set(text, (left.get(text) ?? 0) + 1)
  const dropped: Array<number> = []
  // Of turns that are alike the newer ones are those that stay.
  for (let at = messages.length; at > 0; at--) {
    const text = toText(messages[at - 1]!)
    const count = left.get(text) ?? 0
    if (count === 0) dropped.unshift(at)
    else left.set(text, count - 1)
  }
  return { history, dropped }
}

const toText = (message: History.Message): string => JSON.stringify(message)
