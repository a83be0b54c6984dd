/**
 * The bridge for callers outside Effect: promises, async iterables and web streams over one runtime.
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import type { CallOptions, Module, Signatures } from "../module/Module.ts"
import type { Prediction } from "../module/Prediction.ts"
import type { StreamEvent } from "./StreamEvent.ts"
import * as Streaming from "./Streaming.ts"
import type { StreamListener } from "./StreamListener.ts"

// Models

/** Options of one call from outside. */
export interface AsyncCallOptions extends CallOptions {
  /** Aborting it interrupts the run and closes its requests. */
  readonly signal?: AbortSignal | undefined
}

/** A program with its services built: what it fails of is thrown as it is. */
export interface AsyncProgram<in I, out O, out Event> extends AsyncDisposable {
  /** Calls the program. */
  readonly acall: (input: I, options?: AsyncCallOptions) => Promise<Prediction<O>>
  /** Streams the program; leaving the loop (`break`, `return`, an error) interrupts the run and closes its requests. */
  readonly stream: (input: I, options?: CallOptions) => AsyncIterable<Event>
  /** The same as a web stream; cancelling it interrupts the run and closes its requests. */
  readonly readableStream: (input: I, options?: CallOptions) => ReadableStream<Event>
  /** Interrupts what runs and releases the services. */
  readonly dispose: () => Promise<void>
}

// Constructors

/**
 * Builds the layer on the first use and keeps it until `dispose`. The options are those of {@link Streaming.streamify}.
 *
 * @example
 * await using qa = AsyncProgram.make(Predict.make("question -> answer"), OpenAI.layerConfig)
 * for await (const event of qa.stream({ question: "Why is the sky blue?" })) console.log(event)
 */
export const make = <I, O, E, R, E2, S extends Signatures, const Ls extends ReadonlyArray<StreamListener> = []>(
  program: Module<I, O, E, R, S>,
  layer: Layer.Layer<R, E2>,
  options: Streaming.Options<S, Ls> = {}
): AsyncProgram<I, O, StreamEvent<S, Ls, O>> => {
  const runtime = ManagedRuntime.make(layer)
  const streaming = Streaming.streamify<I, O, E, R, S, Ls>(program, options)
  const stream = (input: I, callOptions?: CallOptions): Stream.Stream<StreamEvent<S, Ls, O>, E | E2> =>
    Stream.unwrap(
      Effect.map(runtime.contextEffect, (context) => Stream.provideContext(streaming(input, callOptions), context))
    )
  return {
    acall: (input, callOptions) =>
      runtime.runPromise(
        program(input, callOptions),
        callOptions?.signal === undefined ? {} : { signal: callOptions.signal }
      ),
    stream: (input, callOptions) => Stream.toAsyncIterable(stream(input, callOptions)),
    readableStream: (input, callOptions) => Stream.toReadableStream(stream(input, callOptions)),
    dispose: () => runtime.dispose(),
    [Symbol.asyncDispose]: () => runtime.dispose()
  }
}
