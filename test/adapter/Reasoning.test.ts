/** The type of thoughts, in predictors: the model's own, or asked for as a text. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { ChainOfThought, JSONAdapter, LMRequest, Predict, Reasoning, Signature, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

const solve = Predict.make("problem -> thoughts: Reasoning, answer: int")

describe("Reasoning", () => {
  it.effect("a model that thinks fills it while it thinks, and is asked once though it writes the rest alone", () =>
    Effect.gen(function*() {
      for (const reply of [ScriptedLM.json, ScriptedLM.chat]) {
        const lm = yield* ScriptedLM.make([reply({ answer: 4 }, { reasoning: ["Two and", " two."] })])
        const events = yield* Streaming.streamify(solve)({ problem: "2 + 2" }).pipe(
          Stream.runCollect,
          Effect.provide(reply === ScriptedLM.json ? [lm.layer, JSONAdapter.layer] : [lm.layer])
        )
        const chunks = events.flatMap((event) =>
          event._tag === "StreamResponse" ? [[event.signatureFieldName, event.chunk, event.isLastChunk] as const] : []
        )
        assert.deepStrictEqual(chunks, [
          ["thoughts", "Two and", false],
          ["thoughts", " two.", false],
          ["thoughts", "", true],
          ["answer", "4", true]
        ])
        const last = events.at(-1)
        assert.deepInclude(last, { thoughts: "Two and two.", answer: 4 })
        yield* lm.assertComplete
      }
    }))

  it.effect("what a thinking model writes of it again is left out", () =>
    Effect.gen(function*() {
      const lm = ScriptedLM.layer([ScriptedLM.chat({ thoughts: "again", answer: 4 }, { reasoning: "Two and two." })])
      const prediction = yield* solve({ problem: "2 + 2" }).pipe(Effect.provide(lm))
      assert.deepStrictEqual({ ...prediction }, { thoughts: "Two and two.", answer: 4 })
    }))

  it.effect("any other model is asked for it as for a text", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.chat({ thoughts: "Count.", answer: 4 })])
      const prediction = yield* solve({ problem: "2 + 2" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual({ ...prediction }, { thoughts: "Count.", answer: 4 })
      const [request] = yield* lm.requests
      assert.include(LMRequest.textOf(request!.messages[0]!), "thoughts that lead to the answer")
    }))

  it.effect("is before an output that is named reasoning, and keeps its checks", () =>
    Effect.gen(function*() {
      const both = ChainOfThought.fromSignature(Signature.fromSchemas({
        inputs: { problem: Schema.String },
        outputs: { thoughts: Reasoning.check(Schema.isMaxLength(8)), answer: Schema.Int }
      }))
      const lm = ScriptedLM.layer([
        ScriptedLM.chat({ reasoning: "mine", answer: 4 }, { reasoning: "far too long" }),
        ScriptedLM.chat({ reasoning: "mine", answer: 4 }, { reasoning: "short" })
      ])
      const prediction = yield* both({ problem: "2 + 2" }).pipe(Effect.provide(lm))
      assert.deepStrictEqual({ ...prediction }, { reasoning: "mine", thoughts: "short", answer: 4 })
    }))
})
