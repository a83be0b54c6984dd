/**
 * How many calls are under way, and how much is sent in a minute.
 *
 * What is too much waits, in the order in which it came. Every attempt counts, retries included: limits are next to the provider,
 * below its retries, wherever they are written. In no minute does the server see more requests than the limit and the burst.
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Redis from "effect/persistence/Redis"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import type * as LM from "../lm/LM.ts"
import type { LMError } from "../lm/LMError.ts"
import type { LMEvent } from "../lm/LMEvent.ts"
import type { LMRequest } from "../lm/LMRequest.ts"
import * as Middleware from "../lm/Middleware.ts"
import * as Kinds from "../text/kinds.ts"
import { count, wait } from "../text/numbers.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import * as Estimate from "./internal/estimate.ts"
import * as Ledger from "./internal/limits/ledger.ts"
import { type Admitted, Limiter, type Settings } from "./internal/limits/limiter.ts"

// Models

/** What is allowed. A limit that is left out is none. */
export interface Options {
  /** How many calls are under way at the same time. */
  readonly concurrency?: number | undefined
  /** How many requests are sent in any minute. */
  readonly requestsPerMinute?: number | undefined
  /**
   * How many tokens are sent and answered in any minute. A request is counted with a quarter of its characters and its
   * `maxTokens` until its usage is known. One that is larger than the limit is sent alone.
   */
  readonly tokensPerMinute?: number | undefined
  /** How many requests more there may be in one minute, if there were fewer before; 0 if left out. */
  readonly burst?: number | undefined
  /** How many calls may wait; any number if left out. One more fails with `QueueFull`. */
  readonly queue?: number | undefined
  /** The longest pause of the provider's that calls wait for, 1 minute if left out; in a longer one they fail with `RateLimited`. */
  readonly maxRetryAfter?: Duration.Input | undefined
  /**
   * Whose limits they are. If left out, each model that the layer has its own: each of several keys, and of a fallback's models.
   * Calls with the same key share limits, whichever model they are for.
   */
  readonly key?: string | ((request: LMRequest) => string) | undefined
}

// Constructors

/** These limits as a middleware. Models that one middleware is applied to share what has the same `key`. */
export const make = (options: Options): Middleware.Middleware => fromLedger("Limits.make", options, () => Ledger.memory)

/** Counts for one key of a model. */
type LedgerOf = (model: string, key: string | undefined) => (onFree: () => void) => Ledger.Ledger

/** The limits, as `what` takes them, counted where `ledgerOf` says. */
const fromLedger = (what: string, options: Options, ledgerOf: LedgerOf): Middleware.Middleware => {
  const { key, ...others } = onlyKnown(what, options, names)
  const settings = settingsOf(others)
  const limiters = new Map<string, Limiter>()
  const shared = (model: string, key: string, now: number): Limiter => {
    let known = limiters.get(key)
    if (known !== undefined) return known
    // Keys may be people's.
    if (limiters.size >= mostIdle) {
      for (const [key, limiter] of limiters) {
        if (limiter.isIdle(now)) limiters.delete(key)
      }
    }
    limiters.set(key, known = new Limiter(settings, ledgerOf(model, key)))
    return known
  }
  const named = { name: "limits", description: describe(others), place: 1, stacks: true }
  return {
    ...named,
    apply: (service) => {
      const own = key === undefined ? new Limiter(settings, ledgerOf(service.model, undefined)) : undefined
      const limiterOf = (request: LMRequest, now: number): Limiter =>
        own ?? shared(service.model, typeof key === "function" ? key(request) : key!, now)
      // Where it is built anew, around another policy, it goes on with what it has counted.
      return Middleware.fromApply({ ...named, apply: (self) => limited(self, limiterOf, settings) }).apply(service)
    }
  }
}

const names: Names<Options> = {
  concurrency: true,
  requestsPerMinute: true,
  tokensPerMinute: true,
  burst: true,
  queue: true,
  maxRetryAfter: true,
  key: Kinds.make(
    "a string, or a function of a request that gives one",
    (key) => typeof key === "string" || typeof key === "function"
  )
}

const sharedNames: Names<SharedOptions> = { ...names, prefix: Kinds.text }

const settingsOf = (
  {
    burst = 0,
    concurrency = Infinity,
    maxRetryAfter = "1 minute",
    queue = Infinity,
    requestsPerMinute = Infinity,
    tokensPerMinute = Infinity
  }: Options
): Settings => ({
  concurrency: count("`concurrency`", concurrency),
  requests: count("`requestsPerMinute`", requestsPerMinute),
  tokens: count("`tokensPerMinute`", tokensPerMinute),
  burst: count("`burst`", burst, 0),
  queue: count("`queue`", queue, 0),
  maxRetryAfter: wait("`maxRetryAfter`", maxRetryAfter)
})

const describe = ({ burst = 0, concurrency, requestsPerMinute, tokensPerMinute }: Options): string => {
  const all = [
    ...(concurrency === undefined ? [] : [`${concurrency} at a time`]),
    ...(requestsPerMinute === undefined
      ? []
      : [`${requestsPerMinute} requests a minute${burst === 0 ? "" : ` and ${burst} at once`}`]),
    ...(tokensPerMinute === undefined ? [] : [`${tokensPerMinute} tokens a minute`])
  ]
  return `limits (${all.length === 0 ? "what the provider says" : all.join(", ")})`
}

/** How many keys are remembered that nobody uses. */
const mostIdle = 1000

// Layers

/**
 * The model of a layer, with these limits for each of its models.
 *
 * @example
 * OpenAI.layerModel("openai/gpt-4o-mini").pipe(Limits.layer({ concurrency: 20, requestsPerMinute: 600, queue: 1000 }))
 */
export const layer = (
  options: Options
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E, R> =>
  Middleware.layer(fromLedger("Limits.layer", options, () => Ledger.memory))

/** What limits are that several processes share. */
export interface SharedOptions extends Options {
  /** What the names of the keys in Redis begin with; `effect-lm:limits:` if left out. */
  readonly prefix?: string | undefined
}

/**
 * The model of a layer, with limits that all processes share which use the same Redis, `prefix` and `key`. If left out, the `key` is
 * the model's name. The limits hold across processes, the order within each. Where Redis does not answer within a second,
 * each process holds the limits alone until it does, and says so in a warning, once a minute.
 *
 * @example
 * OpenAI.layerModel("openai/gpt-4o-mini").pipe(
 *   Limits.layerRedis({ requestsPerMinute: 500 }),
 *   Layer.provide(NodeRedis.layer({ url: "redis://localhost:6379" }))
 * )
 */
export const layerRedis = (
  options: SharedOptions
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E, R | Redis.Redis> => {
  const { prefix = "effect-lm:limits:", ...others } = onlyKnown("Limits.layerRedis", options, sharedNames)
  // What is wrong with them is said at once.
  settingsOf(others)
  return Middleware.layerEffect(Effect.gen(function*() {
    // Who has no Redis does not load it.
    const module = yield* Effect.promise(() => import("effect/persistence/Redis"))
    const { ledger, make } = yield* Effect.promise(() => import("./internal/limits/redis.ts"))
    const process = `${yield* Random.nextInt}${yield* Random.nextInt}`
    const shared = make(module, yield* module.Redis, prefix, process)
    return fromLedger("Limits.layerRedis", others, (model, key) => ledger(shared, key ?? model))
  }))
}

// Details

const limited = (
  self: LM.Service,
  limiterOf: (request: LMRequest, now: number) => Limiter,
  { tokens }: Settings
): LM.Service => {
  const entered = (request: LMRequest) =>
    Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => limiterOf(request, now).enter(self.model, tokens === Infinity ? 0 : Estimate.whole(request))
    )
  const streamed = (request: LMRequest, admitted: Admitted): Stream.Stream<LMEvent, LMError> =>
    Stream.suspend(() => {
      admitted.send()
      return Stream.transformPull(self.stream(request), (pull) =>
        Effect.succeed(Effect.flatMap(pull, (events) => {
          const heard = admitted.heard(events)
          return heard === Effect.void ? Effect.succeed(events) : Effect.as(heard, events)
        })))
    }).pipe(Stream.tapError(admitted.failed))
  return {
    ...self,
    stream: (request) =>
      Stream.unwrap(Effect.map(entered(request), (entered): Stream.Stream<LMEvent, LMError> =>
        "notice" in entered
          ? Stream.concat(
            Stream.succeed(entered.notice),
            Stream.unwrap(Effect.map(entered.pass, (admitted) => streamed(request, admitted)))
          )
          : streamed(request, entered))),
    generate: (request, tell) =>
      Effect.scoped(Effect.gen(function*() {
        const first = yield* entered(request)
        if ("notice" in first && tell !== undefined) yield* tell([first.notice])
        const admitted = "notice" in first ? yield* first.pass : first
        admitted.send()
        return yield* self.generate(request, tell).pipe(
          Effect.tap(admitted.answered),
          Effect.tapError(admitted.failed)
        )
      }))
  }
}
