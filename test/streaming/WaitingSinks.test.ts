/** Law 3 where those who watch a run wait: a status sink or an observer may hold a run up, never keep it. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Option, Queue, Stream } from "effect"
import { Module, Observer, type RunEvent, Status, type StreamEvent, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { program, qa } from "./support/program.ts"

const lm = ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })])

/** A sink that tells when it is called, and then waits: for good, or for room in a queue that nobody reads. */
const sinks = {
  "waits for good": (called: Effect.Effect<unknown>) =>
    Effect.succeed(Status.layer(() => Effect.andThen(called, Effect.never))),
  "is a full queue": (called: Effect.Effect<unknown>) =>
    Effect.gen(function*() {
      const queue = yield* Queue.bounded<StreamEvent.StatusMessage | undefined>(1)
      yield* Queue.offer(queue, undefined)
      return Status.layer((message) => Effect.andThen(called, Queue.offer(queue, message)).pipe(Effect.asVoid))
    })
} as const

const hooks = ["moduleStart", "moduleEnd", "lmStart", "lmEnd", "toolStart", "toolEnd"] as const

describe("law 3: scope owns the work, with a sink that waits", () => {
  for (const [what, make] of Object.entries(sinks)) {
    for (const hook of hooks) {
      const provider = { toolStart: () => "", toolEnd: () => "", [hook]: () => "said" }
      const start = Effect.gen(function*() {
        const called = yield* Deferred.make<void>()
        return { called, layer: Layer.merge(lm, yield* make(Deferred.succeed(called, undefined))) }
      })

      it.effect(`${hook} of a sink that ${what}: an interruption ends the run`, () =>
        Effect.gen(function*() {
          const { called, layer } = yield* start
          const fiber = yield* program({ question: "?" }).pipe(
            Status.report(provider),
            Effect.provide(layer),
            Effect.forkChild
          )
          yield* Deferred.await(called)
          yield* Fiber.interrupt(fiber)
          assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        }))

      it.effect(`${hook} of a sink that ${what}: a time limit ends the run`, () =>
        Effect.gen(function*() {
          const { called, layer } = yield* start
          const fiber = yield* Streaming.streamify(program, { statusMessageProvider: provider })({ question: "?" })
            .pipe(
              Stream.runDrain,
              Effect.provide(layer),
              Effect.timeoutOption("1 second"),
              Effect.forkChild
            )
          yield* Deferred.await(called)
          yield* TestClock.adjust("1 second")
          assert.isTrue(Option.isNone(yield* Fiber.join(fiber)))
        }))

      it.effect(`${hook} of a sink that ${what}: leaving the stream ends the run`, () =>
        Effect.gen(function*() {
          const { called, layer } = yield* start
          const events = yield* Streaming.streamify(program, { statusMessageProvider: provider })({ question: "?" })
            .pipe(
              Stream.tap(() => Deferred.await(called)),
              Stream.takeUntil((event) => event._tag === "StatusMessage"),
              Stream.runCollect,
              Effect.provide(layer)
            )
          assert.strictEqual((events.at(-1) as StreamEvent.StatusMessage).kind, hook)
        }))
    }
  }
})

describe("the end of a call", () => {
  const ends: (events: ReadonlyArray<RunEvent.RunEvent>) => ReadonlyArray<string> = (events) =>
    events.flatMap((event) => "outcome" in event ? [`${event._tag} ${event.outcome._tag}`] : [])

  it.effect("is told to all, where the one before waits and the run is interrupted", () =>
    Effect.gen(function*() {
      const waiting = yield* Deferred.make<void>()
      const heard: Array<string> = []
      const fiber = yield* program({ question: "?" }).pipe(
        Observer.observe({
          interest: () => undefined,
          onEvents: (events) => Effect.sync(() => void heard.push(...ends(events)))
        }),
        // Comes first, and waits at the end of the tool.
        Observer.observe({
          interest: () => undefined,
          onEvents: (events) =>
            ends(events).length === 0 ? Effect.void : Effect.andThen(Deferred.succeed(waiting, undefined), Effect.never)
        }),
        Effect.provide(lm),
        Effect.forkChild
      )
      yield* Deferred.await(waiting)
      assert.deepStrictEqual(heard, [])
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(heard, ["ToolEnd Success", "ModuleEnd Interrupted"])
    }))

  it.effect("is told of a call that is interrupted, and the run that goes on has waited for nobody", () =>
    Effect.gen(function*() {
      const heard: Array<string> = []
      const reached = yield* Deferred.make<void>()
      const patient = Module.make(
        "Patient",
        { qa },
        ({ qa }) => (input: { readonly question: string }) =>
          Effect.raceFirst(qa(input), Effect.as(Deferred.await(reached), { answer: "late" }))
      )
      const lm = yield* ScriptedLM.make([ScriptedLM.hang(["[[ ## answer ## ]]\nSlow"])])
      const prediction = yield* patient({ question: "?" }).pipe(
        Observer.observe({
          interest: () => ({ text: () => true, partial: () => false, toolCalls: false }),
          onEvents: (events) =>
            Effect.sync(() => {
              heard.push(...ends(events))
              if (events.some((event) => event._tag === "FieldDelta")) Deferred.doneUnsafe(reached, Effect.void)
            })
        }),
        Effect.provide(lm.layer)
      )
      assert.strictEqual(prediction.answer, "late")
      assert.deepStrictEqual(heard, ["LMEnd Interrupted", "ModuleEnd Interrupted", "ModuleEnd Success"])
    }))
})

describe("a sink that interrupts itself", () => {
  it.effect("is logged like one that dies, and the run goes on", () =>
    Effect.gen(function*() {
      const prediction = yield* program({ question: "?" }).pipe(
        Status.report({ lmStart: () => "asking", moduleEnd: () => "done" }),
        Effect.provide([lm, Status.layer(() => Effect.interrupt)])
      )
      assert.strictEqual(prediction.answer, "Yes")
    }))
})
