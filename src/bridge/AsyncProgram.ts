/**
 * The bridge for callers outside Effect: promises, async iterables and web streams over one runtime.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { settingsOfCall } from "../module/internal/callOptions.ts"
import * as Module from "../module/Module.ts"
import type { Prediction } from "../module/Prediction.ts"
import * as EventCodec from "../streaming/EventCodec.ts"
import type { StreamEvent } from "../streaming/StreamEvent.ts"
import * as Streaming from "../streaming/Streaming.ts"
import type { StreamListener } from "../streaming/StreamListener.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import * as Services from "./internal/services.ts"

// Models

/** Options of one call from outside. */
export interface AsyncCallOptions extends Module.CallOptions {
  /** Aborting it interrupts the run and closes its requests; what is thrown is the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** A program with its services built: what it fails of is thrown as it is. */
export interface AsyncProgram<in I, out O, out Event> extends AsyncDisposable {
  /** Calls the program. */
  readonly acall: (input: I, options?: AsyncCallOptions) => Promise<Prediction<O>>
  /** Streams the program; leaving the loop (`break`, `return`, an error) interrupts the run and closes its requests. */
  readonly stream: (input: I, options?: AsyncCallOptions) => AsyncIterable<Event>
  /** The same as a web stream; cancelling it interrupts the run and closes its requests. */
  readonly readableStream: (input: I, options?: AsyncCallOptions) => ReadableStream<Event>
  /**
   * The same as the body of an HTTP response (`application/x-ndjson`): each event is a line of JSON, as the command writes
   * them with `--events`. What the program fails of is the last line, `{"_tag":"Failure","error":{"_tag":...,"message":...}}`.
   * `EventCodec.make(program).decodeLines` reads them as they were.
   *
   * @example
   * new Response(qa.bytes({ question }), { headers: { "content-type": "application/x-ndjson" } })
   */
  readonly bytes: (input: I, options?: AsyncCallOptions) => ReadableStream<Uint8Array<ArrayBuffer>>
  /**
   * Interrupts all calls and streams, waits for them to end, and releases the services. What was interrupted, and what is
   * called later, throws an `AbortError`.
   */
  readonly dispose: () => Promise<void>
}

// Constructors

/**
 * Builds the layer on the first use and keeps it until `dispose`; one that cannot be built is tried again by the next use. The
 * options are those of {@link Streaming.streamify}.
 *
 * @example
 * const qa = AsyncProgram.make(Predict.make("question -> answer"), OpenAI.layerConfig)
 * for await (const event of qa.stream({ question: "Why is the sky blue?" })) console.log(event)
 * await qa.dispose() // or: await using qa = ..., from Node 24 on
 */
export const make = <I, O, E, R, E2, S extends Module.Signatures, const Ls extends ReadonlyArray<StreamListener> = []>(
  program: Module.Module<I, O, E, R, S>,
  layer: Layer.Layer<R, E2>,
  options: Streaming.Options<S, Ls> = {}
): AsyncProgram<I, O, StreamEvent<S, Ls, O>> => {
  given("AsyncProgram.make", { program: Kinds.program, layer: Kinds.layer }, [program, layer])
  const { context, release } = Services.make(layer)
  const runs = makeRuns(program.name)

  const definition = program[Module.TypeId]
  const abortable = Module.fromDefinition<Module.Module<I, O, unknown, R, S>>({
    ...definition,
    run: (input, { signal, ...callOptions }: AsyncCallOptions, call) =>
      runs.within(definition.run(input, callOptions, call), signal)
  })
  const streaming = Streaming.streamify(abortable, options as Streaming.Options<S, Ls>)
  const codec = EventCodec.make<I, O, E, R, S, Ls>(program)
  const encoder = new TextEncoder()

  /** The services; while they are built, a call can be aborted too. */
  const services = (callOptions: AsyncCallOptions | undefined): Effect.Effect<Context.Context<R>, unknown> =>
    runs.within(context, callOptions?.signal)

  const stream = (input: I, callOptions?: AsyncCallOptions): Stream.Stream<StreamEvent<S, Ls, O>, unknown> => {
    checked(program.name, callOptions)
    return Stream.unwrap(
      Effect.map(services(callOptions), (context) => Stream.provideContext(streaming(input, callOptions), context))
    ).pipe(Stream.catchCause((cause) => Stream.failCause(runs.told(cause))))
  }
  const dispose = () => Effect.runPromise(Effect.andThen(runs.end, release))

  return {
    acall: (input, callOptions) =>
      Effect.runPromise(
        Effect.suspend(() => {
          checked(program.name, callOptions)
          return Effect.flatMap(
            services(callOptions),
            (context) => Effect.provideContext(abortable(input, callOptions), context)
          )
        }).pipe(Effect.catchCause((cause) => Effect.failCause(runs.told(cause))))
      ),
    stream: (input, callOptions) => Stream.toAsyncIterable(stream(input, callOptions)),
    readableStream: (input, callOptions) => Stream.toReadableStream(stream(input, callOptions)),
    bytes: (input, callOptions) =>
      Stream.toReadableStream(
        Stream.map(codec.encodeLines(stream(input, callOptions)), (text) => encoder.encode(text))
      ),
    dispose,
    [Symbol.asyncDispose]: dispose
  }
}

// Details

const optionNames: Names<AsyncCallOptions> = {
  // Looked at by the program.
  config: true,
  maxIterations: true,
  signal: Kinds.make(
    "an AbortSignal, as new AbortController().signal is one",
    (value) => Predicate.hasProperty(value, "aborted") && Predicate.hasProperty(value, "addEventListener")
  )
}

const checked = (name: string, options: AsyncCallOptions | undefined): void => {
  if (options !== undefined) onlyKnown(`a call of ${name}`, options, optionNames, settingsOfCall)
}

/** What runs of a program, and its common end. */
interface Runs {
  /** Runs an effect until a signal, or the end of all, interrupts it: then it fails with the reason once it has stopped. */
  readonly within: <A, E, R>(
    self: Effect.Effect<A, E, R>,
    signal: AbortSignal | undefined
  ) => Effect.Effect<A, unknown, R>
  /** Interrupts everything, and waits for it. */
  readonly end: Effect.Effect<void>
  /** The cause for those outside of Effect, who are told who was interrupted, and of what. */
  readonly told: (cause: Cause.Cause<unknown>) => Cause.Cause<unknown>
}

const makeRuns = (name: string): Runs => {
  const ended = Deferred.makeUnsafe<never, unknown>()
  const abortion = (what: string) => new DOMException(`${name} was ${what}`, "AbortError")
  const running = new Set<Deferred.Deferred<void>>()
  return {
    within: (self, signal) =>
      Effect.suspend(() => {
        const over = Deferred.makeUnsafe<void>()
        running.add(over)
        const abortions = signal === undefined ? [Deferred.await(ended)] : [Deferred.await(ended), aborted(signal)]
        return Effect.ensuring(
          Effect.raceAllFirst([...abortions, self]),
          Effect.suspend(() => {
            running.delete(over)
            return Deferred.succeed(over, undefined)
          })
        )
      }),
    end: Effect.suspend(() => {
      Deferred.doneUnsafe(ended, Effect.fail(abortion("disposed")))
      return Effect.forEach(running, (over) => Deferred.await(over), { discard: true })
    }),
    told: (cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Cause.fail(abortion(Deferred.isDoneUnsafe(ended) ? "disposed" : "interrupted"))
        : cause
  }
}

/** Fails with the reason of a signal once it is aborted. */
const aborted = (signal: AbortSignal): Effect.Effect<never, unknown> =>
  Effect.callback((resume) => {
    const abort = () => resume(Effect.fail(signal.reason))
    if (signal.aborted) return abort()
    signal.addEventListener("abort", abort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", abort))
  })
