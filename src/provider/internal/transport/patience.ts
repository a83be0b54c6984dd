/**
 * How long a response is waited for.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { isContent, type LMEvent } from "../../../lm/LMEvent.ts"
import type { Limits } from "../../../policy/Timeouts.ts"
import type { Lost } from "./exchange.ts"

// Models

/** The time limits of one response. */
interface Waits {
  /** From the request, and for what. */
  readonly first: Duration.Duration
  readonly firstOf: string
  /** Between two reads after the first content; `undefined` where the first limit is for all of the response. */
  readonly idle: Duration.Duration | undefined
  /** After the last content, once nothing more is needed. */
  readonly afterFinish: Duration.Duration
}

/** Waits for promises within the time limits. */
export interface Patience {
  /** `settled` where nothing more is needed: silence is no failure then. */
  readonly wait: <A>(start: (now: number) => Promise<A>, settled?: boolean) => Effect.Effect<A, Lost>
  /** Takes note of what came: from the first content on, only silence is limited. */
  readonly heard: (events: ReadonlyArray<LMEvent>) => void
}

// Constructors

/** The limits of a streamed response. */
export const streamed = ({ afterFinish, firstEvent, idle }: Limits): Waits => ({
  first: firstEvent,
  firstOf: "first word",
  idle,
  afterFinish
})

/** The limits of one that comes whole. */
export const whole = ({ afterFinish, reply }: Limits): Waits => ({
  first: reply,
  firstOf: "whole reply",
  idle: undefined,
  afterFinish
})

/** One fiber watches the clock for the whole response, so that a read costs no timer of its own. */
export const makePatience = Effect.fnUntraced(function*(waits: Waits, scope: Scope.Scope) {
  const clock = yield* Clock.Clock
  const idle = waits.idle === undefined ? Infinity : Duration.toMillis(waits.idle)
  const afterFinish = Duration.toMillis(waits.afterFinish)
  const shortest = Math.min(idle, afterFinish)
  const deadline = clock.currentTimeMillisUnsafe() + Duration.toMillis(waits.first)
  let started = false
  /** How much of the time after the last content is left. Signs of life of the server do not make it longer. */
  let leftAfterFinish = afterFinish
  /** When to give up (infinity while nothing is waited for), and what to do then. */
  let until = deadline
  let giveUp: () => void = () => {}

  // A wait that begins while this sleeps does not end before it wakes, since it never sleeps longer than the shortest wait.
  // Only what is left of the time after a finish may be shorter: then it wakes a little late.
  const watch: Effect.Effect<void> = Effect.suspend(() => {
    const left = until - clock.currentTimeMillisUnsafe()
    if (left > 0) return Effect.andThen(Effect.sleep(Math.min(left, shortest)), watch)
    giveUp()
    return Effect.void
  })
  yield* Effect.forkIn(watch, scope, { startImmediately: true })

  const timedOut = (): Lost =>
    started && waits.idle !== undefined
      ? { _tag: "TimedOut", waitedFor: "provider to go on", limit: waits.idle }
      : { _tag: "TimedOut", waitedFor: waits.firstOf, limit: waits.first }

  const patience: Patience = {
    wait: (start, settled = false) =>
      Effect.callback((resume) => {
        const now = clock.currentTimeMillisUnsafe()
        const limit = started && waits.idle !== undefined ? (settled ? Infinity : now + idle) : deadline
        const silent = settled && now + leftAfterFinish <= limit
        until = silent ? now + leftAfterFinish : limit
        giveUp = () => resume(Effect.fail(silent ? { _tag: "Silent" } : timedOut()))
        const done = <B>(exit: Effect.Effect<B, Lost>) => {
          until = Infinity
          leftAfterFinish = settled ? leftAfterFinish - (clock.currentTimeMillisUnsafe() - now) : afterFinish
          return exit
        }
        start(now).then(
          (value) => resume(done(Effect.succeed(value))),
          (thrown: unknown) => resume(done(Effect.fail({ _tag: "Thrown", thrown })))
        )
      }),
    heard: (events) => {
      const content = events.some(isContent)
      started ||= content
      if (content) leftAfterFinish = afterFinish
    }
  }
  return patience
})
