/**
 * What stands between programs and a language model, and changes how a request is answered: retries, time limits, a cache, another
 * model in reserve. A middleware is a value from service to service, and goes over any model's layer.
 *
 * @example
 * const loud = Middleware.make({
 *   name: "loud",
 *   stream: (request, next) => Stream.map(next(request), (event) =>
 *     event._tag === "TextDelta" ? { ...event, text: event.text.toUpperCase() } : event)
 * })
 * const layer = OpenAI.layerConfig.pipe(Middleware.layer(loud))
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import { collect } from "./internal/collect.ts"
import { madeOf, making } from "./internal/making.ts"
import * as LM from "./LM.ts"
import type { LMError } from "./LMError.ts"
import type { LMEvent } from "./LMEvent.ts"
import type { LMRequest } from "./LMRequest.ts"
import * as LMResponse from "./LMResponse.ts"

// Models

/** A way from service to service. */
export interface Middleware {
  readonly name: string
  /** Its name, and how it is set: see `LM.describe`. */
  readonly description: string
  /**
   * For policies of which a model has one: their place, counted from the provider (0 is next to it). Such a policy takes the
   * place of one of its name, wherever that stands, and is put where it belongs, whatever stands above.
   */
  readonly place?: number | undefined
  /** For such a policy: it goes around one of its name, in the same place, and takes nothing away. */
  readonly stacks?: boolean | undefined
  readonly apply: (self: LM.Service) => LM.Service
  /** The same over several services, for one that has more than one below it. */
  readonly rebuild?: ((of: LM.Made["of"]) => LM.Service) | undefined
}

/** Answers a request, asking `next` for what it does not know itself. */
export type Answer = (
  request: LMRequest,
  next: (request: LMRequest) => Stream.Stream<LMEvent, LMError>
) => Stream.Stream<LMEvent, LMError>

/** What makes a middleware. */
export interface Options {
  readonly name: string
  /** Its name if left out. */
  readonly description?: string | undefined
  /**
   * How a request is answered. A request that is not streamed passes here too: then `next` gives the whole response as its events,
   * so that nothing has to be written twice, and nothing is streamed that nobody watches.
   */
  readonly stream: Answer
}

// Constructors

/** Makes a middleware from how it answers a request. */
export const make = (options: Options): Middleware => {
  const { description, name, stream } = onlyKnown("Middleware.make", options, optionNames)
  return fromApply({
    name,
    description: description ?? name,
    apply: (self) => ({
      ...self,
      stream: (request) => stream(request, self.stream),
      generate: (request, tell) => collect(stream(request, (next) => eventsOf(self.generate(next, tell))), tell)
    })
  })
}

const optionNames: Names<Options> = {
  name: Kinds.needed(Kinds.text),
  description: Kinds.text,
  stream: Kinds.needed(Kinds.fn("a function of a request and of the next service"))
}

/** Makes a middleware from a function of services. What it makes knows what it was made of. */
export const fromApply = (middleware: Middleware): Middleware => {
  const self: Middleware = {
    ...middleware,
    // A middleware that gives the service back as it is still gets a copy, which knows what it was made of.
    apply: (service) => {
      const made = middleware.apply(service)
      return making(made === service ? { ...made } : made, { by: self, of: [service] })
    }
  }
  return self
}

// Combinators

/** The service with a middleware over it, or at its place inside. */
export const apply = (self: LM.Service, middleware: Middleware): LM.Service => {
  const { name, place, stacks = false } = middleware
  const made = madeOf(self)
  if (place === undefined || made === undefined || (made.by.place !== undefined && made.by.place < place)) {
    return middleware.apply(self)
  }
  const [inner, ...others] = made.of
  return made.by.name === name
    ? middleware.apply(stacks ? self : inner)
    : rebuilt(made.by, [apply(inner, middleware), ...others.map((other) => apply(other, middleware))])
}

/** What a middleware makes of these services in place of those it was applied to. */
const rebuilt = (by: Middleware, of: LM.Made["of"]): LM.Service =>
  by.rebuild === undefined ? by.apply(of[0]) : by.rebuild(of)

// Layers

/**
 * The model of a layer, with a middleware over it. What else the layer has stays as it is.
 *
 * @example
 * OpenAI.layerConfig.pipe(Middleware.layer(cache))
 */
export const layer = (
  middleware: Middleware
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E, R> => {
  given("Middleware.layer", parameters, [middleware])
  return layerEffect(Effect.succeed(middleware))
}

const parameters = {
  middleware: Kinds.make(
    "a middleware, as Middleware.make gives one",
    (value) => Predicate.hasProperty(value, "apply") && Predicate.isFunction(value.apply)
  )
}

/** The same for a middleware that is made by an Effect: one that opens a store, or counts. */
export const layerEffect =
  <E2, R2>(middleware: Effect.Effect<Middleware, E2, R2>) =>
  <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>): Layer.Layer<A | LM.LM, E | E2, R | Exclude<R2, Scope.Scope>> =>
    Layer.effectContext(
      Effect.zipWith(
        Layer.build(self),
        middleware,
        (context, made) => Context.add(context, LM.LM, apply(Context.get(context, LM.LM), made))
      )
    )

// Details

/** The events of a response that came whole. */
const eventsOf = (response: Effect.Effect<LMResponse.LMResponse, LMError>): Stream.Stream<LMEvent, LMError> =>
  Stream.unwrap(Effect.map(response, (response) => Stream.fromArray(LMResponse.toEvents(response))))
