/**
 * Status messages: what a program says of itself while it runs, and where that goes.
 */
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import type { Run } from "../run/Call.ts"
import * as Guest from "../run/Guest.ts"
import * as Observer from "../run/Observer.ts"
import type { Outcome, RunEvent } from "../run/RunEvent.ts"
import * as Kinds from "../text/kinds.ts"
import { given, hooks, type Names } from "../text/options.ts"
import { inPlace } from "./internal/projection.ts"
import type { StatusKind, StatusMessage } from "./StreamEvent.ts"

// Models

/** The module, language model or tool that a hook speaks of. */
export interface Instance {
  /** `Research`, `ChainOfThought`; the model's name; the tool's name. */
  readonly name: string
  /** Its place in the program: `synthesize`, `agent.react`, `self`. */
  readonly path: string
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Maps what happens to messages; a hook that is missing or returns nothing sends none. `inputs` of a language model are its
 * request, `outputs` its response. A call that failed has its error as outputs under the key `error`. A hook that throws, or
 * gives something else than a string, is logged and sends nothing.
 */
export interface StatusMessageProvider {
  readonly moduleStart?: ((instance: Instance, inputs: Fields) => string | undefined) | undefined
  readonly moduleEnd?: ((instance: Instance, outputs: Fields) => string | undefined) | undefined
  readonly lmStart?: ((instance: Instance, inputs: Fields) => string | undefined) | undefined
  readonly lmEnd?: ((instance: Instance, outputs: Fields) => string | undefined) | undefined
  readonly toolStart?: ((instance: Instance, inputs: Fields) => string | undefined) | undefined
  readonly toolEnd?: ((instance: Instance, outputs: Fields) => string | undefined) | undefined
}

/** Receives status messages. What it fails of is logged and does not touch the run. */
export interface Sink {
  readonly send: (message: StatusMessage) => Effect.Effect<void>
  /**
   * How long the run waits for a message to be sent; 3 seconds by default, `Infinity` where the sink slows the run down on
   * purpose. After that `send` is interrupted, which is logged, and is sent no more messages of this run.
   */
  readonly timeout?: Duration.Input | undefined
}

/** The sink of this context; by default it does nothing. */
export const StatusSink = Context.Reference<Sink>("effect-lm/streaming/StatusSink", {
  defaultValue: () => ({ send: () => Effect.void })
})

// Constructors

/** Speaks of tools only, before and after each call. */
export const defaultProvider: StatusMessageProvider = {
  toolStart: (tool) => `Calling ${tool.name}...`,
  toolEnd: (tool, { error }) => error instanceof Error ? `${tool.name} has failed` : `${tool.name} is done`
}

/**
 * The messages of a provider for what happens; hooks that it does not have are the default provider's. It may be an instance of
 * a class. A hook that there is not, or that is no function, throws a `TypeError`.
 */
export const messages = (
  provider: StatusMessageProvider = {}
): (events: ReadonlyArray<RunEvent>) => Effect.Effect<ReadonlyArray<StatusMessage>> => {
  hooks("a status message provider", provider, hookNames)
  return (events) => {
    const said = events.flatMap((event) => say(provider, event))
    return said.length === 0 ? none : Effect.map(Effect.forEach(said, toMessage), (all) => all.flat())
  }
}

const hook = Kinds.fn("a function that gives a message, as (tool) => `Calling ${tool.name}`")

const hookNames: Names<StatusMessageProvider> = {
  moduleStart: hook,
  moduleEnd: hook,
  lmStart: hook,
  lmEnd: hook,
  toolStart: hook,
  toolEnd: hook
}

const none: Effect.Effect<ReadonlyArray<StatusMessage>> = Effect.succeed([])

// Combinators

/**
 * Sends the status messages of a program that is not streamed to the context's sink.
 *
 * @example
 * program({ question }).pipe(Status.report({ lmStart: () => "Thinking..." }), Effect.provide(Status.layerConsole))
 */
export const report = (
  provider: StatusMessageProvider = {}
): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> => {
  const speak = messages(provider)
  const reported = Observer.observe({
    interest: () => undefined,
    onEvents: (events) => Effect.flatMap(speak(events), (said) => send(said, events[0]!.call.run)),
    // The sink itself says how long a run waits for it.
    timeout: Infinity
  })
  return (self) => {
    given("Status.report", { self: Kinds.effect }, [self])
    return reported(self)
  }
}

/** Sends messages of a run to the context's sink, one after the other. */
export const send = (all: ReadonlyArray<StatusMessage>, run?: Run): Effect.Effect<void> =>
  all.length === 0 ? Effect.void : Effect.flatMap(StatusSink, (sink) =>
    Effect.forEach(
      all,
      (message) => Effect.suspend(() => Guest.act(sink, run, "the status sink", () => sink.send(message))),
      { discard: true }
    ))

// Layers

const aSend = Kinds.fn("a function of a message, as ({ message }) => Console.error(message)")
const aQueue = Kinds.make("a queue, as Queue.bounded makes one", Queue.isEnqueue)
const aPubSub = Kinds.make("a PubSub, as PubSub.bounded makes one", PubSub.isPubSub)

/** A sink of one function, for which a run waits 3 seconds at most. */
export const layer = (send: (message: StatusMessage) => Effect.Effect<void>): Layer.Layer<never> => {
  given("Status.layer", { send: aSend }, [send])
  return Layer.succeed(StatusSink, { send })
}

/** Writes each message as a line to standard error. */
export const layerConsole: Layer.Layer<never> = layer((message) => Console.error(`[${message.message}]`))

/** Offers each message to a queue; a full bounded queue makes the run wait, for as long as it is full. */
export const layerQueue = <E>(queue: Queue.Enqueue<StatusMessage, E>): Layer.Layer<never> => {
  given("Status.layerQueue", { queue: aQueue }, [queue])
  return Layer.succeed(StatusSink, { send: (message) => Effect.asVoid(Queue.offer(queue, message)), timeout: Infinity })
}

/** Publishes each message; a full bounded PubSub makes the run wait, for as long as it is full. */
export const layerPubSub = (pubsub: PubSub.PubSub<StatusMessage>): Layer.Layer<never> => {
  given("Status.layerPubSub", { pubsub: aPubSub }, [pubsub])
  return Layer.succeed(StatusSink, {
    send: (message) => Effect.asVoid(PubSub.publish(pubsub, message)),
    timeout: Infinity
  })
}

// Details

/** A hook about to be called for an event. */
interface Said {
  readonly kind: StatusKind
  readonly event: RunEvent
  readonly hook: () => string | undefined
}

const say = (provider: StatusMessageProvider, event: RunEvent): ReadonlyArray<Said> => {
  switch (event._tag) {
    case "ModuleStart":
      return about("moduleStart", provider, event, () => event.inputs)
    case "ModuleEnd":
      return event.outcome._tag === "Interrupted"
        ? []
        : about("moduleEnd", provider, event, () => outputs(event.outcome))
    case "LMStart":
      return about("lmStart", provider, event, () => ({ ...event.request }))
    case "LMEnd":
      return event.outcome._tag === "Interrupted" ? [] : about("lmEnd", provider, event, () => outputs(event.outcome))
    case "ToolStart":
      return about("toolStart", provider, event, () => event.inputs)
    case "ToolEnd":
      return event.outcome._tag === "Interrupted" ? [] : about("toolEnd", provider, event, () => outputs(event.outcome))
    default:
      return []
  }
}

const about = (
  kind: StatusKind,
  provider: StatusMessageProvider,
  event: RunEvent,
  fields: () => Fields
): ReadonlyArray<Said> => {
  const speaker = kind in provider ? provider : defaultProvider
  return speaker[kind] === undefined
    ? []
    // Called on the provider, which may be an instance of a class.
    : [{ kind, event, hook: () => speaker[kind]?.({ name: event.call.name, path: event.call.path }, fields()) }]
}

const toMessage = ({ event, hook, kind }: Said): Effect.Effect<ReadonlyArray<StatusMessage>> =>
  Effect.map(
    Guest.harmless("a status message hook", Effect.suspend(() => spoken(hook()))),
    (message) =>
      message === undefined || message === ""
        ? []
        : [inPlace(event.call, {
          _tag: "StatusMessage",
          message,
          kind,
          path: event.call.path,
          callId: event.call.place
        })]
  )

const spoken = (given: unknown): Effect.Effect<string | undefined> => {
  if (given === undefined || typeof given === "string") return Effect.succeed(given)
  // A promise may be rejected, and nobody else would handle that.
  if (Predicate.isPromiseLike(given)) void Promise.resolve(given).catch(() => {})
  return Effect.die(new TypeError(`a hook gives a string, or undefined for no message; this one gave ${typeof given}`))
}

const outputs = (outcome: Outcome<unknown>): Fields =>
  outcome._tag === "Failure"
    ? { error: outcome.error }
    : outcome._tag === "Interrupted"
    ? {}
    : typeof outcome.value === "object" && outcome.value !== null
    ? { ...outcome.value }
    : { result: outcome.value }
