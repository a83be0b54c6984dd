/** The Plain adapter: all of the reply is the value, by the same laws as any other. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { PlainAdapter, Predict, Signature } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { decode, decodeEverySplit, inPieces, valuesOf } from "./support/decode.ts"

const plain = PlainAdapter.make()
const signature = Signature.make("question -> answer")

const Text = Schema.Array(Schema.Literals([
  "a",
  " ",
  "\n",
  "\r\n",
  "[[ ## answer ## ]]\n",
  "[[ ## completed ## ]]",
  "{\"answer\": \"x\"}",
  "<answer>",
  "</think>\n",
  "```json\n",
  "null",
  "日本",
  "👍🏽",
  "\ud83d",
  "\ude00"
]))
const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))).check(Schema.isMinLength(1))

describe("Plain", () => {
  it.prop(
    "laws 1 and 2: every text, in every kind of pieces, is the value",
    { text: Text, sizes: Sizes },
    ({ sizes, text }) => {
      const reply = text.join("")
      for (const pieces of [inPieces(reply, sizes), inPieces(reply, [1]), [reply]]) {
        const decoded = decode(plain, signature, pieces)
        assert.deepStrictEqual(valuesOf(decoded), { answer: reply.trim().toWellFormed() })
      }
    },
    { arbitrary: { runs: 200, size: 10, seed: 1 } }
  )

  it("every split of one reply", () => {
    const reply = " One \"two\" [[ ## answer ## ]] {x} 🌊\n\n"
    assert.deepStrictEqual(valuesOf(decodeEverySplit(plain, signature, reply)), { answer: reply.trim() })
  })

  it.effect("a reply that lacks a field is asked for once more, as JSON", () =>
    Effect.gen(function*() {
      const both = Predict.make("question -> answer, score: int")
      const lm = yield* ScriptedLM.make([ScriptedLM.text("Yes."), ScriptedLM.json({ answer: "Yes", score: 3 })])
      const { answer, score } = yield* both({ question: "?" }).pipe(Effect.provide([PlainAdapter.layer, lm.layer]))
      assert.deepStrictEqual([answer, score], ["Yes", 3])
      const [first, second] = yield* lm.requests
      assert.strictEqual(first!.responseFormat._tag, "Text")
      assert.strictEqual(second!.responseFormat._tag, "JsonSchema")
      // A signature of one text asks nobody twice.
      const alone = yield* ScriptedLM.make([ScriptedLM.text("{\"answer\": 1}")])
      const one = yield* Predict.make("question -> answer")({ question: "?" }).pipe(
        Effect.provide([PlainAdapter.layer, alone.layer])
      )
      assert.strictEqual(one.answer, "{\"answer\": 1}")
    }))
})
