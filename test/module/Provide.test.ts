/** Layers of sub-modules: one build in a run, for all of its calls. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Latch, Layer } from "effect"
import { LM, Module, Predict, Watched } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

type Input = { readonly question: string }

/** A language model whose building and release are told, after `before` each time. */
const told = (before: Effect.Effect<unknown, string> = Effect.void) => {
  const log: Array<string> = []
  const layer = Layer.effect(
    LM,
    Effect.gen(function*() {
      yield* Effect.acquireRelease(
        Effect.sync(() => log.push("built")),
        () => Effect.sync(() => log.push("released"))
      )
      yield* before
      return (yield* ScriptedLM.make(() => ScriptedLM.chat({ answer: "Yes" }))).service
    })
  )
  return { log, layer, qa: Predict.make("question -> answer").pipe(Module.provide(layer)) }
}

const fan = <E>(
  qa: Module.Module<Input, { readonly answer: string }, E, never, Module.Signatures>,
  concurrency: number
) =>
  Module.make(
    "Fan",
    { qa },
    ({ qa }) => (input: Input) =>
      Effect.map(Effect.forEach([1, 2, 3, 4, 5], () => qa(input), { concurrency }), (all) => ({ all }))
  )

describe("Module.provide", () => {
  for (const concurrency of [1, 5]) {
    it.effect(`builds its layer once in a run, ${concurrency} calls at a time, and releases it when the run is over`, () =>
      Effect.gen(function*() {
        const { log, qa } = told(Effect.yieldNow)
        const program = fan(qa, concurrency)
        const watched = Module.make(
          "Outer",
          { program },
          ({ program }) => (input: Input) => Effect.tap(program(input), () => Effect.sync(() => log.push("answered")))
        )
        yield* watched({ question: "?" })
        assert.deepStrictEqual(log, ["built", "answered", "released"])
        yield* watched({ question: "?" })
        assert.strictEqual(log.filter((line) => line === "built").length, 2)
      }))
  }

  it.effect("a call that is interrupted meanwhile leaves the build to the others", () =>
    Effect.gen(function*() {
      const open = yield* Latch.make()
      const { log, qa } = told(open.await)
      const program = Module.make("Two", { qa }, ({ qa }) => (input: Input) =>
        Effect.map(
          Effect.all([
            Effect.option(Effect.timeout(qa(input), "1 second")),
            Effect.delay(qa(input), "500 millis")
          ], { concurrency: "unbounded" }),
          ([, second]) => second
        ))
      const fiber = yield* Effect.forkChild(program({ question: "?" }))
      yield* TestClock.adjust("2 seconds")
      yield* open.open
      assert.strictEqual((yield* Fiber.join(fiber)).answer, "Yes")
      assert.deepStrictEqual(log, ["built", "released"])
    }))

  it.effect("a build that fails releases what it has, and the next call builds again", () =>
    Effect.gen(function*() {
      let attempts = 0
      const { log, qa } = told(Effect.suspend(() => ++attempts === 1 ? Effect.fail("not yet") : Effect.void))
      const program = Module.make(
        "Retrying",
        { qa },
        ({ qa }) => (input: Input) => Effect.retry(qa(input), { times: 1 })
      )
      assert.strictEqual((yield* program({ question: "?" })).answer, "Yes")
      assert.deepStrictEqual(log, ["built", "released", "built", "released"])
    }))

  it.effect("the end of a run that is interrupted ends a build", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const { log, qa } = told(Effect.andThen(Deferred.succeed(begun, undefined), Effect.never))
      const fiber = yield* Effect.forkChild(fan(qa, 5)({ question: "?" }))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(log, ["built", "released"])
    }))

  it.effect("a layer that is provided around the program too is the same one", () =>
    Effect.gen(function*() {
      const { layer, log, qa } = told()
      const all = yield* Effect.forEach([1, 2], () => fan(qa, 5)({ question: "?" }), { concurrency: 2 }).pipe(
        Effect.provide(layer)
      )
      assert.strictEqual(all.length, 2)
      assert.deepStrictEqual(log, ["built", "released"])
    }))

  it.effect("a tool call outside of programs is a run too", () =>
    Effect.gen(function*() {
      const { log, qa } = told()
      const exit = yield* Effect.exit(
        Watched.tool("ask", {}, Effect.all([qa({ question: "?" }), qa({ question: "?" }), Effect.fail("enough")]))
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(log, ["built", "released"])
    }))
})
