/**
 * The thread that runs programs of one file for a caller who sleeps.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { workerData } from "node:worker_threads"
import * as Module from "../../module/Module.ts"
import * as Prediction from "../../module/Prediction.ts"
import * as Values from "../../streaming/internal/values.ts"
import * as Streaming from "../../streaming/Streaming.ts"
import { kindOf } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import { type Ask, type FromProgram, post, type ToProgram, unreadBatches, type Wiring } from "./messages.ts"
import * as Services from "./services.ts"

const { signal, talk, url }: Omit<Wiring, "code" | "fate"> = workerData

const say = (message: FromProgram) => post(talk, signal, message)

// What a worker prints goes through its parent's event loop. The caller's stands still, so the caller prints it where it waits.
for (const to of ["stdout", "stderr"] as const) {
  const write = (text: string | Uint8Array, _encoding: unknown, done: () => void) => {
    say({ _tag: "Print", to, text })
    done()
  }
  // Node keeps hold of the stream, so it must stay the same one.
  Object.assign(process[to], { _write: write, _writev: null })
}

talk.on("message", (message: ToProgram) => {
  switch (message._tag) {
    case "Start":
      return start(message.run, message.ask)
    case "Read":
      return void runs.get(message.run)?.read()
    case "Leave":
      return void runs.get(message.run)?.leave()
    case "Close":
      isClosing = true
      return void Effect.runFork(close)
  }
})

// Runs

interface Running {
  readonly fiber: Fiber.Fiber<void, unknown>
  readonly read: () => void
  readonly leave: () => void
}

const runs = new Map<number, Running>()
let isClosing = false

const start = (run: number, ask: Ask): void => {
  const unread = Semaphore.makeUnsafe(unreadBatches)
  const fiber = Effect.runFork(
    Stream.runForEachArray(
      Stream.unwrap(Effect.flatMap(exported, (exports) => streamOf(exports, ask))),
      (events) => Effect.andThen(unread.take(1), send(run, events))
    )
  )
  runs.set(run, {
    fiber,
    read: () => void Effect.runFork(unread.release(1)),
    leave: () => fiber.interruptUnsafe()
  })
  fiber.addObserver((exit) => {
    runs.delete(run)
    say({
      _tag: "End",
      run,
      ...(Exit.isSuccess(exit) ? {} : { failure: { error: described.write(told(ask, exit.cause)) } })
    })
  })
}

/** The error that the caller is told, in the place of a cause: the caller knows no fibers. */
const told = ({ program }: Ask, cause: Cause.Cause<unknown>): unknown =>
  Cause.hasInterruptsOnly(cause)
    ? new DOMException(`'${program}' of ${url} was ${isClosing ? "disposed" : "interrupted"}`, "AbortError")
    : Cause.squash(cause)

/** Writes events. An event that would not arrive as it is throws; of an error, whatever can be written is written (`described`). */
const whole = Values.forThread(new Map(), (what) => {
  throw new TypeError(`it has ${what}`)
})
const described = Values.forThread(new Map())

const send = (run: number, batch: ReadonlyArray<unknown>) =>
  Effect.try({
    try: () => say({ _tag: "Events", run, events: batch.map((event) => whole.write(event)) }),
    catch: (cause) => new TypeError(`an event cannot be sent to another thread: ${String(cause)}`, { cause })
  })

const close = Effect.suspend(() => Fiber.interruptAll([...runs.values()].map(({ fiber }) => fiber))).pipe(
  Effect.andThen(Effect.suspend(() => Effect.forEach(layers.values(), ({ release }) => release))),
  Effect.ensuring(Effect.sync(() => process.exit()))
)

// What the file exports

type Exports = ReadonlyMap<string, unknown>

const exported: Effect.Effect<Exports, unknown> = Effect.map(
  Effect.tryPromise({ try: (): Promise<object> => import(url), catch: (cause) => cause }),
  (exports) => new Map(Object.entries(exports))
)

const streamOf = (exports: Exports, ask: Ask): Effect.Effect<Stream.Stream<unknown, unknown>, unknown> =>
  Effect.gen(function*() {
    const stream = yield* streamed(exports, ask)
    const context = yield* services(exports, ask.layer)
    // Types say that the layer provides what the program requires.
    return Stream.provideContext(stream as Stream.Stream<unknown, unknown>, context)
  })

const streamed = (exports: Exports, ask: Ask): Effect.Effect<Stream.Stream<unknown, unknown, unknown>, TypeError> =>
  Effect.suspend(() => {
    const program = exports.get(ask.program)
    const forCall = ask.as === "call"
    if (Module.isModule(program)) {
      return Effect.succeed(
        forCall
          ? Stream.fromEffect(program(ask.input, ask.options))
          : Streaming.streamify(program)(ask.input, ask.options)
      )
    }
    const stream: unknown = typeof program === "function" ? program(ask.input, ask.options) : undefined
    if (Stream.isStream(stream)) {
      return Effect.succeed(forCall ? Stream.filter(stream, Prediction.isPrediction) : stream)
    }
    const wanted = "a module (Predict.make, Module.make...) or what Streaming.streamify makes of one"
    return exports.has(ask.program)
      ? Effect.fail(new TypeError(`'${ask.program}' of ${url} is ${kindOf(program)}: it is ${wanted}`))
      : missing(exports, `program '${ask.program}': export ${wanted}`)
  })

const layers = new Map<string, Services.Services<unknown, unknown>>()

const services = (exports: Exports, named: string | undefined) =>
  Effect.suspend(() => {
    const name = named ?? "layer"
    if (named !== undefined && !exports.has(name)) return missing(exports, `layer '${name}'`)
    const layer = exports.get(name) ?? Layer.empty
    return Effect.flatMap(checkedLayer(name, layer), () => {
      const kept = layers.get(name) ?? Services.make(layer as Layer.Layer<unknown, unknown>)
      layers.set(name, kept)
      return kept.context
    })
  })

const checkedLayer = (name: string, value: unknown) =>
  Effect.try({ try: () => Kinds.layer(`'${name}' of ${url}`, value), catch: (error) => error })

const missing = (exports: Exports, what: string) =>
  Effect.fail(new TypeError(`${url} exports no ${what}; it exports ${[...exports.keys()].join(", ") || "nothing"}`))
