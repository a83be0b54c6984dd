/**
 * The limits of one key: who waits, what is counted, and how fast the provider lets us ask.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CallFacts } from "../../../lm/CallFacts.ts"
import * as LMError from "../../../lm/LMError.ts"
import { isNotice, type LMEvent, type Waiting, type WaitsFor } from "../../../lm/LMEvent.ts"
import type { LMResponse } from "../../../lm/LMResponse.ts"
import type { Usage } from "../../../lm/Usage.ts"
import type { Allowance, Ledger, Place } from "./ledger.ts"
import { isWait, Line } from "./line.ts"
import type { Wait } from "./log.ts"
import { Pace } from "./pace.ts"

// Models

/** What holds for each key. */
export interface Settings extends Allowance {
  /** How many calls may wait. */
  readonly queue: number
  /** The longest pause of the provider's that a call waits for. */
  readonly maxRetryAfter: Duration.Duration
}

/** A call that has a place, and what becomes of it. */
export interface Admitted {
  /** Its request is sent now. */
  readonly send: () => void
  /** Events of its answer have come. */
  readonly heard: (events: ReadonlyArray<LMEvent>) => Effect.Effect<void>
  /** Its answer has come whole. */
  readonly answered: (response: LMResponse) => Effect.Effect<void>
  readonly failed: (error: LMError.LMError) => Effect.Effect<void>
}

/** What comes first: a place, or a turn and a notice that it waits. */
export type Entered = Admitted | {
  readonly notice: Waiting
  readonly pass: Effect.Effect<Admitted, LMError.LMError, Scope.Scope>
}

// Constructors

/** The limits of one key. What a call holds is bound to its scope: whatever ends the call gives it back. */
export class Limiter {
  readonly #line = new Line()
  readonly #pace = new Pace()
  readonly #ledger: Ledger
  readonly #settings: Settings
  /** What the first in line waits for. */
  #waitsFor: WaitsFor = "requests"

  constructor(settings: Settings, ledger: (onFree: () => void) => Ledger) {
    this.#settings = settings
    this.#ledger = ledger(() => this.#line.wake())
  }

  /** A call of so many tokens of this model comes: it has a place at once, or waits, or finds the queue full. */
  enter(model: string, tokens: number): Effect.Effect<Entered, LMError.LMError, Scope.Scope> {
    const line = this.#line
    const ask = this.#ask(model, tokens)
    return Effect.uninterruptible(Effect.flatMap(
      Effect.acquireRelease(Effect.sync(() => line.enter()), (turn) => Effect.sync(() => line.leave(turn))),
      (turn) => {
        // More may come while a store is asked.
        const ahead = line.size - 1
        return Effect.flatMap(line.isFirst(turn) ? ask : behind, (answer): Effect.Effect<Entered, LMError.LMError> => {
          if (answer !== undefined && !isWait(answer)) {
            line.leave(turn)
            return Effect.succeed(answer)
          }
          if (ahead >= this.#settings.queue) {
            line.leave(turn)
            return failing(model, full(this.#settings.queue))
          }
          // Nobody reads on yet: those behind it need not wait for that.
          line.away(turn)
          const delay = answer === undefined || answer.millis === Infinity ? {} : { delayMillis: answer.millis }
          const notice: Waiting = { _tag: "Waiting", for: this.#waitsFor, ahead, ...delay }
          return Effect.succeed({ notice, pass: line.pass(turn, ask) })
        })
      }
    ))
  }

  /** Whether there is nothing to remember. */
  isIdle(now: number): boolean {
    return this.#line.size === 0 && this.#ledger.isIdle(now) && this.#pace.isEven(now)
  }

  // Details

  /** Takes a place, which is given back at the end of the scope, or says how long there is none. */
  #ask(model: string, tokens: number): Effect.Effect<Admitted | Wait, LMError.LMError, Scope.Scope> {
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const pause = this.#pace.wait(tokens, now)
      if (pause !== undefined && pause.millis > Duration.toMillis(this.#settings.maxRetryAfter)) {
        return failing(model, paused(Duration.millis(pause.millis)))
      }
      const share = this.#pace.share(now)
      const answer = pause === undefined
        ? this.#ledger.ask(tokens, shareOf(this.#settings, share))
        : Effect.succeed(pause)
      return Effect.flatMap(answer, (answer): Effect.Effect<Admitted | Wait, never, Scope.Scope> => {
        if (!isWait(answer)) return this.#admit(answer, tokens)
        this.#waitsFor = answer.for
        // The rate grows back meanwhile.
        return Effect.succeed(share < 1 ? { ...answer, millis: Math.min(answer.millis, 1000) } : answer)
      })
    })
  }

  #admit(place: Place, tokens: number): Effect.Effect<Admitted, never, Scope.Scope> {
    const pace = this.#pace
    let number = 0
    let isSent = false
    let isSeen = false
    const seen = Effect.suspend(() => {
      if (isSeen) return Effect.void
      isSeen = true
      return place.seen
    })
    const told = (headers: CallFacts["headers"]) =>
      headers === undefined
        ? Effect.void
        : Effect.map(Clock.currentTimeMillis, (now) => pace.answered(number, headers, now))
    const used = (usage: Usage | undefined) =>
      usage === undefined ? Effect.void : place.used(usage.inputTokens + usage.outputTokens)
    /** The answer is given again from below: nobody was asked. */
    const notSent = Effect.sync(() => void (isSent = false))
    const admitted: Admitted = {
      send: () => {
        isSent = true
        number = pace.send(tokens)
      },
      heard: (events) => {
        let heard = isSeen || events.every(isNotice) ? Effect.void : seen
        for (const event of events) {
          if (event._tag === "ResponseInfo") heard = Effect.andThen(heard, told(event.headers))
          else if (event._tag === "Usage") heard = Effect.andThen(heard, used(event.usage))
          else if (event._tag === "GivenAgain") heard = Effect.andThen(heard, notSent)
        }
        return heard
      },
      answered: ({ givenAgain, headers, usage }) =>
        Effect.andThen(Effect.andThen(seen, told(headers)), givenAgain === true ? notSent : used(usage)),
      failed: (error) =>
        Effect.andThen(
          unheard.has(error.reason._tag) ? Effect.void : seen,
          Effect.andThen(Effect.andThen(told(error.headers), used(error.usage)), this.#refused(number, error))
        )
    }
    const held = Effect.addFinalizer(() => Effect.suspend(() => place.leave(isSent)))
    return Effect.as(place.keep === undefined ? held : Effect.andThen(held, Effect.forkScoped(place.keep)), admitted)
  }

  #refused(number: number, error: LMError.LMError): Effect.Effect<void> {
    const { reason: { _tag }, retryAfter } = error
    if (_tag !== "RateLimited" && (_tag !== "Server" || retryAfter === undefined)) return Effect.void
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const millis = this.#pace.refused(number, error, now)
      // Who would wait for too long is told so now.
      this.#line.wake()
      return millis === 0 ? Effect.void : this.#ledger.pause(millis)
    })
  }
}

// Details

/** Who is not first in line asks for nothing. */
const behind = Effect.succeed(undefined)

const failing = (model: string, reason: LMError.Reason) => Effect.fail(new LMError.LMError({ model, reason }))

const full = (queue: number): LMError.Reason =>
  new LMError.QueueFull({
    description:
      `${queue === 1 ? "1 call waits" : `${queue} calls wait`} for a place already, and no more may: make fewer ` +
      "calls at a time, or let more of them wait (Limits: queue)"
  })

const paused = (retryAfter: Duration.Duration): LMError.Reason =>
  new LMError.RateLimited({
    description: `nothing was sent: the provider wants no request for ${Duration.format(retryAfter)}`,
    retryAfter
  })

/** The limits while the rate is lowered: each allows one at least. */
const shareOf = (allowance: Allowance, share: number): Allowance =>
  share === 1 ? allowance : {
    concurrency: part(allowance.concurrency, share),
    requests: part(allowance.requests, share),
    tokens: part(allowance.tokens, share),
    burst: 0
  }

const part = (limit: number, share: number): number => Math.max(1, Math.floor(limit * share))

/** Failures that do not show that the server has seen the request. */
const unheard: ReadonlySet<LMError.Reason["_tag"]> = new Set(["Transport", "Timeout"])
