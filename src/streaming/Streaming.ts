/**
 * Turns a program into a stream of what happens in it: fields as they are written, status messages, the prediction.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { CallOptions, Module, Signatures } from "../module/Module.ts"
import { CurrentCall } from "../run/Call.ts"
import { notify, type Observer, Observers } from "../run/Observer.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import type { Channel } from "./Emission.ts"
import { hearing } from "./internal/hearing.ts"
import * as Outbox from "./internal/outbox.ts"
import * as Status from "./Status.ts"
import type { StreamEvent } from "./StreamEvent.ts"
import type { Check, StreamListener } from "./StreamListener.ts"

// Models

/** Options of {@link streamify}. */
export interface Options<S extends Signatures, Ls extends ReadonlyArray<StreamListener>> {
  /** Which fields to stream; without listeners every output field of every predictor streams. */
  readonly streamListeners?: { readonly [K in keyof Ls]: Check<S, Ls[K]> } | undefined
  /** Which completions stream of a call that asks for several (`n`): the first one by default, or all of them. */
  readonly completions?: "first" | "all" | undefined
  /** Hooks for status messages; without one, tool calls are reported. */
  readonly statusMessageProvider?: Status.StatusMessageProvider | undefined
  /** Whether the last event is the prediction; true by default. A program that fails ends the stream with its error anyway. */
  readonly includeFinalPredictionInOutputStream?: boolean | undefined
  /**
   * How many steps (each what one network read brought) may wait for a slow consumer before the program waits too; 16 by
   * default.
   */
  readonly bufferSize?: number | undefined
}

/** A program that streams: the same value serves any number of runs at once. */
export interface StreamingProgram<in I, out Event, out E, out R> {
  (input: I, options?: CallOptions): Stream.Stream<Event, E, R>
}

// Constructors

/**
 * Makes a program stream. Listeners that do not fit the program are compile errors, and throw a `TypeError` here otherwise.
 * The stream's scope owns the run: leaving it early interrupts the program and closes its requests. A failure comes after
 * everything that was streamed before it, as the program's own error.
 *
 * @example
 * const events = Streaming.streamify(research, {
 *   streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "synthesize" })],
 *   statusMessageProvider: { moduleStart: (module) => `Starting ${module.name}...` }
 * })({ question: "Why is the sky blue?" })
 */
export const streamify = <I, O, E, R, S extends Signatures, const Ls extends ReadonlyArray<StreamListener> = []>(
  program: Module<I, O, E, R, S>,
  options: Options<S, Ls> = {}
): StreamingProgram<I, StreamEvent<S, Ls, O>, E, R> => {
  type Event = StreamEvent<S, Ls, O>
  given("streamify", { program: Kinds.program }, [program])
  const {
    bufferSize = 16,
    completions = "first",
    includeFinalPredictionInOutputStream: withPrediction = true,
    statusMessageProvider,
    streamListeners = []
  } = onlyKnown("streamify", options, optionNames)
  const hear = hearing(program.signatures, streamListeners as ReadonlyArray<StreamListener>, completions)
  const speak = Status.messages(statusMessageProvider)

  return (input, callOptions) =>
    Stream.unwrap(Effect.gen(function*() {
      const queue = yield* Queue.bounded<NonEmptyReadonlyArray<Event>, E | Cause.Done>(bufferSize)
      const run = hear()
      const { add, deliver } = Outbox.make(queue)

      const observer: Observer = {
        interest: run.interest,
        onEvents: (events) => {
          add(run.heard(events) as ReadonlyArray<Event>)
          return Effect.flatMap(speak(events), (said) => {
            if (said.length === 0) return Effect.asVoid(deliver)
            add(said)
            return Effect.andThen(deliver, Status.send(said, events[0]!.call.run))
          })
        },
        // A slow consumer slows the program down.
        timeout: Infinity
      }
      yield* program(input, callOptions).pipe(
        Effect.provideService(CurrentCall, undefined),
        Effect.updateService(Observers, (observers) => [...observers, observer]),
        Effect.flatMap((prediction) => {
          if (withPrediction) add([prediction])
          return deliver
        }),
        Effect.onExit((exit) =>
          Exit.isSuccess(exit) ? Queue.end(queue) : Effect.andThen(deliver, Queue.failCause(queue, exit.cause))
        ),
        Effect.forkScoped({ startImmediately: true })
      )
      // Runs before the program is interrupted, so that nothing in it waits for a consumer that has gone.
      yield* Effect.addFinalizer(() => Queue.shutdown(queue))
      return Stream.fromPull(Effect.succeed(Queue.take(queue)))
    }))
}

/**
 * Says a value on a channel: it is an event `Emitted` in the stream of the program that runs this, at its place among the others.
 * Where nobody watches, nothing happens. What is emitted in an attempt that is discarded is not taken back.
 */
export const emit = <Name extends string, A>(channel: Channel<Name, A>, value: A): Effect.Effect<void> => {
  given("Streaming.emit", emitParameters, [channel])
  return Effect.withFiber((fiber) => {
    const observers = fiber.getRef(Observers)
    const call = fiber.getRef(CurrentCall)
    return call === undefined
      ? Effect.void
      : notify(observers, [{ _tag: "Emission", sequence: call.run.nextSequence(), call, channel, value }])
  })
}

const emitParameters = {
  channel: Kinds.make(
    "a channel, as Emission.channel(\"progress\", Schema.Finite) gives one",
    (value) => Predicate.hasProperty(value, "schema") && Predicate.hasProperty(value, "name")
  )
}

// Details

const optionNames: Names<Options<Signatures, []>> = {
  streamListeners: Kinds.listOf(
    "listeners",
    Kinds.make(
      "a listener, as StreamListener.make({ signatureFieldName: \"answer\" }) gives one",
      (value) => Predicate.hasProperty(value, "signatureFieldName") && typeof value.signatureFieldName === "string"
    )
  ),
  completions: Kinds.oneOf("first", "all"),
  // `Status.messages` checks it, also for programs that do not stream.
  statusMessageProvider: true,
  includeFinalPredictionInOutputStream: Kinds.flag,
  bufferSize: Kinds.countFrom(1)
}
