/**
 * Answers that are given again, where the same is asked once more.
 *
 * Equal requests at the same time are one request, which all of them stream. An answer that was kept streams as it came, costs
 * nothing, and says that it is given again. Only whole answers are kept, and those that could not be read are given up.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as LM from "../lm/LM.ts"
import type { LMError } from "../lm/LMError.ts"
import { isNotice, type LMEvent } from "../lm/LMEvent.ts"
import type { LMRequest } from "../lm/LMRequest.ts"
import * as LMResponse from "../lm/LMResponse.ts"
import * as Middleware from "../lm/Middleware.ts"
import * as Usage from "../lm/Usage.ts"
import * as Kinds from "../text/kinds.ts"
import { time } from "../text/numbers.ts"
import { combinator, type Names, onlyKnown } from "../text/options.ts"
import * as CacheStore from "./CacheStore.ts"
import * as Entry from "./internal/cache/entry.ts"
import { type Flight, Flights, type Source } from "./internal/cache/flight.ts"
import * as Keeper from "./internal/cache/keeper.ts"
import { keyOf } from "./internal/cache/key.ts"
import { CurrentSending } from "./internal/sending.ts"

// Models

/** Where answers are kept, and how. */
export interface Options<E = never, R = never> {
  /** `CacheStore.memory()` if left out. */
  readonly store?: Effect.Effect<CacheStore.CacheStore, E, R> | undefined
  /** How long an answer is kept; 30 days if left out, `Infinity` for ever. */
  readonly timeToLive?: Duration.Input | undefined
  /**
   * Whether an answer that streamed is kept in the pieces in which it came, and streams in these again; false by default: it is
   * kept whole, and each field comes in one piece.
   */
  readonly chunks?: boolean | undefined
  /** How long the store is waited for; 200 milliseconds if left out. After that, the model is asked. */
  readonly patience?: Duration.Input | undefined
}

/** How caches are used. */
export interface Use {
  /**
   * `"use"` gives what is there, and keeps what is new; `"refresh"` asks the model anyway, and keeps that; `"bypass"` asks the
   * model, and keeps nothing.
   */
  readonly mode: "use" | "refresh" | "bypass"
  /** How long what is new is kept; what the cache says if left out. */
  readonly timeToLive?: Duration.Input | undefined
}

/** How everything in this context uses caches: `{ mode: "use" }` by default. */
export const CurrentUse = Context.Reference<Use>("effect-lm/policy/Cache/CurrentUse", {
  defaultValue: () => ({ mode: "use" })
})

// Constructors

/** A cache as a middleware. As long as its scope lives, all models that it is put over share what it keeps. */
export const make = <E = never, R = never>(
  options: Options<E, R> = {}
): Effect.Effect<Middleware.Middleware, E, R | Scope.Scope> => {
  const settings = settingsOf("Cache.make", options)
  return Effect.gen(function*() {
    const store = yield* (options.store ?? CacheStore.memory())
    return middleware(yield* Keeper.make(store, settings.patience), settings)
  })
}

interface Settings {
  readonly timeToLive: Duration.Duration
  readonly patience: Duration.Duration
  readonly chunks: boolean
}

const settingsOf = (what: string, options: Options<unknown, unknown>): Settings => {
  const { chunks = false, patience = "200 millis", timeToLive = "30 days" } = onlyKnown(what, options, optionNames)
  return { chunks, patience: time("`patience`", patience), timeToLive: time("`timeToLive`", timeToLive) }
}

const optionNames: Names<Options<unknown, unknown>> = {
  store: Kinds.effect,
  timeToLive: Kinds.time,
  chunks: Kinds.flag,
  patience: Kinds.time
}

const middleware = (keeper: Keeper.Keeper, { chunks, timeToLive }: Settings): Middleware.Middleware =>
  Middleware.fromApply({
    name: "cache",
    description: `cache (${keeper.name})`,
    apply: (self) => {
      const flights = new Flights()

      /** The answer: from the store, or else as `ask` gives it. `undefined` where there is none to be kept. */
      const answer = (request: LMRequest, ask: Source): Effect.Effect<Stream.Stream<LMEvent, LMError> | undefined> =>
        Effect.withFiber((fiber) => {
          const use = fiber.getRef(CurrentUse)
          if (use.mode === "bypass") return Effect.undefined
          const sending = fiber.getRef(CurrentSending)
          return Effect.map(keyOf(self, request), (key) => {
            if (key === undefined) return undefined
            const lifetime = use.timeToLive === undefined ? timeToLive : time("`timeToLive`", use.timeToLive)
            const asked: Source = (flight) =>
              Effect.flatMap(ask(flight), () => {
                const entry = Entry.of(flight.reads, chunks)
                return entry === undefined ? Effect.void : keeper.keep(key, entry, Entry.Entry, lifetime)
              })
            return use.mode === "refresh"
              ? flights.follow(`${key} anew ${sending}`, asked)
              : flights.follow(
                `${key} ${sending}`,
                (flight) =>
                  Effect.flatMap(
                    keeper.find(key, Entry.Entry),
                    (entry) => entry === undefined ? asked(flight) : again(flight, entry)
                  )
              )
          })
        })

      return {
        ...self,
        stream: (request) =>
          Stream.unwrap(Effect.map(
            answer(request, (flight) =>
              Stream.runForEachArray(self.stream(request), (events) => {
                flight.push(events)
                return flight.wanted
              })),
            (found) => found ?? self.stream(request)
          )),
        generate: (request, tell) =>
          Effect.flatMap(
            answer(request, (flight) =>
              Effect.map(
                self.generate(request, (events) => Effect.sync(() => flight.push(events))),
                (response) => flight.push(LMResponse.toEvents(response))
              )),
            (found) =>
              found === undefined ? self.generate(request, tell) : LMResponse.collect(
                tell === undefined ? found : Stream.tap(found, (event) => isNotice(event) ? tell([event]) : Effect.void)
              )
          ),
        forget: (request) =>
          Effect.andThen(
            Effect.flatMap(keyOf(self, request), (key) => key === undefined ? Effect.void : keeper.forget(key)),
            self.forget?.(request) ?? Effect.void
          )
      }
    }
  })

/** Gives an answer again. */
const again = (flight: Flight, entry: Entry.Entry): Effect.Effect<void> =>
  Effect.sync(() => {
    flight.push([{ _tag: "GivenAgain" }])
    for (const events of entry) flight.push(events)
    flight.push([{ _tag: "Usage", usage: Usage.empty }])
  })

// Combinators

/**
 * Runs with caches used in another way. A stream takes `Stream.provideService(Cache.CurrentUse, use)`.
 *
 * @example
 * qa({ question }).pipe(Cache.withUse({ mode: "refresh" }))
 */
export const withUse: {
  (use: Use): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, use: Use): Effect.Effect<A, E, R>
} = combinator(
  "Cache.withUse",
  { self: Kinds.effect, use: (_, value) => checkedUse(value as Use) },
  <A, E, R>(self: Effect.Effect<A, E, R>, use: Use): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CurrentUse, use)
)

const checkedUse = (use: Use): Use =>
  onlyKnown("Cache.withUse", use, {
    mode: Kinds.needed(Kinds.oneOf("use", "refresh", "bypass")),
    timeToLive: Kinds.time
  })

// Layers

/**
 * The model of a layer with a cache over it. What is below it (retries, time limits, a fallback that is piped before) is asked
 * where the cache has nothing.
 *
 * @example
 * OpenAI.layerConfig.pipe(Cache.layer({ timeToLive: "1 hour" }))
 */
export const layer = <E2 = never, R2 = never>(
  options: Options<E2, R2> = {}
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E | E2, R | Exclude<R2, Scope.Scope>> => {
  settingsOf("Cache.layer", options)
  return Middleware.layerEffect(make(options))
}
