/**
 * A circuit breaker: a provider that keeps failing is left alone for a while, and calls fail at once.
 *
 * After so many failures in a row the circuit is open, and nothing is sent. When its time has passed, one call goes through: if it is
 * answered, the circuit is closed again; if not, it is open for twice as long. Only failures of the provider's count. Its states are
 * kept by Effect's `CircuitBreaker`.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as LM from "../lm/LM.ts"
import * as LMError from "../lm/LMError.ts"
import { isContent } from "../lm/LMEvent.ts"
import * as Middleware from "../lm/Middleware.ts"
import * as Kinds from "../text/kinds.ts"
import { count, time } from "../text/numbers.ts"
import { type Names, onlyKnown } from "../text/options.ts"

// Models

/** When the circuit opens, and for how long. */
export interface Options {
  /** After how many failures in a row; 5 if left out. */
  readonly failures?: number | undefined
  /** For how long; 30 seconds if left out. It doubles where the next call fails too. What the provider asks to wait is waited for. */
  readonly openFor?: Duration.Input | undefined
  /** The longest of these times; 10 minutes if left out. */
  readonly maxOpenFor?: Duration.Input | undefined
  /**
   * Which errors count; if left out, those that are the provider's: `Server`, `Timeout`, `Transport`, `Truncated` and
   * `InvalidResponse`. Who is told to ask less often has reached a provider that works: `RateLimited` does not count.
   */
  readonly when?: ((error: LMError.LMError) => boolean) | undefined
  /** Models with the same key share a circuit. If left out, each model has its own. */
  readonly key?: string | undefined
}

// Constructors

/** A circuit breaker as a middleware. Models that one middleware is applied to share what has the same `key`. */
export const make = (options: Options = {}): Effect.Effect<Middleware.Middleware> => inMemory("Breaker.make", options)

const inMemory = (what: string, options: Options): Effect.Effect<Middleware.Middleware> => {
  const settings = settingsOf(onlyKnown(what, options, names))
  return Effect.gen(function*() {
    // Who has no breaker does not load it.
    const { CircuitBreakerStore, layerStoreMemory } = yield* Effect.promise(() =>
      import("effect/persistence/CircuitBreaker")
    )
    const context = yield* Effect.scoped(Layer.build(layerStoreMemory()))
    return fromStore(settings, Context.get(context, CircuitBreakerStore))
  })
}

const names: Names<Options> = {
  failures: true,
  openFor: true,
  maxOpenFor: true,
  when: Kinds.fn("a function of an error"),
  key: Kinds.text
}

interface Settings {
  readonly tripPolicy: CircuitBreaker.TripPolicy & { readonly _tag: "Consecutive" }
  readonly openFor: Duration.Duration
  readonly maxOpenFor: Duration.Duration
  readonly when: (error: LMError.LMError) => boolean
  readonly key: string | undefined
}

const settingsOf = (
  { failures = 5, key, maxOpenFor = "10 minutes", openFor = "30 seconds", when = isOfProvider }: Options
): Settings => ({
  tripPolicy: { _tag: "Consecutive", failures: count("`failures`", failures) },
  openFor: time("`openFor`", openFor),
  maxOpenFor: time("`maxOpenFor`", maxOpenFor),
  when,
  key
})

/** Whether it was the provider that failed, and not the request. */
const isOfProvider = ({ givenAgain, reason }: LMError.LMError): boolean =>
  givenAgain !== true && ofProvider.has(reason._tag)

const ofProvider: ReadonlySet<LMError.Reason["_tag"]> = new Set([
  "Server",
  "Timeout",
  "Transport",
  "Truncated",
  "InvalidResponse"
])

type Store = CircuitBreaker.CircuitBreakerStore["Service"]

const fromStore = (settings: Settings, store: Store): Middleware.Middleware => {
  let models = 0
  const named = {
    name: "breaker",
    description: `breaker (${settings.tripPolicy.failures} failures open it for ${Duration.format(settings.openFor)})`
  }
  return {
    ...named,
    apply: (service) => {
      const key = settings.key ?? `model ${models++}`
      // Where it is built anew, around another policy, it goes on with what it knows.
      return Middleware.fromApply({ ...named, apply: (self) => broken(self, key, settings, store) })
        .apply(service)
    }
  }
}

// Layers

/**
 * The model of a layer, which is left alone for a while where it keeps failing: calls fail with `CircuitOpen`, which says when it is
 * tried again. Retries of a provider's layer are inside: a call that was tried four times counts once.
 *
 * @example
 * OpenAI.layerModel("groq/llama-3.3-70b-versatile").pipe(
 *   Breaker.layer({ failures: 3, openFor: "20 seconds" }),
 *   Fallback.to(OpenAI.layerModel("openai/gpt-4o-mini"))
 * )
 */
export const layer = (
  options: Options = {}
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E, R> =>
  Middleware.layerEffect(inMemory("Breaker.layer", options))

// Details

const broken = (self: LM.Service, key: string, settings: Settings, store: Store): LM.Service => {
  /** Lets a call through, for as long as its scope, and gives what takes note of how it went. */
  const admit: Effect.Effect<Record, LMError.LMError, Scope.Scope> = Effect.uninterruptible(
    Effect.flatMap(Effect.mapError(store.admit(key), (error) => refusal(self.model, error)), (admission) => {
      let isRecorded = false
      const record = (outcome: "Success" | "Failure" | "Ignored", openFor = Duration.zero) =>
        Effect.suspend(() => {
          if (isRecorded) return Effect.void
          isRecorded = true
          return Effect.ignore(
            store.record({ key, generation: admission.generation, outcome, openFor, tripPolicy: settings.tripPolicy })
          )
        })
      // Who leaves says nothing of the provider.
      return Effect.as(Effect.addFinalizer(() => record("Ignored")), {
        isProbe: admission.probe,
        answered: record("Success"),
        failed: (error: LMError.LMError) =>
          settings.when(error)
            ? record("Failure", openForOf(settings, admission.consecutiveOpenings, error))
            : record("Ignored")
      })
    })
  )
  return {
    ...self,
    stream: (request) =>
      Stream.unwrap(Effect.map(admit, (record) => {
        const answer = Stream.onEnd(Stream.tapError(self.stream(request), record.failed), record.answered)
        // The others need not wait for the end of an answer that has begun.
        return record.isProbe ? Stream.tap(answer, (event) => isContent(event) ? record.answered : Effect.void) : answer
      })),
    generate: (request, tell) =>
      Effect.scoped(Effect.flatMap(admit, (record) =>
        Effect.tapError(
          Effect.tap(self.generate(request, tell), () => record.answered),
          record.failed
        )))
  }
}

/** Takes note of how a call went, once. */
interface Record {
  /** Whether it is the one that shows how the provider is now. */
  readonly isProbe: boolean
  readonly answered: Effect.Effect<void>
  readonly failed: (error: LMError.LMError) => Effect.Effect<void>
}

const openForOf = (
  { maxOpenFor, openFor }: Settings,
  openings: number,
  { retryAfter = Duration.zero }: LMError.LMError
): Duration.Duration => Duration.min(Duration.max(Duration.times(openFor, 2 ** openings), retryAfter), maxOpenFor)

/** Why a call is not let through. */
const refusal = (model: string, { reason }: CircuitBreaker.CircuitBreakerError): LMError.LMError => {
  const retryAfter = reason._tag === "CircuitOpen" ? reason.retryAfter : soon
  const when = reason._tag === "CircuitOpen"
    ? `it is tried again in ${Duration.format(retryAfter)}`
    : "another call tries now whether it answers again"
  return new LMError.LMError({
    model,
    reason: new LMError.CircuitOpen({
      description: `nothing was sent, since the provider has failed too often of late: ${when}`,
      retryAfter
    })
  })
}

/** When a call that finds another one trying may know more. */
const soon = Duration.seconds(1)
