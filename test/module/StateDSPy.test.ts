/** What DSPy 3.4.1 saved of its programs (`program.save("state.json")`), loaded into the same programs. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import {
  Audio,
  ChainOfThought,
  File,
  History,
  Image,
  LMRequest,
  Module,
  Predict,
  ReAct,
  Signature,
  StateError,
  Tool
} from "effect-lm"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const saved = (name: string) => readFileSync(join(import.meta.dirname, "fixtures", `dspy-${name}.json`), "utf8")

const answer = Predict.make("question, tags: list[str] -> answer: int, mood: 'glad' | 'sad'", { temperature: 0.5 })
const composed = Module.make("Composed", {
  plan: ChainOfThought.make("question -> key_points: list[str]"),
  answer: Predict.make("question, key_points: list[str] -> answer")
}, ({ plan }) => (input: { readonly question: string }) => plan(input))

describe("DSPy's own states", () => {
  it.effect("a predictor: instructions, descriptions and demos; settings stay", () =>
    Effect.gen(function*() {
      const loaded = yield* Module.load(answer, saved("predict"))
      const { predictors: { self } } = yield* Module.save(loaded)
      assert.deepStrictEqual(self, {
        signature: "question, tags: Array<string> -> answer: integer, mood: \"glad\" | \"sad\"",
        instructions: "Answer it.",
        descriptions: { tags: "what it is about", mood: "how it sounds" },
        demos: [
          { inputs: { question: "q", tags: ["a"] }, outputs: { answer: 3, mood: "glad" } },
          { inputs: { question: "q2" }, outputs: {} }
        ],
        config: { temperature: 0.5 }
      })
      const request = yield* Predict.prepare(loaded, { question: "?", tags: [] })
      assert.include(LMRequest.textOf(request.messages[0]!), "Answer it.")
    }))

  it.effect("a chain of thought, which is a module of a predictor there", () =>
    Effect.gen(function*() {
      const loaded = yield* Module.load(ChainOfThought.make("question -> answer"), saved("chainOfThought"))
      assert.deepStrictEqual(loaded.settings.demos, [
        { inputs: { question: "2+2?" }, outputs: { reasoning: "add", answer: "4" } }
      ])
      assert.strictEqual(loaded.signature.outputFields[0]!.description, "thoughts that lead to the answer")
    }))

  it.effect("a composed program, without its language models", () =>
    Effect.gen(function*() {
      const { predictors } = yield* Module.save(yield* Module.load(composed, saved("composed")))
      assert.deepStrictEqual(Object.keys(predictors), ["plan", "answer"])
      assert.strictEqual(
        predictors["plan"]!.instructions,
        "Given the fields `question`, produce the fields `key_points`."
      )
      assert.deepStrictEqual(predictors["answer"]!.demos, [{ inputs: { question: "q" }, outputs: { answer: "a" } }])
      assert.deepStrictEqual(predictors["answer"]!.config, {})
    }))

  it.effect("an agent, whose trajectory is the conversation here", () =>
    Effect.gen(function*() {
      const agent = ReAct.make("question -> answer", { tools: [Tool.make("search", {}, () => "x")] })
      const { predictors } = yield* Module.save(yield* Module.load(agent, saved("react")))
      assert.include(predictors["react"]!.instructions, "You are an Agent.")
      assert.deepStrictEqual(predictors["react"]!.demos, [{
        inputs: { question: "q" },
        outputs: { next_thought: "t", next_tool_name: "search", next_tool_args: { query: "x" } }
      }])
      assert.strictEqual(
        predictors["extract"]!.instructions,
        "Given the fields `question`, produce the fields `answer`."
      )
    }))

  it.effect("pictures, sounds, files and conversations of demos", () =>
    Effect.gen(function*() {
      const program = Predict.fromSignature(Signature.fromSchemas({
        inputs: { photos: Schema.Array(Image.Image), sound: Audio.Audio, paper: File.File, history: History.History },
        outputs: { answer: Schema.String }
      }))
      const loaded = yield* Module.load(program, saved("contents"))
      assert.deepStrictEqual(loaded.settings.demos, [{
        inputs: {
          photos: [Image.fromBase64("iVBORw0KGgo="), Image.fromUrl("https://example.com/cat.png")],
          sound: Audio.fromBase64("UklGRg==", { mediaType: "audio/wav" }),
          paper: File.fromBase64("JVBERi0xLjQ="),
          history: { messages: [{ answer: "y" }] }
        },
        outputs: { answer: "a" }
      }])
    }))

  /** What DSPy saves of a predictor without demos. */
  const fields = (...all: ReadonlyArray<readonly [prefix: string, description: string]>) => ({
    traces: [],
    demos: [],
    signature: {
      instructions: "i",
      fields: all.map(([prefix, description]) => ({ prefix, description }))
    }
  })

  it.effect("names are told by prefixes or descriptions, and by their place", () =>
    Effect.gen(function*() {
      const program = Predict.make("firstHTMLPart2 -> answer")
      for (
        const given of [
          fields(["First HTML Part 2:", "the part"], ["Answer:", "${answer}"]),
          fields(["First HTML Part 2:", "${firstHTMLPart2}"], ["Short Answer:", "${answer}"]),
          // A program of one predictor, by its name.
          { predict: fields(["First HTML Part 2:", ""], ["Answer:", ""]), metadata: {} },
          { self: fields(["First HTML Part 2:", ""], ["Answer:", ""]) }
        ]
      ) {
        const { predictors } = yield* Module.save(yield* Module.load(program, given))
        assert.strictEqual(predictors["self"]!.instructions, "i")
      }
      for (
        const given of [
          fields(["Answer:", "${answer}"], ["First HTML Part 2:", "${firstHTMLPart2}"]),
          fields(["First HTML Part 2:", ""], ["Reasoning:", "${reasoning}"], ["Answer:", ""]),
          fields(["First HTML Part 2:", ""])
        ]
      ) {
        const error = yield* Effect.flip(Module.load(program, given))
        assert.instanceOf(error, StateError)
        assert.strictEqual(error.reason._tag, "OtherSignature")
      }
    }))

  it.effect("names of other scripts are told apart as well", () =>
    Effect.gen(function*() {
      const program = Predict.make("вопрос, été -> ответ")
      const loaded = yield* Module.load(program, fields(["Вопрос:", "что"], ["Été:", ""], ["Ответ:", "что"]))
      assert.strictEqual(loaded.signature.instructions, "i")
      for (
        const given of [
          fields(["Ответ:", "что"], ["Été:", ""], ["Вопрос:", "что"]),
          fields(["Вопрос:", "что"], ["Ânt:", ""], ["Ответ:", "что"])
        ]
      ) {
        const error = yield* Effect.flip(Module.load(program, given))
        assert.strictEqual(error.reason._tag, "OtherSignature")
      }
    }))

  it.effect("what does not fit is an error", () =>
    Effect.gen(function*() {
      const of = (program: Module.Any, given: unknown) => Effect.flip(Module.load(program, given))
      const unknown = yield* of(answer, saved("composed"))
      assert.deepInclude(unknown.reason, { _tag: "UnknownPath", path: "plan.predict" })
      const { "plan.predict": plan, ...others } = JSON.parse(saved("composed"))
      assert.deepInclude((yield* of(composed, others)).reason, { _tag: "MissingPath", path: "plan" })
      const twice = yield* of(composed, { ...others, "plan": plan, "plan.predict": plan })
      assert.deepInclude(twice.reason, { _tag: "UnknownPath", path: "plan.predict" })
      const typed = yield* of(
        Predict.make("question, tags: list[str] -> answer: bool, mood: 'glad' | 'sad'"),
        saved("predict")
      )
      assert.include(typed.message, "predictors.self.demos.0.outputs.answer: expected boolean")
      const broken = yield* of(composed, { ...others, "plan.predict": { ...plan, demos: "none" } })
      assert.include(broken.message, "plan.predict.demos: expected array")
    }))
})
