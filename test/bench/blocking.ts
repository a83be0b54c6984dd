/** How late timers and a stream's deltas come while a tool computes for 500 ms: in a worker thread, and in this one. */
import { Deferred, Effect, Exit, Fiber, Schema, Stream } from "effect"
import { Blocking, Predict, Streaming, StreamListener, Tool } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import * as Work from "../worker/fixtures/work.ts"
import { median, print, round } from "./measure.ts"

const every = 10
const rounds = 9

const parameters = { millis: Schema.Int }
const inWorker = Blocking.module<typeof Work>(new URL("../worker/fixtures/work.ts", import.meta.url))

const tools = {
  "a tool that waits": Tool.make("wait", { parameters }, ({ millis }) => Effect.sleep(millis)),
  "a worker": Tool.make("busy", { parameters }, inWorker("busy")),
  "inline": Tool.make("busy", { parameters }, Work.busy)
}

/** Runs the tool beside timers and a stream, 50 ms after the stream's first delta: the longest wait of each beyond the interval. */
const during = (tool: (typeof tools)["a worker"]) =>
  Effect.gen(function*() {
    const timers: Array<number> = []
    const deltas: Array<number> = []
    const begun = yield* Deferred.make<void>()
    const timer = setInterval(() => timers.push(performance.now()), every)
    const stream = yield* Effect.forkChild(
      Streaming.streamify(Predict.make("question -> answer"), {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
      })({ question: "?" }).pipe(
        Stream.runForEach((event) =>
          Effect.sync(() => {
            if (event._tag !== "StreamResponse") return
            deltas.push(performance.now())
            Deferred.doneUnsafe(begun, Exit.void)
          })
        ),
        Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "x".repeat(300) }, { tokens: true, delay: every })]))
      )
    )
    yield* Deferred.await(begun)
    yield* Effect.sleep(50)
    yield* tool({ millis: 500 })
    yield* Effect.sleep(50)
    clearInterval(timer)
    yield* Fiber.interrupt(stream)
    return { timers: lateness(timers), deltas: lateness(deltas) }
  })

const lateness = (times: ReadonlyArray<number>): number =>
  Math.max(...times.slice(1).map((at, i) => at - times[i]! - every))

export const blocking = async (): Promise<void> => {
  print("blocking for 500 ms", "timers, median", "most ms", "deltas, median", "most ms")
  for (const [name, tool] of Object.entries(tools)) {
    const timers: Array<number> = []
    const deltas: Array<number> = []
    for (let i = -1; i < rounds; i++) {
      const late = await Effect.runPromise(during(tool as (typeof tools)["a worker"]))
      // The first one loads what it needs.
      if (i >= 0) {
        timers.push(late.timers)
        deltas.push(late.deltas)
      }
    }
    print(
      `  ${name}`,
      ...[timers, deltas].flatMap((late) => [round(median(late), 1), round(Math.max(...late), 1)])
    )
  }
}
