/** The scripted embedder: what it answers, and what it remembers. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { Embedder, LMReason } from "effect-lm"
import { ScriptedEmbedder } from "effect-lm/testing"

const defect = (exit: Exit.Exit<unknown, unknown>): string => {
  const reason = Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isDieReason) : undefined
  return reason?.defect instanceof Error ? reason.defect.message : ""
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, at) => sum + x * b[at]!, 0)

describe("ScriptedEmbedder", () => {
  it.effect("gives the vectors that are written down, and remembers what it was asked", () =>
    Effect.gen(function*() {
      const embedder = yield* ScriptedEmbedder.make({ a: [1, 0], b: [0, 1] })
      const { vectors } = yield* Embedder.embed(["b", "a"]).pipe(Effect.provide(embedder.layer))
      assert.deepStrictEqual(vectors.map((vector) => Array.from(vector)), [[0, 1], [1, 0]])
      assert.deepStrictEqual(yield* embedder.requests, [["b", "a"]])
      yield* embedder.assertComplete
    }))

  it.effect("a text that is not expected dies, and so does what nobody asked for", () =>
    Effect.gen(function*() {
      const embedder = yield* ScriptedEmbedder.make({ a: [1, 0] })
      const exit = yield* Effect.exit(embedder.service.embed(["toString"]))
      assert.strictEqual(defect(exit), "ScriptedEmbedder: the script has no vector for \"toString\"")
      assert.strictEqual(
        defect(yield* Effect.exit(embedder.assertComplete)),
        "ScriptedEmbedder: the script has no vector for \"toString\"\nScriptedEmbedder: nobody asked for \"a\""
      )
    }))

  it.effect("fails as the script says", () =>
    Effect.gen(function*() {
      const quota = new LMReason.QuotaExceeded({ description: "nothing left" })
      const embedder = yield* ScriptedEmbedder.make({ a: quota }, { model: "acme/vectors" })
      const error = yield* Effect.flip(embedder.service.embed(["a"]))
      assert.deepStrictEqual([error.model, error.reason], ["acme/vectors", quota])
    }))

  it.effect("of words: texts are as alike as the words that they share", () =>
    Effect.gen(function*() {
      const { vectors: [capital, same, other, shuffled] } = yield* Embedder.embed([
        "The capital of France?",
        "the CAPITAL of Italy",
        "Two plus two",
        "France? of capital. The"
      ]).pipe(Effect.provide(ScriptedEmbedder.layer()))
      assert.isAbove(dot(capital!, same!), dot(capital!, other!))
      assert.deepStrictEqual(capital, shuffled)
      assert.strictEqual(ScriptedEmbedder.words(8)("a b").length, 8)
    }))
})
