/**
 * Who counts what is under way and what was sent: the memory of one process, or a store that several share.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Allowed, type Entry, Log, type Wait } from "./log.ts"

// Models

/** What is allowed at this time. */
export interface Allowance extends Allowed {
  /** How many calls may be under way. */
  readonly concurrency: number
}

/** A place that was given to a call: one of those under way, and a request of the last minute. */
export interface Place {
  /** The server has seen the request. */
  readonly seen: Effect.Effect<void>
  /** The request has used so many tokens. */
  readonly used: (tokens: number) => Effect.Effect<void>
  /** The call is over. One that has sent nothing gives back all. */
  readonly leave: (isSent: boolean) => Effect.Effect<void>
  /** Keeps the place for as long as it runs, where others would take it for one that was left. */
  readonly keep?: Effect.Effect<unknown>
}

/** Counts for one key. */
export interface Ledger {
  /** Gives a place to a call of so many tokens, or says how long there is none. */
  readonly ask: (tokens: number, allowance: Allowance) => Effect.Effect<Place | Wait>
  /** Lets nobody ask for so many milliseconds. */
  readonly pause: (millis: number) => Effect.Effect<void>
  readonly isIdle: (now: number) => boolean
}

// Constructors

/** Counts in this process. `onFree` hears of each place that is given back. */
export const memory = (onFree: () => void): Ledger => {
  const log = new Log()
  let underWay = 0
  const placeOf = (entry: Entry): Place => ({
    seen: Effect.map(Clock.currentTimeMillis, (now) => {
      log.seen(entry, now)
      onFree()
    }),
    used: (tokens) =>
      Effect.sync(() => {
        log.correct(entry, tokens)
        onFree()
      }),
    leave: (isSent) =>
      Effect.sync(() => {
        underWay--
        if (!isSent) log.remove(entry)
        onFree()
      })
  })
  return {
    ask: (tokens, allowance) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (underWay >= allowance.concurrency) return { millis: Infinity, for: "concurrency" }
        const wait = log.wait(tokens, allowance, now)
        if (wait !== undefined) return wait
        underWay++
        return placeOf(log.add(tokens, allowance, now))
      }),
    pause: () => Effect.void,
    isIdle: (now) => underWay === 0 && log.isEmpty(now)
  }
}
