import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, Stream } from "effect"
import { ChainOfThought, Ensemble, type LM, LMReason, type Module, Predict, Prediction, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { standing } from "./support/standing.ts"

const qa = Predict.make("question -> answer")
const answer = (answer: string) => ScriptedLM.chat({ reasoning: "r", answer }, { tokens: true })
const three = { a: qa, b: ChainOfThought.make("question -> answer"), c: qa }
const question = { question: "?" }

describe("Ensemble", () => {
  it.effect("answers what most of its programs say, and takes the others back", () =>
    Effect.gen(function*() {
      const lm = ScriptedLM.layer(["Rome", "Paris", "paris."].map(answer))
      const ensemble = Ensemble.make(three, { concurrency: 1 })
      const typed: Module.Module<
        { readonly question: string },
        { readonly answer: string } | { readonly reasoning: string; readonly answer: string },
        Predict.PredictError,
        LM,
        { readonly a: typeof qa.signature; readonly b: typeof three.b.signature; readonly c: typeof qa.signature }
      > = ensemble
      const events = yield* Stream.runCollect(Streaming.streamify(typed)(question)).pipe(Effect.provide(lm))
      const last = events.at(-1)
      assert.deepStrictEqual({ ...last as object }, { reasoning: "r", answer: "Paris" })
      assert.deepStrictEqual(Object.values(standing(events)), ["r", "Paris"])
      assert.strictEqual(Prediction.usage(last as Prediction.Prediction<object>).calls, 3)
    }))

  it.effect("a reducer of one's own makes the answer, of those that have succeeded", () =>
    Effect.gen(function*() {
      const failed = ScriptedLM.fail(new LMReason.Authentication({ description: "busy" }))
      const all = Ensemble.make(three, {
        concurrency: 1,
        reduce: (answers) => ({ all: answers.map(({ answer }) => answer) })
      })
      const lm = () => ScriptedLM.layer([answer("one"), failed, answer("two")])
      assert.deepStrictEqual({ ...yield* Effect.provide(all(question), lm()) }, { all: ["one", "two"] })
      const events = yield* Stream.runCollect(Streaming.streamify(all)(question)).pipe(Effect.provide(lm()))
      assert.deepStrictEqual(standing(events), {})
      const later = Ensemble.make(three, { reduce: () => Effect.fail("undecided" as const) })
      assert.strictEqual(
        yield* Effect.flip(Effect.provide(later(question), ScriptedLM.layer(() => answer("x")))),
        "undecided"
      )
    }))

  it.effect("asks a sample, by the run's own random choices", () =>
    Effect.gen(function*() {
      const some = Ensemble.make({ ...three, d: qa, e: qa }, { size: 2 })
      const asked = (seed: string) =>
        Effect.gen(function*() {
          const events = yield* Stream.runCollect(Streaming.streamify(some)(question)).pipe(
            Effect.provide(ScriptedLM.layer(() => answer("x"))),
            Random.withSeed(seed)
          )
          return [...new Set(events.flatMap((event) => event._tag === "StreamResponse" ? [event.predictName] : []))]
        })
      const seeds = Array.from({ length: 20 }, (_, seed) => `${seed}`)
      const samples = yield* Effect.forEach(seeds, asked)
      assert.isTrue(samples.every((paths) => paths.length === 2))
      assert.deepStrictEqual(yield* Effect.forEach(seeds, asked), samples)
      assert.strictEqual(new Set(samples.flat()).size, 5)
    }))

  it("needs programs", () => {
    assert.throws(() => Ensemble.make({}), /there is no program to ask/)
    assert.throws(() => Ensemble.make({ a: 1 as never }), /`programs.a` is a number/)
  })
})

describe("Ensemble.majority", () => {
  const majority = Ensemble.majority()
  const answers = (...texts: ReadonlyArray<string | undefined>) =>
    texts.map((answer) => answer === undefined ? undefined : { id: 1, answer })

  it("compares the last field as DSPy does: without case, accents, punctuation, articles", () => {
    assert.strictEqual(majority(answers("Rome", "The  Café!", "a cafe")).answer, "The  Café!")
  })

  it("of equally many the earliest wins, and what says nothing does not count", () => {
    assert.strictEqual(majority(answers(undefined, "...", "b", "a", "", "a", "b")).answer, "b")
    assert.strictEqual(majority(answers("...")).answer, "...")
    assert.throws(() => majority([undefined]), /there are no answers/)
  })

  it("another field, another way to compare, and values that are no text", () => {
    const all = [{ n: [1], answer: "x" }, { n: [2], answer: "y" }, { n: [2], answer: "z" }]
    assert.strictEqual(Ensemble.majority<{ n: ReadonlyArray<number> }>({ field: "n" })(all).answer, "y")
    const first = Ensemble.majority<{ answer: string }>({ normalize: (value) => String(value)[0] })
    assert.strictEqual(first([{ answer: "ax" }, { answer: "bx" }, { answer: "by" }]).answer, "bx")
    // @ts-expect-error there is no such field
    Ensemble.majority<{ answer: string }>({ field: "other" })
  })

  it.effect("counts the completions of one request", () =>
    Effect.gen(function*() {
      const lm = ScriptedLM.layer([ScriptedLM.completions(["Rome", "Paris", "Paris"].map(answer))])
      const prediction = yield* Effect.provide(qa(question, { config: { n: 3 } }), lm)
      assert.strictEqual(majority(Prediction.completions(prediction)).answer, "Paris")
    }))
})
