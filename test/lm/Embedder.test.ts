/** The embedder as a service: requests of a few texts each, several at a time, and what is made of what comes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { Embedder, Embeddings, EmbeddingVector, LMReason, Usage } from "effect-lm"
import { ScriptedEmbedder } from "effect-lm/testing"
import { TestClock } from "effect/testing"

const texts = (count: number) => Array.from({ length: count }, (_, at) => `text ${at}`)

/** An embedder whose vectors tell which text they are of. */
const numbered = (options: ScriptedEmbedder.Options = {}) =>
  ScriptedEmbedder.make((text) => [Number(text.slice("text ".length)), 1], options)

const problem = (vectors: ReadonlyArray<unknown>, asked: ReadonlyArray<string>) =>
  Embedder.make({
    model: "mine",
    embed: () => Effect.succeed({ vectors: vectors as ReadonlyArray<ReadonlyArray<number>> })
  }).embed(asked).pipe(Effect.flip, Effect.map(({ message, reason }) => [reason._tag, message]))

describe("Embedder", () => {
  it.effect("gives the vectors in the order of the texts, whichever request ends first", () =>
    Effect.gen(function*() {
      const slowFirst = Embedder.make({
        model: "mine",
        batchSize: 2,
        concurrency: 8,
        embed: (batch) =>
          Effect.delay(
            Effect.succeed({ vectors: batch.map((text) => [Number(text.slice(5))]) }),
            batch.includes("text 0") ? "1 minute" : "1 second"
          )
      })
      const fiber = yield* Effect.forkChild(slowFirst.embed(texts(5)))
      yield* TestClock.adjust("1 minute")
      const { vectors } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(vectors.map((vector) => Array.from(vector)), [[0], [1], [2], [3], [4]])
    }))

  it.effect("asks for so many texts at once, and for so many requests at a time", () =>
    Effect.gen(function*() {
      const embedder = yield* numbered({ batchSize: 2, concurrency: 2, delay: "1 second" })
      const fiber = yield* Effect.forkChild(Effect.provide(Embedder.embed(texts(7)), embedder.layer))
      yield* TestClock.adjust("500 millis")
      assert.lengthOf(yield* embedder.requests, 2)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* embedder.requests, 4)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual((yield* embedder.requests).map((request) => request.length), [2, 2, 2, 1])
    }))

  it.effect("sums up what all requests have used", () =>
    Effect.gen(function*() {
      const embedder = yield* numbered({ batchSize: 3 })
      const { usage } = yield* embedder.service.embed(texts(7))
      assert.deepStrictEqual(usage, { ...Usage.empty, inputTokens: 14, calls: 3 })
    }))

  it.effect("asks nobody for no texts", () =>
    Effect.gen(function*() {
      const embedder = yield* numbered()
      assert.deepStrictEqual(yield* embedder.service.embed([]), { vectors: [] })
      assert.deepStrictEqual(yield* embedder.requests, [])
    }))

  it.effect("the first failure ends the call and the requests beside it, and tells what was used", () =>
    Effect.gen(function*() {
      const down = new LMReason.Server({ description: "down" })
      const embedder = yield* ScriptedEmbedder.make((text) => text === "text 2" ? down : [1], {
        batchSize: 1,
        concurrency: 1
      })
      const error = yield* Effect.flip(embedder.service.embed(texts(9)))
      assert.deepStrictEqual([error.reason, error.usage?.calls], [down, 2])
      assert.lengthOf(yield* embedder.requests, 3)
    }))

  it.effect("an interrupted call leaves its requests", () =>
    Effect.gen(function*() {
      const embedder = yield* numbered({ batchSize: 1, concurrency: 3, delay: "1 minute" })
      const fiber = yield* Effect.forkChild(embedder.service.embed(texts(9)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual([(yield* embedder.requests).length, yield* embedder.interrupted], [3, 3])
    }))

  it.effect("what is no vector for each text is an error in words", () =>
    Effect.gen(function*() {
      const two = ["a", "b"]
      const rows = [
        [[[1]], "mine: 2 texts were sent, and 1 vectors came back"],
        [[[1], []], "mine: the vector of text 2 has no numbers"],
        [[[], []], "mine: the vector of text 1 has no numbers"],
        [[[1, 2], [1]], "mine: the vector of text 2 has 1 numbers, and the first one has 2"],
        [[[1, 2], [1, NaN]], "mine: the vector of text 2 has a member that is no finite number"],
        [[[1, 2], [null, 1]], "mine: the vector of text 2 has a member that is no finite number"],
        [[[1, 2], [1, 1e39]], "mine: the vector of text 2 has a member that is no finite number"]
      ] as const
      for (const [vectors, message] of rows) {
        assert.deepStrictEqual(yield* problem(vectors, two), ["InvalidResponse", message])
      }
    }))

  it.prop(
    "vectors are the same, bit by bit, behind JSON",
    { given: Schema.Array(Schema.Array(Schema.Number)) },
    ({ given }) => {
      const vectors = given.map((numbers) => Float32Array.from(numbers))
      const written = JSON.stringify(Schema.encodeSync(Embeddings)({ vectors }))
      const read = Schema.decodeUnknownSync(Embeddings)(JSON.parse(written))
      assert.deepStrictEqual(
        read.vectors.map((vector) => Array.from(vector)),
        vectors.map((vector) => Array.from(vector))
      )
    }
  )

  it("what is no vector is refused where it is read", () => {
    assert.throws(() => Schema.decodeUnknownSync(EmbeddingVector)("AAAA"), /four bytes for each number/)
  })
})
