import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { LMReason, LMRequest, MultiChainComparison, Prediction, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { standing } from "./support/standing.ts"

const answer = (answer: string) => ScriptedLM.chat({ reasoning: `So ${answer}.`, answer }, { tokens: true })
const compared = MultiChainComparison.make("question -> answer", { concurrency: 1 })
const question = { question: "What?" }

describe("MultiChainComparison", () => {
  it.effect("reasons three times, and answers after a look at all of it", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(["one", "two", "one", "final"].map(answer))
      const prediction = yield* Effect.provide(compared(question), lm.layer)
      const typed: { readonly reasoning: string; readonly answer: string } = prediction
      assert.deepStrictEqual({ ...typed }, { reasoning: "So final.", answer: "final" })
      assert.strictEqual(Prediction.usage(prediction).calls, 4)
      const requests = yield* lm.requests
      assert.deepStrictEqual(
        requests.map(({ config: { rolloutId, temperature } }) => [rolloutId, temperature]),
        [[1, 0.7], [2, 0.7], [3, 0.7], [undefined, undefined]]
      )
      const last = LMRequest.textOf(requests[3]!.messages.at(-1)!)
      const attempts = ["one", "two", "one"].map((answer) => ({ reasoning: `So ${answer}.`, answer }))
      assert.deepStrictEqual(JSON.parse(last.match(/\[\{.*\}\]/s)![0]), attempts)
    }))

  it.effect("its stream shows the chains, and takes them back before the answer", () =>
    Effect.gen(function*() {
      const lm = ScriptedLM.layer(["one", "two", "one", "final"].map(answer))
      const events = yield* Stream.runCollect(Streaming.streamify(compared)(question)).pipe(Effect.provide(lm))
      assert.deepStrictEqual(standing(events), { "compare reasoning": "So final.", "compare answer": "final" })
      const lost = events.filter(({ _tag }) => _tag === "Retracted")
      assert.strictEqual(lost.length, 3)
    }))

  it.effect("chains that fail are left out", () =>
    Effect.gen(function*() {
      const failed = ScriptedLM.fail(new LMReason.Authentication({ description: "busy" }))
      const lm = yield* ScriptedLM.make([failed, answer("two"), failed, answer("final")])
      assert.strictEqual((yield* Effect.provide(compared(question), lm.layer)).answer, "final")
      const error = yield* Effect.flip(Effect.provide(compared(question), ScriptedLM.layer([failed, failed, failed])))
      assert.strictEqual(error._tag, "LMError")
    }))

  it.effect("takes outputs of any type, and inputs of no other", () =>
    Effect.gen(function*() {
      const scores = MultiChainComparison.make("text -> scores: dict[str, int]", { chains: 1 })
      const reply = ScriptedLM.chat({ reasoning: "r", scores: { a: 1 } })
      const { scores: given } = yield* Effect.provide(scores({ text: "t" }), ScriptedLM.layer([reply, reply]))
      assert.deepStrictEqual(given, { a: 1 })
      const error = yield* Effect.flip(
        // @ts-expect-error the input is missing
        Effect.provide(scores({}), ScriptedLM.layer([]))
      )
      assert.strictEqual(error._tag, "InputError")
      // @ts-expect-error there is a field of that name
      assert.throws(() => MultiChainComparison.make("a -> reasoning, b"), /reasoning/)
      assert.throws(() => MultiChainComparison.make("attempts -> b"), /attempts/)
    }))
})
