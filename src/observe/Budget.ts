/**
 * How much what runs inside may use: calls, tokens, money, time.
 *
 * A budget holds over everything in the effect, whichever model answers: calls at the same time, programs inside of tools, attempts.
 * A request that it has no room for is not sent, and fails with an `LMError` whose reason is `OverBudget`; requests that are under
 * way go on. Calls are never more than the bound. Tokens and money are known once an answer is there: until then the prompt and
 * what has come count as estimated, at four characters a token, so that the last answers can go beyond the bound.
 *
 * @example
 * const frugal = research({ question }).pipe(Budget.within({ calls: 20, usd: 0.5, time: "2 minutes" }))
 */
import { Clock } from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { LMError } from "../lm/LMError.ts"
import { CurrentCall } from "../run/Call.ts"
import type { Meter } from "../run/Meter.ts"
import * as Step from "../run/Step.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import type { EffectOrStream } from "./internal/effectOrStream.ts"
import * as Price from "./internal/price.ts"
import { Purse } from "./internal/purse.ts"
import { running, withReference } from "./internal/scoped.ts"
import type * as Prices from "./Prices.ts"

// Models

/** The bounds, of which each has to hold; one that is left out is none. */
export interface Limits {
  /** Requests of predictors. Retries of a model's layer are a part of their request; answers that are given again are none. */
  readonly calls?: number | undefined
  /** Input and output together. */
  readonly tokens?: number | undefined
  /** US dollars. A model whose price is not known is refused. */
  readonly usd?: number | undefined
  /** From the begin of the effect. No request is sent afterwards; `Effect.timeout` also ends what is under way. */
  readonly time?: Duration.Input | undefined
  /** What tokens cost; `Prices.listed` by default. */
  readonly prices?: Prices.Table | undefined
  /**
   * What happens at a bound: the next request fails (`fail`, the default); or an agent, whose next turn is refused, answers from what
   * it has (`answer`). For this one call is kept back: the last one of `calls`, or one beyond another bound. It is for one agent
   * alone, and not for an agent inside of another one's tool.
   */
  readonly atLimit?: "fail" | "answer" | undefined
}

/** What was used of a budget, with what is estimated of requests that are under way. */
export interface Used {
  readonly calls: number
  readonly tokens: number
  /** `undefined` where the price of a model is not known. */
  readonly usd: number | undefined
  readonly time: Duration.Duration
}

/** A budget that several effects can share. */
export interface Budget {
  /** Runs an Effect or a Stream within what is left. */
  readonly within: <S extends EffectOrStream>(self: S) => S
  readonly used: Effect.Effect<Used>
}

// Constructors

/**
 * A budget that begins now, for all that runs in it.
 *
 * @example
 * const budget = yield* Budget.make({ usd: 5 })
 * const answers = yield* Effect.forEach(questions, (question) => qa({ question }).pipe(budget.within), { concurrency: 8 })
 */
export const make = (limits: Limits): Effect.Effect<Budget> => {
  checked("Budget.make", limits)
  return Effect.map(purseOf(limits), (purse) => ({
    within: (self) => {
      given("budget.within", parameters, [self])
      return held(self, Effect.succeed(purse))
    },
    used: Effect.map(Clock, (clock) => {
      const { calls, millis, tokens, usd } = purse.used(clock.currentTimeMillisUnsafe())
      return { calls, tokens, usd, time: Duration.millis(millis) }
    })
  }))
}

// Combinators

/**
 * Runs an Effect or a Stream within bounds, which begin anew with each run. A budget inside of another one has to hold, and the
 * other one too.
 *
 * @example
 * const { answer } = yield* agent({ question }).pipe(Budget.within({ calls: 10, atLimit: "answer" }))
 */
export const within = (limits: Limits): <S extends EffectOrStream>(self: S) => S => {
  checked("Budget.within", limits)
  return (self) => {
    given("Budget.within", parameters, [self])
    return held(self, purseOf(limits))
  }
}

const optionNames: Names<Limits> = {
  calls: Kinds.countFrom(1),
  tokens: Kinds.countFrom(1),
  usd: Kinds.between(0, Infinity),
  time: Kinds.time,
  prices: Price.table,
  atLimit: Kinds.oneOf("fail", "answer")
}

const parameters = { self: running }

const checked = (what: string, limits: Limits): void => {
  const { calls, time, tokens, usd } = onlyKnown(what, limits, optionNames)
  if (calls === undefined && tokens === undefined && usd === undefined && time === undefined) {
    throw new TypeError(`${what}: there is no bound: give some of calls, tokens, usd, time`)
  }
}

// Details

const purseOf = (limits: Limits): Effect.Effect<Purse> =>
  Effect.map(Clock, (clock) => new Purse(limits, clock.currentTimeMillisUnsafe()))

/** An agent that is called by a tool of another one is inside of that one; where the budget stands tells which agent is whose. */
const held = <S extends EffectOrStream>(self: S, purse: Effect.Effect<Purse>): S =>
  withReference(self, Step.Performer, (outside) =>
    Effect.zipWith(
      purse,
      CurrentCall,
      (purse, outer) => Step.inside(outside, performing(purse, outer?.toolCall))
    ))

const performing = (purse: Purse, toolCall: string | undefined): Step.Perform => (step, self) => {
  const { meter } = step
  return meter === undefined ? self : Effect.withFiber((fiber) => {
    const isOutermost = fiber.getRef(CurrentCall)?.toolCall === toolCall
    const now = fiber.getRef(Clock).currentTimeMillisUnsafe()
    return Effect.uninterruptibleMask((restore) => {
      const reason = purse.take(meter, { now, isOutermost, isConcluding: fiber.getRef(Step.Concluding) })
      return reason === undefined
        ? Effect.ensuring(restore(self), settling(purse, meter))
        // A step that has a meter is a request to a language model, and fails of an `LMError`.
        : Effect.fail(new LMError({ model: step.name, reason })) as typeof self & Effect.Effect<never, never>
    })
  })
}

const settling = (purse: Purse, meter: Meter): Effect.Effect<void> => Effect.sync(() => purse.settle(meter))
