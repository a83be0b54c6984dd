/** What every built-in module can do, in one table: it runs, streams, ends when it is left, fails, nests, is saved and loaded. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import {
  BestOfN,
  ChainOfThought,
  CodeAct,
  Ensemble,
  LMReason,
  Module,
  MultiChainComparison,
  Predict,
  Prediction,
  ReAct,
  Refine,
  RLM,
  Streaming,
  TooManyFailures
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { standing } from "./support/standing.ts"

const qa = Predict.make("question -> answer")

/** Programs that take a question and have an answer. */
const programs: Readonly<Record<string, Module.Any>> = {
  Predict: qa,
  ChainOfThought: ChainOfThought.make("question -> answer"),
  ReAct: ReAct.make("question -> answer", { tools: [] }),
  CodeAct: CodeAct.make("question -> answer", { tools: [] }),
  RLM: RLM.make("question -> answer", { maxIterations: 1 }),
  BestOfN: BestOfN.make(qa, { n: 3, reward: () => 0, concurrency: 3 }),
  Refine: Refine.make(qa, { n: 2, reward: () => 0, threshold: 1, criterion: "It is right." }),
  MultiChainComparison: MultiChainComparison.make("question -> answer"),
  Ensemble: Ensemble.make({ one: qa, two: ChainOfThought.make("question -> answer") }),
  batch: Module.make(
    "Batch",
    { qa },
    ({ qa }) => (input: { readonly question: string }) =>
      Effect.map(
        Module.batch(qa, [input, input], { maxFailures: 0 }),
        ({ successes }) => ({ answer: successes[0]!.answer })
      )
  )
}

/** All fields that any of them asks for. */
const reply = ScriptedLM.chat(
  {
    reasoning: "So it is.",
    next_thought: "Nothing is missing.",
    generated_code: "1 + 1",
    code: "await llmQuery(question)",
    response: "It is known.",
    finished: true,
    answer: "Paris",
    discussion: "Nobody is to blame.",
    advice: {}
  },
  { tokens: true, usage: { inputTokens: 3, outputTokens: 2 } }
)
const question = { question: "What is the capital of France?" }

for (const [name, program] of Object.entries(programs)) {
  describe(name, () => {
    it.effect("runs, and counts what all of it used", () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make(() => reply)
        const prediction = yield* Effect.provide(program(question), lm.layer)
        assert.strictEqual(prediction.answer, "Paris")
        const calls = (yield* lm.requests).length
        assert.deepInclude(Prediction.usage(prediction), { calls, inputTokens: 3 * calls, outputTokens: 2 * calls })
      }))

    it.effect("streams, and what stands at the end is one answer for each place", () =>
      Effect.gen(function*() {
        const events = yield* Stream.runCollect(Streaming.streamify(program)(question)).pipe(
          Effect.provide(ScriptedLM.layer(() => reply))
        )
        const last = events.at(-1)
        assert.isTrue(Prediction.isPrediction(last) && last.answer === "Paris")
        const answers = Object.entries(standing(events)).filter(([key]) => key.endsWith(" answer"))
        assert.deepStrictEqual(answers.map(([, text]) => text), name === "batch" ? ["Paris", "Paris"] : ["Paris"])
      }))

    it.effect("ends all that it has begun when it is interrupted", () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make(() => ScriptedLM.hang(["[[ ## ans"]))
        const fiber = yield* Effect.forkChild(
          Effect.provide(Stream.runDrain(Streaming.streamify(program)(question)), lm.layer)
        )
        while ((yield* lm.requests).length === 0) yield* Effect.yieldNow
        for (let i = 0; i < 100; i++) yield* Effect.yieldNow
        const before = (yield* lm.requests).length
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(yield* lm.interrupted, before)
        assert.strictEqual((yield* lm.requests).length, before)
      }))

    it.effect("fails of what it fails of", () =>
      Effect.gen(function*() {
        const failure = new LMReason.Authentication({ description: "no such key" })
        const lm = ScriptedLM.layer(() => ScriptedLM.fail(failure))
        const error = yield* Effect.flip(Effect.provide(program(question), lm))
        const own = error instanceof TooManyFailures ? error.failures[0]!.error : error
        assert.strictEqual((own as { readonly reason: unknown }).reason, failure)
      }))

    it.effect("lives inside of others, with the key before its paths", () =>
      Effect.gen(function*() {
        const outer = Module.make(
          "Outer",
          { inside: program },
          ({ inside }) => (input: { readonly question: string }) =>
            Effect.map(inside(input), ({ answer }) => ({ answer: `${answer}!` }))
        )
        const lm = ScriptedLM.layer(() => reply)
        const events = yield* Stream.runCollect(Streaming.streamify(outer)(question)).pipe(Effect.provide(lm))
        const last = events.at(-1)
        assert.isTrue(Prediction.isPrediction(last) && last.answer === "Paris!")
        const paths = new Set(
          events.flatMap((event) => event._tag === "StreamResponse" ? [event.predictName] : [])
        )
        const known = new Set([...Object.keys(outer.signatures), "inside.advice"])
        assert.isNotEmpty(paths)
        for (const path of paths) assert.isTrue(known.has(path), path)
      }))

    it.effect("is saved and loaded", () =>
      Effect.gen(function*() {
        const changed = Module.mapPredictors(program, (predict, path) =>
          Predict.withInstructions(predict, `You are ${path}.`))
        const state = yield* Module.save(changed)
        assert.deepStrictEqual(Object.keys(state.predictors), Object.keys(program.signatures))
        const loaded = yield* Module.load(program, JSON.stringify(state))
        assert.deepStrictEqual(yield* Module.save(loaded), state)
        const lm = yield* ScriptedLM.make(() =>
          reply
        )
        yield* Effect.provide(loaded(question), lm.layer)
        const asked = (yield* lm.requests).map(({ messages }) => JSON.stringify(messages))
        assert.isTrue(
          Object.keys(program.signatures).every((path) => asked.some((text) => text.includes(`You are ${path}.`)))
        )
      }))
  })
}
