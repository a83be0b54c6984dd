import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { BestOfN, type LM, LMReason, type Module, Predict, Prediction, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { standing } from "./support/standing.ts"

const qa = Predict.make("question -> answer", { temperature: 0 })
const answer = (answer: string) => ScriptedLM.chat({ answer }, { tokens: true, usage: { outputTokens: 1 } })
const brevity = (_: unknown, { answer }: { readonly answer: string }) => -answer.length
const failure = new LMReason.Authentication({ description: "busy" })

describe("BestOfN", () => {
  it.effect("answers the best of its attempts, of equals the first", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(["long answer", "one", "two", "three"].map(answer))
      const prediction = yield* Effect.provide(BestOfN.make(qa, { n: 4, reward: brevity })({ question: "?" }), lm.layer)
      assert.deepStrictEqual({ ...prediction }, { answer: "one" })
      assert.strictEqual(Prediction.usage(prediction).calls, 4)
      assert.deepStrictEqual(
        (yield* lm.requests).map(({ config }) => config),
        [1, 2, 3, 4].map((rolloutId) => ({ temperature: 1, rolloutId }))
      )
      yield* lm.assertComplete
    }))

  it.effect("makes no other attempt once one reaches the threshold", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(["long answer", "one"].map(answer))
      const best = BestOfN.make(qa, { n: 4, reward: brevity, threshold: -3, temperature: 0.5 })
      const { answer: short } = yield* Effect.provide(best({ question: "?" }), lm.layer)
      assert.strictEqual(short, "one")
      assert.deepStrictEqual((yield* lm.requests).map(({ config }) => config.temperature), [0.5, 0.5])
    }))

  it.effect("attempts side by side: one that is good enough interrupts the others", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make((request) =>
        request.config.rolloutId === 3 ? answer("one") : ScriptedLM.hang(["[[ ## answer ## ]]\nslow"])
      )
      const best = BestOfN.make(qa, { n: 3, reward: brevity, threshold: -3, concurrency: "unbounded" })
      const events = yield* Stream.runCollect(Streaming.streamify(best)({ question: "?" })).pipe(
        Effect.provide(lm.layer)
      )
      assert.deepStrictEqual(Object.values(standing(events)), ["one"])
      assert.strictEqual(yield* lm.interrupted, 2)
    }))

  it.effect("a reward may be an Effect, which may need services and fail", () =>
    Effect.gen(function*() {
      const judge = Predict.make("answer -> score: float")
      const judged = BestOfN.make(qa, {
        n: 2,
        reward: (_, { answer }) => Effect.map(judge({ answer }), ({ score }) => score)
      })
      const typed: Module.Module<
        { readonly question: string },
        { readonly answer: string },
        Predict.PredictError,
        LM,
        { readonly self: typeof qa.signature }
      > = judged
      const score = (score: number) => ScriptedLM.chat({ score })
      const lm = ScriptedLM.layer([answer("a"), score(1), answer("b"), score(2)])
      assert.strictEqual((yield* Effect.provide(typed({ question: "?" }), lm)).answer, "b")
    }))

  it.effect("an attempt that fails does not count, nor one whose reward fails", () =>
    Effect.gen(function*() {
      const best = BestOfN.make(qa, {
        n: 3,
        reward: (_, { answer }) => answer === "b" ? Effect.fail("no reward" as const) : Effect.succeed(0)
      })
      const lm = ScriptedLM.layer([ScriptedLM.fail(failure), answer("b"), answer("c")])
      const events = yield* Stream.runCollect(Streaming.streamify(best)({ question: "?" })).pipe(Effect.provide(lm))
      assert.deepStrictEqual(Object.values(standing(events)), ["c"])
    }))

  it.effect("fails of the last failure where none succeeds, and of the first that is one too many", () =>
    Effect.gen(function*() {
      const other = new LMReason.RateLimited({ description: "no" })
      const all = Effect.provide(
        BestOfN.make(qa, { n: 2, reward: brevity })({ question: "?" }),
        ScriptedLM.layer([ScriptedLM.fail(failure), ScriptedLM.fail(other)])
      )
      assert.deepInclude(yield* Effect.flip(all), { _tag: "LMError", reason: other })
      const lm = yield* ScriptedLM.make([answer("a"), ScriptedLM.fail(failure)])
      const strict = BestOfN.make(qa, { n: 3, reward: brevity, maxFailures: 0 })
      assert.deepInclude(yield* Effect.flip(Effect.provide(strict({ question: "?" }), lm.layer)), { reason: failure })
      yield* lm.assertComplete
    }))

  it.effect("each attempt of attempts has a rollout id of its own", () =>
    Effect.gen(function*() {
      const twice = BestOfN.make(BestOfN.make(qa, { n: 3, reward: () => 0 }), { n: 2, reward: () => 0 })
      const lm = yield* ScriptedLM.make(() => answer("a"))
      yield* Effect.provide(twice({ question: "?" }), lm.layer)
      const ids = (yield* lm.requests).map(({ config }) => config.rolloutId)
      assert.strictEqual(new Set(ids).size, 6)
    }))

  it.effect("a reward that is no number is a defect that says so", () =>
    Effect.gen(function*() {
      const best = BestOfN.make(qa, { n: 1, reward: () => NaN })
      const exit = yield* Effect.exit(Effect.provide(best({ question: "?" }), ScriptedLM.layer([answer("a")])))
      assert.include(String(exit), "the reward of an attempt is NaN: it is a number")
    }))

  it.effect("what is left while an attempt waits is left at once", () =>
    Effect.gen(function*() {
      const sent = yield* Deferred.make<void>()
      const lm = yield* ScriptedLM.make([
        answer("a"),
        ScriptedLM.hang([""], { onSend: () => Deferred.doneUnsafe(sent, Effect.void) })
      ])
      const fiber = yield* Effect.forkChild(
        Effect.provide(BestOfN.make(qa, { n: 5, reward: () => 0 })({ question: "?" }), lm.layer)
      )
      yield* Deferred.await(sent)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual((yield* lm.requests).length, 2)
      assert.strictEqual(yield* lm.interrupted, 1)
    }))
})
