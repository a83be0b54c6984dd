import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import {
  ChainOfThought,
  History,
  type LM,
  LMReason,
  LMRequest,
  Module,
  Predict,
  Prediction,
  ReAct,
  Streaming,
  StreamListener,
  TwoStepAdapter
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { standing } from "./support/standing.ts"

const qa = Predict.make("question -> answer, score: int", {
  temperature: 0,
  demos: [{ question: "1 + 1?", answer: "2", score: 9 }]
})
const question = { question: "Capital?" }
const usage = { inputTokens: 1, outputTokens: 1 }
const free = ScriptedLM.text("It is Paris, and I am sure (10).", { tokens: true, usage })
const fields = ScriptedLM.chat({ answer: "Paris", score: 10 }, { tokens: true, usage })

describe("TwoStepAdapter", () => {
  it.effect("asks for a free answer, and extracts the fields from it", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([free, fields])
      const prediction = yield* Effect.provide(qa(question), [lm.layer, TwoStepAdapter.layerSame])
      assert.deepStrictEqual({ ...prediction }, { answer: "Paris", score: 10 })
      assert.strictEqual(Prediction.usage(prediction).calls, 2)
      const [first, second] = yield* lm.requests
      const texts = (request: LMRequest.LMRequest) => request.messages.map(LMRequest.textOf)
      assert.include(texts(first!)[0], "The answer has to tell:\n- answer (string)\n- score (integer)")
      assert.deepStrictEqual(texts(first!).slice(2, 3), ["answer: 2\nscore: 9"])
      assert.notInclude(texts(first!).join(), "[[ ## answer")
      assert.include(texts(second!).at(-1), "It is Paris, and I am sure (10).")
      assert.notInclude(texts(second!).join(), "Capital?")
      assert.deepStrictEqual([first!.config.temperature, second!.config.temperature], [0, 0])
    }))

  it.effect("another model extracts, where one is given", () =>
    Effect.gen(function*() {
      const [writes, reads] = [yield* ScriptedLM.make([free]), yield* ScriptedLM.make([fields])]
      const adapter = TwoStepAdapter.layer(reads.layer)
      assert.strictEqual((yield* Effect.provide(qa(question), [writes.layer, adapter])).answer, "Paris")
      yield* writes.assertComplete
      yield* reads.assertComplete
      const needs: Effect.Effect<object, Predict.PredictError, LM> = Effect.provide(qa(question), adapter)
      assert.isTrue(Effect.isEffect(needs))
    }))

  it.effect("the free answer streams, and then the fields, at the predictor's own path", () =>
    Effect.gen(function*() {
      const program = Module.make(
        "P",
        { qa: ChainOfThought.make("question -> answer") },
        ({ qa }) => (input: { readonly question: string }) => qa(input)
      )
      const script = () => [free, ScriptedLM.chat({ reasoning: "It says so.", answer: "Paris" }, { tokens: true })]
      const events = yield* Stream.runCollect(Streaming.streamify(program)(question)).pipe(
        Effect.provide([ScriptedLM.layer(script()), TwoStepAdapter.layerSame])
      )
      assert.deepStrictEqual(
        [...new Set(events.flatMap((event) => event._tag === "StreamResponse" ? [event.predictName] : []))],
        ["qa.draft", "qa"]
      )
      assert.deepStrictEqual(Object.values(standing(events)), [
        "It is Paris, and I am sure (10).",
        "It says so.",
        "Paris"
      ])
      const streamListeners = [StreamListener.make({ signatureFieldName: "answer" })]
      const heard = yield* Stream.runCollect(Streaming.streamify(program, { streamListeners })(question)).pipe(
        Effect.provide([ScriptedLM.layer(script()), TwoStepAdapter.layerSame])
      )
      assert.deepStrictEqual(Object.values(standing(heard)), ["Paris"])
    }))

  it.effect("demos that are chosen for a call are chosen for its inputs, and shown with the draft", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const chosen = Predict.withDemosFor(qa, (inputs) =>
        Effect.sync(() => {
          asked.push(inputs)
          return [{ question: "2 + 2?", answer: "4", score: 8 }]
        }))
      const lm = yield* ScriptedLM.make([free, fields])
      yield* Effect.provide(chosen(question), [lm.layer, TwoStepAdapter.layerSame])
      assert.deepStrictEqual(asked, [question])
      const [first, second] = yield* lm.requests
      assert.include(first!.messages.map(LMRequest.textOf), "answer: 4\nscore: 8")
      assert.notInclude(second!.messages.map(LMRequest.textOf).join(), "2 + 2?")
    }))

  it.effect("each of several completions is a draft", () =>
    Effect.gen(function*() {
      const drafts = ScriptedLM.completions(["a", "b", "c"].map((text) => ScriptedLM.text(text)))
      const lm = ScriptedLM.layer((request) => {
        const asked = LMRequest.textOf(request.messages.at(-1)!)
        return request.config.n === 3
          ? drafts
          : asked.includes("\nb\n")
          ? ScriptedLM.fail(new LMReason.Authentication({ description: "no" }))
          : ScriptedLM.chat({ answer: asked.includes("\na\n") ? "A" : "C", score: 1 })
      })
      const prediction = yield* qa(question, { config: { n: 3 } }).pipe(
        Effect.provide([lm, TwoStepAdapter.layerSame])
      )
      assert.deepStrictEqual(
        Prediction.completions(prediction).map((fields) => fields?.answer),
        ["A", undefined, "C"]
      )
    }))

  it.effect("fails of what either step fails of, and is interrupted in either", () =>
    Effect.gen(function*() {
      const failure = ScriptedLM.fail(new LMReason.Authentication({ description: "no" }))
      for (const script of [[failure], [free, failure]]) {
        const error = yield* qa(question).pipe(
          Effect.provide([ScriptedLM.layer(script), TwoStepAdapter.layerSame]),
          Effect.flip
        )
        assert.strictEqual(error._tag, "LMError")
      }
      for (const script of [[ScriptedLM.never], [free, ScriptedLM.never]]) {
        const lm = yield* ScriptedLM.make(script)
        const fiber = yield* Effect.forkChild(Effect.provide(qa(question), [lm.layer, TwoStepAdapter.layerSame]))
        while ((yield* lm.requests).length < script.length) yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(yield* lm.interrupted, 1)
      }
    }))

  it.effect("a history goes on, a field called draft stays, agents keep to the form of Chat", () =>
    Effect.gen(function*() {
      const chat = Predict.make("draft, history: History -> draft_")
      const history = History.make([{ draft: "Hi", draft_: "Hello!" }])
      const lm = yield* ScriptedLM.make([ScriptedLM.text("Bye!"), ScriptedLM.chat({ draft_: "Bye!" })])
      const { draft_ } = yield* chat({ draft: "Bye", history }).pipe(
        Effect.provide([lm.layer, TwoStepAdapter.layerSame])
      )
      assert.strictEqual(draft_, "Bye!")
      assert.include((yield* lm.requests)[0]!.messages.map(LMRequest.textOf).join("\n"), "Hello!")

      const agent = ReAct.make("question -> answer", { tools: [] })
      const agentLM = ScriptedLM.layer([ScriptedLM.chat({ reasoning: "r", answer: "Paris" })])
      const { answer } = yield* agent(question).pipe(Effect.provide([agentLM, TwoStepAdapter.layerSame]))
      assert.strictEqual(answer, "Paris")
    }))
})
