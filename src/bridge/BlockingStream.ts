/**
 * Synchronous streaming, for scripts and REPLs without async: a plain `for ... of` over the events of a program. The program
 * is in a file of its own and runs in a worker thread; the calling thread sleeps while it waits, so no timer and no signal
 * handler of its own runs meanwhile (Ctrl-C ends a process without such a handler as ever). Runs on Node only.
 */
import * as Threads from "#node/bridge/internal/thread"
import * as Duration from "effect/Duration"
import * as Formatter from "effect/Formatter"
import type * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type { CallOptions, Module } from "../module/Module.ts"
import type { ErrorClass } from "../streaming/EventCodec.ts"
import { classesOf, errorClasses } from "../streaming/internal/errorValues.ts"
import type { Values } from "../streaming/internal/marks.ts"
import { ownErrors } from "../streaming/internal/ownErrors.ts"
import { forThread } from "../streaming/internal/values.ts"
import type { StreamEvent } from "../streaming/StreamEvent.ts"
import { WorkerError } from "../streaming/WorkerError.ts"
import { isRecord } from "../text/json/values.ts"
import * as Kinds from "../text/kinds.ts"
import { wait } from "../text/numbers.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import type { Ask } from "./internal/messages.ts"
import type { Thread } from "./internal/thread.ts"

// Models

/**
 * A program that is called and streamed without async. What it fails of is thrown: errors of this library and of the
 * classes given as `errors` as instances of their class, others as an `Error` with the same name, message and properties; what
 * is no error (a plain object, a text, `null`) is the `cause` of one. Inputs and events are copied from thread to thread: plain
 * data, dates, bytes, maps, sets and errors stay what they are,
 * instances of other classes become records.
 */
export interface BlockingProgram<in I, out Event, out Answer> {
  /**
   * Streams the program; each loop is a run of its own. Leaving a loop early (`break`, `return`, an error) interrupts the run
   * and waits until its requests are closed, for as long as the module's `closeTimeout`.
   */
  readonly stream: (input: I, options?: CallOptions) => Iterable<Event>
  /** Calls the program and waits for its prediction. */
  readonly call: (input: I, options?: CallOptions) => Answer
}

/** The programs of a file, by the names that the file exports them with. */
export interface BlockingModule<M extends object> extends Disposable {
  /** The program of that name, `program` unless another is given. */
  <const N extends Programs<M>[keyof M & string] = Programs<M>[keyof M & string] & "program">(
    ...args: Arguments<M, N>
  ): BlockingProgram<InputOf<M[N]>, EventOf<M[N]>, AnswerOf<M[N]>>
  /** Interrupts what runs, releases the services and ends the worker thread; a later use starts another. */
  readonly dispose: () => void
}

/** Options of a file. */
export interface ModuleOptions {
  /**
   * How long a run that is interrupted may take to close its requests and to release what it holds, before its worker thread
   * is ended, with whatever else runs there; 5 seconds by default, `Infinity` for no limit.
   */
  readonly closeTimeout?: Duration.Input | undefined
}

/** Options of a program. */
export interface Options<Name extends string = string> {
  /** The export that provides the services; `layer`, if there is one, unless another is given. It is built once per file. */
  readonly layer?: Name | undefined
  /** The classes of the program's own errors, made with `Schema.TaggedError`. */
  readonly errors?: ReadonlyArray<ErrorClass> | undefined
}

export { type ErrorClass, WorkerError }

// Constructors

/**
 * The programs of a file: it exports them, as modules or as what `Streaming.streamify` made of one, and a layer with the
 * services that they require. A module streams every output field; `streamify` chooses. The worker thread starts with the first
 * use, is kept for the next ones, and does not keep the process alive; without `dispose` it ends with the process, without
 * finalizers. A worker that dies throws a `WorkerError`, names that the file does not export a `TypeError`. In built code the
 * file is another one, which a bundler has to be told of: where `programs.ts` is not there, it is the `programs.js` beside it.
 *
 * @example
 * import type * as Programs from "./programs.ts"
 *
 * const programs = BlockingStream.module<typeof Programs>(new URL("./programs.ts", import.meta.url))
 * const ask = programs("streaming")
 * for (const event of ask.stream({ question: "Explain gravity" })) {
 *   if (event._tag === "StreamResponse") process.stdout.write(event.chunk)
 * }
 * const { answer } = ask.call({ question: "Why is the sky blue?" })
 */
export const module = <M extends object>(
  url: URL,
  options: ModuleOptions = {}
): BlockingModule<M> => {
  given("BlockingStream.module", { url: aUrl }, [url])
  const { closeTimeout = "5 seconds" } = onlyKnown("BlockingStream.module", options, {
    closeTimeout: Kinds.wait
  })
  const thread = Threads.make(url, Duration.toMillis(wait("`closeTimeout`", closeTimeout)))
  const programs = (program = "program", options: Options = {}) => {
    given("a BlockingModule", { name: Kinds.text }, [program])
    const { errors = [], layer } = onlyKnown(`the program '${program}'`, options, optionNames)
    const values = forThread(classesOf([...ownErrors, ...errors]))
    const run = (as: Ask["as"], input: unknown, options?: CallOptions) =>
      batches(thread, { program, layer, as, input, options }, values)
    return {
      stream: (input: unknown, options?: CallOptions) => ({
        *[Symbol.iterator]() {
          for (const events of run("stream", input, options)) {
            for (const event of events) yield event
          }
        }
      }),
      call: (input: unknown, options?: CallOptions) => {
        const answer = [...run("call", input, options)].flat().at(-1)
        if (answer === undefined) {
          throw new TypeError(`${url} '${program}' streams no prediction, so it cannot be called`)
        }
        return answer
      }
    }
  }
  return Object.assign(programs, {
    dispose: thread.close,
    [Symbol.dispose]: thread.close
  }) as unknown as BlockingModule<M> // the types of what the file exports are known to the caller alone
}

/** The batches of events of a run. */
function* batches(
  thread: Thread,
  ask: Ask,
  values: Values
): Generator<ReadonlyArray<unknown>, void> {
  const run = thread.start(ask)
  // The one way in which a loop tells that it was left.
  try {
    while (true) {
      const message = run.next()
      if (message._tag === "End") {
        if (message.failure !== undefined) throw asError(values.read(message.failure.error))
        return
      }
      run.read()
      yield message.events.map((event) => values.read(event))
    }
  } finally {
    run.leave()
  }
}

/** What is thrown has a message and a stack, also where a program fails of something that is no error. */
const asError = (failure: unknown): unknown =>
  failure instanceof Error ? failure : Object.assign(
    new Error(typeof failure === "string" ? failure : `the program failed of ${Formatter.format(failure)}`, {
      cause: failure
    }),
    isRecord(failure) ? failure : {}
  )

const aUrl = Kinds.make("a URL, as new URL(\"./programs.js\", import.meta.url) is one", (value) => value instanceof URL)

const optionNames: Names<Options> = {
  layer: Kinds.text,
  errors: errorClasses
}

// Details, for types

// oxlint-disable typescript/no-explicit-any -- what every program and every layer is assignable to
type AnyProgram = AnyModule | ((input: any, options?: CallOptions) => Stream.Stream<any, any, any>)

type AnyModule = Module<any, any, any, any, any>

/** The exports that are programs. Taken apart where it is used, as the compiler then names them in its errors. */
type Programs<M extends object> = { [K in keyof M & string]: M[K] extends AnyProgram ? K : never }

/** The exports that are layers with all that a program requires. */
type LayerName<M extends object, N extends keyof M> = {
  [K in keyof M & string]: M[K] extends Layer.Layer<ServicesOf<M[N]>, any, never> ? K : never
}[keyof M & string]
// oxlint-enable typescript/no-explicit-any

/** A layer must be named where the one called `layer` is not enough, or there is none and the program requires services. */
type Arguments<M extends object, N extends keyof M> = [N] extends [never] ? [name: Programs<M>[keyof M & string]]
  : IsEnough<M, N> extends true ? [name?: N, options?: Options<LayerName<M, N>>]
  : [LayerName<M, N>] extends [never] ? [
      name: ProgramError<`the file exports no layer with the services that '${N & string}' requires`>,
      options?: Options
    ]
  : [name: N, options: Options<LayerName<M, N>> & { readonly layer: LayerName<M, N> }]

type IsEnough<M extends object, N extends keyof M> = "layer" extends keyof M
  ? "layer" extends LayerName<M, N> ? true : false
  : [ServicesOf<M[N]>] extends [never] ? true
  : false

/** A sentence that the compiler shows at the argument. */
export interface ProgramError<Message extends string> {
  readonly programError: Message
}

type ServicesOf<P> = P extends Module<infer _I, infer _O, infer _E, infer R, infer _S> ? R
  : P extends (...args: infer _Args) => Stream.Stream<infer _Event, infer _E, infer R> ? R
  : never

type InputOf<P> = P extends Module<infer I, infer _O, infer _E, infer _R, infer _S> ? I
  : P extends (input: infer I, ...rest: infer _Rest) => unknown ? I
  : never

type EventOf<P> = P extends Module<infer _I, infer O, infer _E, infer _R, infer S> ? StreamEvent<S, [], O>
  : P extends (...args: infer _Args) => Stream.Stream<infer Event, infer _E, infer _R> ? Event
  : never

/** Nothing where a stream has no prediction: such a program cannot be called. */
type AnswerOf<P> = Extract<EventOf<P>, { readonly _tag: "Prediction" }>
