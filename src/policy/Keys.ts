/**
 * Several keys in turn, for one model: what one account may ask in a minute, several may ask several times.
 *
 * Each request goes to the next key. One that has asked too often, has nothing left to spend or is not accepted is put aside for its
 * time, and the request goes on with the next one. Retries are above the keys, limits and time limits below: each key has its own.
 */
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { madeOf, making } from "../lm/internal/making.ts"
import { service } from "../lm/internal/service.ts"
import * as LM from "../lm/LM.ts"
import * as LMError from "../lm/LMError.ts"
import type * as Middleware from "../lm/Middleware.ts"
import * as Kinds from "../text/kinds.ts"
import { wait } from "../text/numbers.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import * as Attempts from "./internal/attempts.ts"
import * as Capabilities from "./internal/capabilities.ts"

// Models

/** For how long a key is put aside. */
export interface Options {
  /** One that has asked too often, where the provider does not say how long to wait; 10 seconds if left out. */
  readonly rateLimited?: Duration.Input | undefined
  /** One that has nothing left to spend, or is not accepted; 10 minutes if left out. */
  readonly refused?: Duration.Input | undefined
}

interface Settings {
  readonly rateLimited: number
  readonly refused: number
}

/** Why a key is not asked, and until when, in milliseconds. */
interface Aside {
  readonly until: number
  readonly error: LMError.LMError
}

// Constructors

/**
 * Services in turn, one for each key, as one service. The retries that they have are done once, above all of them.
 */
export const make = (services: LM.Made["of"], options: Options = {}): LM.Service => {
  given("Keys.make", { services: someServices }, [services])
  return inTurn(services, settingsOf(onlyKnown("Keys.make", options, optionNames)))
}

const someServices: Kinds.Kind = (what, value) => {
  Kinds.listOf("services of language models", service)(what, value)
  someOf("services")(what, value)
}

const someOf = (words: string): Kinds.Kind =>
  Kinds.make(`a list of ${words}, with one at least`, (value) => Array.isArray(value) && value.length > 0)

const optionNames: Names<Options> = { rateLimited: true, refused: true }

const settingsOf = ({ rateLimited = "10 seconds", refused = "10 minutes" }: Options): Settings => ({
  rateLimited: Duration.toMillis(wait("`rateLimited`", rateLimited)),
  refused: Duration.toMillis(wait("`refused`", refused))
})

const inTurn = (services: LM.Made["of"], settings: Settings): LM.Service => {
  const asides = new Map<number, Aside>()
  let turn = 0
  const middleware: Middleware.Middleware = {
    name: "keys",
    description: `keys (${services.length} in turn)`,
    place: 2,
    stacks: true,
    apply: (self) => middleware.rebuild!([self]),
    // Where they are built anew, around another policy, they go on with what they know.
    rebuild: (all) => making(rotating(all, settings, asides, () => turn++), { by: middleware, of: all })
  }
  const retry = services.map(retriesOf).find((retries) => retries !== undefined)
  const rotation = middleware.rebuild!(Arr.map(services, withoutRetries))
  return retry === undefined ? rotation : retry.apply(rotation)
}

// Layers

/**
 * A model whose requests go to several keys in turn. `layerOf` makes its layer with a key; `index` tells them apart.
 *
 * @example
 * Keys.layer([first, second], (apiKey) => OpenAI.layer({ model: "gpt-4o-mini", apiKey })).pipe(
 *   Limits.layer({ requestsPerMinute: 500 })
 * )
 */
export const layer = <E, R>(
  keys: Arr.NonEmptyReadonlyArray<Redacted.Redacted>,
  layerOf: (apiKey: Redacted.Redacted, index: number) => Layer.Layer<LM.LM, E, R>,
  options: Options = {}
): Layer.Layer<LM.LM, E, R> => {
  given("Keys.layer", { keys: someKeys, layerOf: Kinds.fn("a function of a key that gives a layer") }, [keys, layerOf])
  return ofLayers(Arr.map(keys, layerOf), settingsOf(onlyKnown("Keys.layer", options, optionNames)))
}

/**
 * The models of several layers in turn: one model in several regions, or from several providers.
 *
 * @example
 * Keys.layers([OpenAI.layer({ ...model, baseUrl: east }), OpenAI.layer({ ...model, baseUrl: west })])
 */
export const layers = <E, R>(
  layers: Arr.NonEmptyReadonlyArray<Layer.Layer<LM.LM, E, R>>,
  options: Options = {}
): Layer.Layer<LM.LM, E, R> => {
  given("Keys.layers", { layers: someLayers }, [layers])
  return ofLayers(layers, settingsOf(onlyKnown("Keys.layers", options, optionNames)))
}

const someKeys: Kinds.Kind = (what, value) => {
  Kinds.listOf("keys", Kinds.make("a key, as Redacted.make gives one", Redacted.isRedacted))(what, value)
  someOf("keys")(what, value)
}

const someLayers: Kinds.Kind = (what, value) => {
  Kinds.listOf("layers", Kinds.layer)(what, value)
  someOf("layers")(what, value)
}

const ofLayers = <E, R>(layers: Arr.NonEmptyReadonlyArray<Layer.Layer<LM.LM, E, R>>, settings: Settings) =>
  Layer.effect(
    LM.LM,
    Effect.map(
      Effect.forEach(layers, Layer.build),
      (contexts) => inTurn(Arr.map(contexts, (context) => Context.get(context, LM.LM)), settings)
    )
  )

// Details

const rotating = (
  all: LM.Made["of"],
  settings: Settings,
  asides: Map<number, Aside>,
  nextTurn: () => number
): LM.Service => {
  const [{ model }] = all
  /** The next key that may be asked, of those that this request has not asked yet; else why there is none. */
  const nextOf = (asked: ReadonlySet<number>, now: number): number | LMError.LMError | undefined => {
    const from = nextTurn()
    let soonest: Aside | undefined
    for (let step = 0; step < all.length; step++) {
      const at = (from + step) % all.length
      const aside = asides.get(at)
      if (asked.has(at)) continue
      if (aside === undefined || aside.until <= now) return at
      if (soonest === undefined || aside.until < soonest.until) soonest = aside
    }
    return soonest === undefined ? undefined : stillAside(soonest, now)
  }
  /** Asks the first key, and what is asked once one has failed. */
  const begin = Effect.map(Clock.currentTimeMillis, (now) => {
    const asked = new Set<number>()
    const first = nextOf(asked, now)
    let at = typeof first === "number" ? first : 0
    asked.add(at)
    const plan: Attempts.Plan = (error, _, delivered) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const millis = asideFor(error, settings)
        if (millis !== undefined) asides.set(at, { until: now + millis, error })
        if (delivered || (millis === undefined && error.reason._tag !== "QueueFull")) return undefined
        const next = nextOf(asked, now)
        if (typeof next !== "number") return undefined
        at = next
        asked.add(at)
        const service = all[at]!
        return { service, notice: { _tag: "FellBack", model: service.model, error }, wait: Effect.void }
      })
    return typeof first === "object" ? first : { service: all[at]!, plan }
  })
  return {
    model,
    capabilities: Capabilities.ofAll(all),
    origin: all[0].origin,
    forget: (request) => Effect.forEach(all, ({ forget }) => forget?.(request) ?? Effect.void, { discard: true }),
    stream: (request) =>
      Stream.unwrap(
        Effect.map(begin, (begun) =>
          "plan" in begun ? Attempts.stream(begun.service, request, begun.plan) : Stream.fail(begun))
      ),
    generate: (request, tell) =>
      Effect.flatMap(
        begin,
        (begun) => "plan" in begun ? Attempts.generate(begun.service, request, begun.plan, tell) : Effect.fail(begun)
      )
  }
}

/** How long a key is put aside that fails of this, in milliseconds; `undefined` where it is not the key. */
const asideFor = (error: LMError.LMError, { rateLimited, refused }: Settings): number | undefined => {
  switch (error.reason._tag) {
    case "RateLimited":
      return error.retryAfter === undefined ? rateLimited : Duration.toMillis(error.retryAfter)
    case "QuotaExceeded":
    case "Authentication":
      return refused
    default:
      return undefined
  }
}

/** The error for a request that finds all keys put aside: that of the key which is back first. */
const stillAside = ({ error: { model, reason }, until }: Aside, now: number): LMError.LMError => {
  const description = `nothing was sent: all keys are put aside. ${reason.description}`
  return new LMError.LMError({
    model,
    reason: reason._tag === "RateLimited"
      ? new LMError.RateLimited({ description, retryAfter: Duration.millis(until - now) })
      : reason
  })
}

const isRetry = (by: Middleware.Middleware): boolean => by.name === "retry"

/** The retries that a service has outermost. */
const retriesOf = (service: LM.Service): Middleware.Middleware | undefined => {
  const made = madeOf(service)
  return made !== undefined && isRetry(made.by) ? made.by : undefined
}

const withoutRetries = (service: LM.Service): LM.Service =>
  retriesOf(service) === undefined ? service : madeOf(service)!.of[0]
