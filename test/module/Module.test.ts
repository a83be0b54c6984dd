/** Programs as values: calls, composition, inputs, settings, copies. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Schema, Stream } from "effect"
import {
  AdapterParseError,
  ChainOfThought,
  ChatAdapter,
  CurrentAdapter,
  InputError,
  JSONAdapter,
  type LM,
  LMError,
  Module,
  Predict,
  Prediction,
  Signature,
  Streaming,
  Usage
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { rows, textAt } from "../support/said.ts"

const qa = Predict.make("question -> answer, confidence: float")
const reply = ScriptedLM.chat({ answer: "Paris", confidence: 0.9 })

const research = Module.make("Research", {
  analyze: ChainOfThought.make("question -> key_points: list[str]"),
  synthesize: ChainOfThought.make("question, key_points: list[str] -> answer")
}, ({ analyze, synthesize }) =>
  Effect.fnUntraced(function*(input: { readonly question: string }) {
    const { key_points } = yield* analyze(input)
    return yield* synthesize({ ...input, key_points })
  }))

describe("Predict", () => {
  it.effect("answers typed fields, and nothing else is in them", () =>
    Effect.gen(function*() {
      const prediction = yield* qa({ question: "?" })
      assert.strictEqual(prediction.answer, "Paris")
      assert.strictEqual(prediction.confidence, 0.9)
      assert.strictEqual(JSON.stringify(prediction), "{\"answer\":\"Paris\",\"confidence\":0.9}")
      assert.deepStrictEqual(Object.keys(prediction), ["answer", "confidence"])
      assert.deepStrictEqual(Prediction.completions(prediction), [{ answer: "Paris", confidence: 0.9 }])
      assert.strictEqual(Prediction.usage(prediction).calls, 1)
    }).pipe(Effect.provide(ScriptedLM.layer([reply]))))

  it.effect("an answer that is given again costs nothing, streamed or not", () =>
    Effect.gen(function*() {
      const answer = ScriptedLM.chat({ answer: "Paris", confidence: 0.9 }, {
        usage: { inputTokens: 9, outputTokens: 3 }
      })
      const again = ScriptedLM.events([[{ _tag: "GivenAgain" }], ...answer.reads.map(({ events }) => events)])
      const asked = { question: "?" }
      const first = yield* Effect.provide(qa(asked), ScriptedLM.layer([answer]))
      assert.deepStrictEqual(Prediction.usage(first), { ...Usage.empty, inputTokens: 9, outputTokens: 3, calls: 1 })
      assert.isFalse(Prediction.details(first).givenAgain)
      const streamed = Streaming.streamify(qa)(asked).pipe(
        Stream.runCollect,
        Effect.map((events) => events.at(-1)!)
      )
      for (const call of [qa(asked), streamed]) {
        const prediction = yield* Effect.provide(call, ScriptedLM.layer([again]))
        if (!Prediction.isPrediction(prediction)) return assert.fail("no prediction")
        assert.strictEqual(prediction["answer"], "Paris")
        assert.deepStrictEqual(Prediction.usage(prediction), Usage.empty)
        assert.isTrue(Prediction.details(prediction).givenAgain)
      }
    }))

  it.effect("the shape of the reply goes to a model that asks for it, and to no other", () =>
    Effect.gen(function*() {
      const bad = ScriptedLM.chat({ answer: "Paris", confidence: "very" })
      const asked = { question: "?" }
      const plain = yield* ScriptedLM.make([bad, reply])
      yield* Effect.provide(qa(asked), plain.layer)
      for (const request of yield* plain.requests) assert.notProperty(request, "replyShape")

      const held = yield* ScriptedLM.make([bad, reply], { capabilities: { tools: false, replyShape: true } })
      yield* Effect.provide(qa(asked), held.layer)
      const [first, second] = yield* held.requests
      const call = { signature: qa.signature, inputs: asked, demos: [], config: {} }
      assert.deepStrictEqual(first!.replyShape, ChatAdapter.make().shape(call))
      const { pieces, prompt } = first!.replyShape!
      assert.deepStrictEqual(second!.replyShape, { pieces, prompt: [...prompt, ...second!.messages.slice(-2)] })
      assert.lengthOf(second!.messages, first!.messages.length + 2)
    }))

  it.effect("what is known of the response, and all that was said, is in the details", () =>
    Effect.gen(function*() {
      const logprobs = [{ token: "Paris", logprob: -0.1, alternatives: [{ token: "Lyon", logprob: -3 }] }]
      const text = "[[ ## answer ## ]]\nParis\n\n[[ ## confidence ## ]]\n1\n\n[[ ## completed ## ]]"
      const prediction = yield* Effect.provide(
        qa({ question: "?" }),
        ScriptedLM.layer([ScriptedLM.events([[
          { _tag: "ResponseInfo", model: "m", requestId: "req_1", headers: { "x-a": "b" } },
          { _tag: "ReasoningDelta", index: 0, text: "Hm" },
          { _tag: "TextDelta", index: 0, text },
          { _tag: "Logprobs", index: 0, tokens: logprobs },
          { _tag: "Finish", index: 0, reason: "stop" }
        ]])])
      )
      const { content, headers, logprobs: told, model, reasoning, reply, requestId } = Prediction.details(prediction)
      assert.deepStrictEqual(content, [{ _tag: "Reasoning", text: "Hm" }, { _tag: "Text", text }])
      assert.deepStrictEqual([model, requestId, headers, told], ["m", "req_1", { "x-a": "b" }, logprobs])
      assert.deepStrictEqual([reasoning, reply], ["Hm", text])
    }))

  it.effect("missing, extra and mistyped inputs are one error before any call", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([])
      const call = qa as unknown as (input: unknown) => Effect.Effect<unknown, unknown, LM>
      const errorOf = (input: unknown) => Effect.provide(Effect.flip(call(input)), lm.layer)
      const missing = yield* errorOf({})
      assert.isTrue(missing instanceof InputError)
      assert.deepStrictEqual((missing as InputError).issues.map((issue) => issue.path), [["question"]])
      const wrong = yield* errorOf({ question: 1, context: "x" })
      assert.deepStrictEqual((wrong as InputError).issues.map((issue) => issue.path[0]).toSorted(), [
        "context",
        "question"
      ])
      assert.include((wrong as InputError).message, "question -> answer")
      const none = yield* errorOf(undefined)
      assert.isTrue(none instanceof InputError)
      assert.include((none as InputError).message, "\n  expected an object with the inputs question")
      assert.deepStrictEqual(yield* lm.requests, [])
    }))

  it.effect("settings of the call win over the predictor's, and these over the context's", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([reply, reply, reply])
      const warm = Predict.withConfig(qa, { temperature: 0.5, seed: 1 })
      const program = Module.make(
        "Program",
        { warm },
        ({ warm }) => (input: { readonly question: string }) => warm(input)
      )
      yield* warm({ question: "?" }, { config: { temperature: 1 } }).pipe(Effect.provide(lm.layer))
      yield* program({ question: "?" }, { config: { temperature: 0, maxTokens: 7 } }).pipe(Effect.provide(lm.layer))
      yield* warm({ question: "?" }).pipe(
        Module.withConfig({ stop: ["x"], rolloutId: 3, temperature: 0 }),
        Effect.provide(lm.layer)
      )
      assert.deepStrictEqual((yield* lm.requests).map((request) => request.config), [
        { temperature: 1, seed: 1 },
        { temperature: 0.5, seed: 1, maxTokens: 7 },
        { temperature: 0.5, seed: 1, stop: ["x"], rolloutId: 3 }
      ])
    }))

  it.effect("demos are shown before the question, and wrong ones are refused", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([reply])
      const taught = Predict.withDemos(qa, [{
        inputs: { question: "2 + 2?" },
        outputs: { answer: "4", confidence: 1 }
      }])
      yield* taught({ question: "3 + 3?" }).pipe(Effect.provide(lm.layer))
      const [request] = yield* lm.requests
      assert.deepStrictEqual(request!.messages.map((message) => message.role), ["system", "user", "assistant", "user"])
      assert.include(textAt(request, 1), "2 + 2?")
      assert.throws(
        // @ts-expect-error a demo's output of another type
        () => Predict.withDemos(qa, [{ inputs: {}, outputs: { confidence: "high" } }]),
        /confidence/
      )
    }))

  it.effect("what cannot be read after the repair is an error that shows the reply", () =>
    Effect.gen(function*() {
      const bad = ScriptedLM.chat({ answer: "Paris", confidence: "very" })
      const error = yield* Effect.flip(qa({ question: "?" }))
      assert.isTrue(error instanceof AdapterParseError)
      if (error instanceof AdapterParseError) {
        assert.include(error.message, "very")
        assert.strictEqual(error.predictor, "self")
        assert.deepStrictEqual(error.parsed, { answer: "Paris" })
      }
      void bad
    }).pipe(Effect.provide(ScriptedLM.layer([
      ScriptedLM.chat({ answer: "Paris", confidence: "very" }),
      ScriptedLM.chat({ answer: "Paris", confidence: "very" })
    ]))))

  it.effect("a repair after an empty reply sends no empty message back", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.text(" \n"), ScriptedLM.json({ answer: "Paris", confidence: 1 })])
      yield* qa({ question: "?" }).pipe(Effect.provide([lm.layer, JSONAdapter.layer]))
      const [, second] = yield* lm.requests
      assert.deepStrictEqual(second!.messages.map(({ role }) => role), ["system", "user", "assistant", "user"])
      assert.isTrue(rows(second!.messages).every(([, text]) => text.trim() !== ""))
    }))

  it.effect("errors name the program by its name, a predictor inside of one by its path", () =>
    Effect.gen(function*() {
      const cut = ScriptedLM.truncated(["[[ ## answer"])
      const unreadable = ScriptedLM.chat({ answer: "Paris", confidence: "very" })
      const named = Predict.make("question -> answer, confidence: float", { name: "Geographer", maxRepairs: 0 })
      const outer = Module.make(
        "Outer",
        { named },
        ({ named }) => (input: { readonly question: string }) => named(input)
      )
      const messages = yield* Effect.forEach([named, outer], (program) =>
        Effect.forEach([cut, unreadable], (reply) =>
          Effect.map(
            Effect.flip(Effect.provide(program({ question: "?" }), ScriptedLM.layer([reply]))),
            ({ message }) =>
              message.slice(0, message.indexOf(" "))
          )))
      assert.deepStrictEqual(messages, [["Geographer", "Geographer"], ["named", "named"]])
    }))

  it.effect("no repair and no fallback where they are turned off", () =>
    Effect.gen(function*() {
      const strict = Predict.make("question -> score: int", { maxRepairs: 0 })
      const lm = yield* ScriptedLM.make([ScriptedLM.chat({ score: "x" }), ScriptedLM.text("no form at all")])
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Effect.provide(strict({ question: "?" }), lm.layer))))
      const chatOnly = Layer.succeed(CurrentAdapter, ChatAdapter.make({ jsonFallback: false }))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Effect.provide(strict({ question: "?" }), [lm.layer, chatOnly]))))
      assert.strictEqual((yield* lm.requests).length, 2)
    }))

  const endings = {
    length: "OutputLimit",
    "content-filter": "ContentFiltered",
    refusal: "Refused"
  } as const
  for (const [finish, tag] of Object.entries(endings)) {
    it.effect(`law 5: an answer that ended by ${finish} does not count`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(qa({ question: "?" }))
        assert.isTrue(error instanceof LMError)
        if (error instanceof LMError) {
          assert.strictEqual(error.reason._tag, tag)
          assert.deepStrictEqual(error.partial, { answer: "Par" })
          assert.strictEqual(error.usage?.outputTokens, 5)
          assert.strictEqual(error.predictor, "self")
        }
      }).pipe(Effect.provide(ScriptedLM.layer([
        ScriptedLM.chunks(["[[ ## answer ## ]]\nPar"], {
          finish: finish as keyof typeof endings,
          usage: {
            inputTokens: 1,
            outputTokens: 5,
            reasoningTokens: 0,
            cachedInputTokens: 0,
            cacheWriteTokens: 0,
            calls: 1
          }
        })
      ]))))
  }

  it.effect("law 5: a connection cut before the end is Truncated", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(qa({ question: "?" }))
      assert.isTrue(error instanceof LMError && error.reason._tag === "Truncated")
    }).pipe(Effect.provide(ScriptedLM.layer([ScriptedLM.truncated(["[[ ## answer ## ]]\nPar"])]))))
})

describe("Module", () => {
  const replies = [
    ScriptedLM.chat({ reasoning: "r", key_points: ["a", "b"] }),
    ScriptedLM.chat({ reasoning: "s", answer: "done" })
  ]

  it.effect("composes, and sums the usage of what it calls", () =>
    Effect.gen(function*() {
      const prediction = yield* research({ question: "?" })
      assert.deepStrictEqual({ ...prediction }, { reasoning: "s", answer: "done" })
      assert.strictEqual(Prediction.usage(prediction).calls, 2)
    }).pipe(Effect.provide(ScriptedLM.layer(replies))))

  it.effect("errors name the predictor by its path", () =>
    Effect.gen(function*() {
      const outer = Module.make("Outer", { inner: research }, ({ inner }) => (input: { readonly question: string }) =>
        inner(input))
      const error = yield* Effect.flip(outer({ question: "?" }))
      assert.strictEqual(error._tag, "LMError")
      assert.strictEqual((error as LMError).predictor, "inner.synthesize")
    }).pipe(Effect.provide(ScriptedLM.layer([replies[0]!, ScriptedLM.truncated(["[[ ## answer"])]))))

  it.effect("withSignature validates inputs", () =>
    Effect.gen(function*() {
      const program = research.pipe(Module.withSignature(Signature.make("question -> reasoning, answer")))
      assert.strictEqual(String(program.signature), "question -> reasoning, answer")
      const error = yield* Effect.flip(program({ question: 1 } as never))
      assert.isTrue(error instanceof InputError)
      // @ts-expect-error the program does not answer what the signature says
      void (() => Module.withSignature(research, Signature.make("question -> anser")))
    }).pipe(Effect.provide(ScriptedLM.layer([]))))

  it.effect("one sub-module may have another language model and adapter", () =>
    Effect.gen(function*() {
      const other = yield* ScriptedLM.make([ScriptedLM.json({ reasoning: "o", answer: "other" })])
      const program = Module.make("Program", {
        first: qa,
        second: ChainOfThought.make("draft -> answer").pipe(Module.provide(Layer.merge(other.layer, JSONAdapter.layer)))
      }, ({ first, second }) => (input: { readonly question: string }) =>
        Effect.flatMap(first(input), ({ answer }) =>
          second({ draft: answer })))
      const prediction = yield* program({ question: "?" })
      assert.strictEqual(prediction.answer, "other")
      assert.strictEqual((yield* other.requests).length, 1)
      assert.deepStrictEqual(Object.keys(program.signatures), ["first", "second"])
    }).pipe(Effect.provide(ScriptedLM.layer([reply]))))

  it.effect("mapPredictors rebuilds every predictor, at every depth", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(replies)
      const outer = Module.make("Outer", { inner: research }, ({ inner }) => (input: { readonly question: string }) =>
        inner(input))
      const paths: Array<string> = []
      const copy = Module.mapPredictors(outer, (predict, path) => {
        paths.push(path)
        return Predict.withConfig(predict, { seed: 7 })
      })
      yield* copy({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(paths, ["inner.analyze", "inner.synthesize"])
      assert.deepStrictEqual(
        (yield* lm.requests).map((request) =>
          request.config.seed
        ),
        [7, 7]
      )
    }))

  it.effect("checks outputs from schemas", () =>
    Effect.gen(function*() {
      const signature = Signature.fromSchemas({
        inputs: { text: Schema.String },
        outputs: { when: Schema.DateFromString, note: Schema.optionalKey(Schema.String) }
      })
      const prediction = yield* Predict.make(signature)({ text: "?" })
      assert.strictEqual(prediction.when.toISOString(), "2026-01-02T00:00:00.000Z")
      assert.isUndefined(prediction.note)
    }).pipe(Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ when: "2026-01-02T00:00:00.000Z" })]))))

  it("keys that cannot be paths are refused", () => {
    assert.throws(
      () => Module.make("Bad", { self: qa }, ({ self }) => (input: { readonly question: string }) => self(input)),
      /self/
    )
    assert.throws(
      () => Module.make("Bad", { "a.b": qa }, (all) => (input: { readonly question: string }) => all["a.b"](input)),
      /a\.b/
    )
  })
})
