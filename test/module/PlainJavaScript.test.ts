/** What plain JavaScript, which no compiler checks, gets wrong: a sentence says it, at once, or it simply works. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Result, Schema } from "effect"
import {
  Adapter,
  Blocking,
  BlockingStream,
  ChainOfThought,
  ChatAdapter,
  Discovery,
  Embedder,
  LocalModel,
  Mcp,
  Module,
  OpenAI,
  Predict,
  ReAct,
  Retry,
  Session,
  Signature,
  SizeLimits,
  Streaming,
  StreamListener,
  Timeouts,
  Tool,
  ToolRegistry
} from "effect-lm"
import { Runner } from "effect-lm/cli"
import { KNN } from "effect-lm/optimize"
import { ScriptedLM } from "effect-lm/testing"
import { textAt } from "../support/said.ts"

/** What no compiler has checked. */
// oxlint-disable-next-line typescript/no-explicit-any -- anything at all is given where something else is wanted
type Unchecked = any
const unchecked = (value: unknown): Unchecked => value

const qa = Predict.make("question, limit: int -> answer")

/** What a call fails of, or dies of. */
const message = (call: Effect.Effect<unknown, unknown, never>) =>
  Effect.map(Effect.exit(call), (exit) => {
    assert.isTrue(Exit.isFailure(exit))
    const error = Cause.squash((exit as Exit.Failure<unknown, unknown>).cause)
    return (error as Error).message
  })

const says = (make: () => unknown, sentence: string | RegExp) => {
  const made = Result.try(make)
  assert.isTrue(Result.isFailure(made), "nothing was thrown")
  const { message } = (made as Result.Failure<unknown, Error>).failure
  if (typeof sentence === "string") assert.strictEqual(message, sentence)
  else assert.match(message, sentence)
}

/** A schema as other libraries have them, see standardschema.dev. */
const foreign = { "~standard": { version: 1, vendor: "zod", validate: (value: unknown) => ({ value }) }, _def: {} }

describe("options", () => {
  it("that are unknown are refused, with the one that was meant", () => {
    says(
      () => Predict.make("a -> b", unchecked({ temprature: 1 })),
      "a predictor has no option 'temprature': did you mean 'temperature'?"
    )
    says(
      () => ChainOfThought.make("a -> b", unchecked({ max_tokens: 1 })),
      "a predictor has no option 'max_tokens': did you mean 'maxTokens'?"
    )
    says(
      () => Signature.make("a -> b", unchecked({ docstring: "" })),
      "Signature.make has no option 'docstring': there are instructions, descriptions"
    )
    says(
      () => Predict.make("a -> b", { config: unchecked({ temprature: 1 }) }),
      "`config` has no option 'temprature': did you mean 'temperature'?"
    )
    says(() => Predict.make("a -> b", unchecked("be brief")), /^a predictor takes its options as an object: \{ name, /)
    says(() => Predict.make("a -> b", unchecked({ __proto__x: 1 })), /has no option '__proto__x'/)
    says(() => Predict.make("a -> b", unchecked({ constructor: 1 })), /has no option 'constructor'/)
  })

  it("are refused by everything that takes some", () => {
    const url = new URL("file:///programs.js")
    const wrong = unchecked({ naem: 1 })
    for (
      const make of [
        () => ReAct.make("a -> b", { tools: [], ...wrong }),
        () => Tool.make("t", wrong, () => 1),
        () => Session.make(Predict.make("a, history: History -> b"), wrong),
        () => Streaming.streamify(qa, wrong),
        () => StreamListener.make({ signatureFieldName: "answer", ...wrong }),
        () => BlockingStream.module(url, wrong),
        () => unchecked(BlockingStream.module(url))("program", wrong),
        () => Blocking.layer({ size: 1, ...wrong }),
        () => Mcp.http({ url: "http://127.0.0.1", ...wrong }),
        () => Mcp.stdio({ command: "node", ...wrong }),
        () => Retry.make(wrong),
        () => Timeouts.make(wrong),
        () => SizeLimits.make(wrong),
        () => LocalModel.make(wrong),
        () => Discovery.find(wrong),
        () => Discovery.layer(wrong),
        () => OpenAI.layer({ model: "gpt-4o-mini", ...wrong }),
        () => OpenAI.layerModel("groq/a", wrong),
        () => OpenAI.layerModel("groq/a", unchecked({ naem: 1, provider: 1 })),
        () => ChatAdapter.make(wrong),
        () => Adapter.make({ name: "a", ...wrong }),
        () => Runner.command("qa", qa, wrong),
        () => Signature.fromSchemas({ inputs: {}, outputs: { b: Schema.String }, ...wrong })
      ]
    ) says(make, / has no option 'naem': /)
  })

  it.effect("of a call too", () =>
    Effect.gen(function*() {
      const module = Module.make("M", { qa }, ({ qa }) => () => qa({ question: "?", limit: 1 }))
      const agent = ReAct.make("question -> answer", { tools: [] })
      const wrong = unchecked({ maxiterations: 1 })
      for (const call of [qa({ question: "?", limit: 1 }, wrong), module({}, wrong), agent({ question: "?" }, wrong)]) {
        assert.match(
          yield* message(Effect.provide(call, ScriptedLM.layer([]))),
          /^a call of \w+ has no option 'maxiterations': did you mean 'maxIterations'\?$/
        )
      }
      const setting = unchecked({ temperature: 0 })
      for (const call of [qa({ question: "?", limit: 1 }, setting), module({}, setting)]) {
        assert.match(
          yield* message(Effect.provide(call, ScriptedLM.layer([]))),
          /^a call of \w+ has no option 'temperature': write \{ config: \{ temperature \} \}$/
        )
      }
    }))

  it.effect("instructions and settings stand beside the others, and win over `config`", () =>
    Effect.gen(function*() {
      const options = {
        instructions: "Answer in one word.",
        temperature: 0,
        maxTokens: 5,
        config: { temperature: 1, seed: 3 }
      }
      const programs = [
        Predict.make("question -> answer", options),
        ChainOfThought.make("question -> answer", options),
        ReAct.make("question -> answer", { tools: [], toolCalls: "text", ...options })
      ]
      for (const program of programs) {
        const lm = yield* ScriptedLM.make(() => "")
        yield* Effect.exit(Effect.provide(program({ question: "?" }), lm.layer))
        const [request] = yield* lm.requests
        assert.include(textAt(request, 0), "Answer in one word.")
        assert.notInclude(textAt(request, 0), "Given `question`")
        assert.deepStrictEqual(request!.config, { temperature: 0, maxTokens: 5, seed: 3 })
      }
      says(() => Predict.make("a -> b", { temperature: NaN }), "`temperature` is NaN: it is a number 0 or more")
    }))
})

describe("demos", () => {
  const demos = (spec: string, ...demos: ReadonlyArray<unknown>) =>
    Predict.make(unchecked(spec), { demos: unchecked(demos) }).settings.demos

  it("have their fields side by side, or apart", () => {
    const expected = { inputs: { question: "2 + 2?" }, outputs: { answer: 4 } }
    const typed = Predict.make("question -> answer: int", {
      demos: [{ question: "2 + 2?", answer: 4 }, { inputs: { question: "2 + 2?" }, outputs: { answer: 4 } }]
    })
    assert.deepStrictEqual(typed.settings.demos, [expected, expected])
    assert.deepStrictEqual(Predict.withDemos(typed, [{ question: "2 + 2?", answer: 4 }]).settings.demos, [expected])
    assert.deepStrictEqual(demos("question -> answer: int", { inputs: { question: "2 + 2?" }, answer: 4 }), [expected])
    assert.deepStrictEqual(demos("a, b -> c", { b: "1" }, {}), [
      { inputs: { b: "1" }, outputs: {} },
      { inputs: {}, outputs: {} }
    ])
    const reasoned = ChainOfThought.make("question -> answer", {
      demos: [{ question: "?", reasoning: "Hm.", answer: "!" }]
    })
    assert.deepStrictEqual(reasoned.settings.demos, [
      { inputs: { question: "?" }, outputs: { reasoning: "Hm.", answer: "!" } }
    ])
  })

  it("are apart where the signature has a field of that name", () => {
    assert.deepStrictEqual(demos("inputs -> outputs", { inputs: { inputs: "1" }, outputs: { outputs: "2" } }), [
      { inputs: { inputs: "1" }, outputs: { outputs: "2" } }
    ])
    // @ts-expect-error side by side
    const beside = () => Predict.make("inputs -> outputs", { demos: [{ inputs: "1", outputs: "2" }] })
    says(beside, /^Predict \(inputs -> outputs\): demo 1 does not fit the fields\n  inputs: expected an object/)
  })

  it("that are wrong say what is wrong", () => {
    // @ts-expect-error a misspelt field
    says(() => Predict.make("a -> b", { demos: [{ a: "1", c: "2" }] }), /c: the signature has no such field/)
    // @ts-expect-error a mistyped field
    says(() => Predict.make("a -> b", { demos: [{ a: "1", b: 2 }] }), /b: expected string/)
    says(() => demos("a -> b", "a"), /expected an object of fields/)
    says(
      () => Predict.make("a -> b", { demos: unchecked({ a: "1", b: "2" }) }),
      "Predict: `demos` is a list of examples"
    )
  })
})

describe("signatures", () => {
  it("that are none say how one is made", () => {
    const wanted = "expected a signature or its text, as in \"question -> answer\""
    says(() => Predict.make(unchecked(3)), `${wanted} (a number)`)
    says(() => Predict.make(unchecked(undefined)), `${wanted} (undefined)`)
    for (const [spec, kind] of [[foreign, "a schema of zod"], [{ question: "str" }, "an object"]] as const) {
      says(
        () => ReAct.make(unchecked(spec), { tools: [] }),
        `${wanted}: of schemas, Signature.fromSchemas makes one (${kind})`
      )
    }
  })

  it("have schemas of effect", () => {
    const made = (inputs: unknown, outputs: unknown) => () =>
      Signature.fromSchemas({ inputs: unchecked(inputs), outputs: unchecked(outputs) })
    const answer = { answer: Schema.String }
    const wanted = (name: string, kind: string) =>
      `the type of '${name}' is a schema of effect, as Schema.String is one, and not ${kind} (${name})`
    says(made({ q: foreign }, answer), wanted("q", "a schema of zod"))
    says(made({}, { a: foreign }), wanted("a", "a schema of zod"))
    says(made({ q: "string" }, answer), wanted("q", "a string"))
    says(made({ q: undefined }, answer), wanted("q", "undefined"))
    says(
      () => Signature.appendOutput(Signature.make("a -> b"), "c", unchecked(foreign)),
      wanted("c", "a schema of zod")
    )
    says(() => Tool.make("t", { success: unchecked(foreign) }, () => 1), wanted("result", "a schema of zod"))
    for (
      const [side, kind] of [[foreign, "a schema of zod"], [Schema.String, "another schema"], [undefined, "undefined"]]
    ) {
      says(made(answer, side), `outputs are fields by name, or a Schema.Struct of them, not ${String(kind)} (outputs)`)
    }
  })
})

describe("inputs", () => {
  it.effect("that are no object, or not there yet, say so", () =>
    Effect.gen(function*() {
      const failed = (input: unknown) =>
        Effect.map(message(Effect.provide(qa(unchecked(input)), ScriptedLM.layer([]))), (message) =>
          message.split("\n").slice(1).map((line) => line.trim()))
      const wanted = "expected an object with the inputs question, limit, not"
      assert.deepStrictEqual(yield* failed("question"), [`${wanted} a string`])
      assert.deepStrictEqual(yield* failed(undefined), [`${wanted} undefined`])
      assert.deepStrictEqual(yield* failed(["question"]), [`${wanted} a list`])
      assert.deepStrictEqual(yield* failed(Promise.resolve({})), [`${wanted} a promise`])
      assert.deepStrictEqual(yield* failed({ question: Promise.resolve("?"), limit: Effect.succeed(1) }), [
        "question: is a promise: give what it comes to",
        "limit: is an Effect: give what it comes to"
      ])
      // A type that takes anything would take a promise too, and tell the model `{}`.
      const any = Predict.fromSignature(Signature.fromSchemas({
        inputs: { q: Schema.Unknown },
        outputs: { a: Schema.String }
      }))
      assert.match(
        yield* message(Effect.provide(any({ q: Promise.resolve(1) }), ScriptedLM.layer([]))),
        /q: is a promise/
      )
    }))
})

describe("services that nobody provides", () => {
  const missing = (what: string, layer: string) =>
    `there is no ${what}: provide one, as in program.pipe(Effect.provide(${layer}))`
  const agent = ReAct.make("question -> answer", { tools: ToolRegistry })
  const knn = KNN.make("question -> answer", [{ question: "?", answer: "!" }])

  for (
    const [name, program, sentence] of [
      ["a predictor", qa({ question: "?", limit: 1 }), missing("language model", "OpenAI.layerConfig")],
      [
        "an agent",
        ReAct.make("question -> answer", { tools: [] })({ question: "?" }),
        missing("language model", "OpenAI.layerConfig")
      ],
      ["a registry", agent({ question: "?" }), missing("registry of tools", "ToolRegistry.layer")],
      ["an embedder", Embedder.embed(["a"]), missing("embedder", "OpenAIEmbedder.layerConfig")],
      ["examples by likeness", knn, missing("embedder", "OpenAIEmbedder.layerConfig")]
    ] as const
  ) {
    it.effect(`${name}: a sentence says which layer does`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* message(unchecked(program)), sentence)
      }))
  }
})

describe("modules", () => {
  it("are made of modules, by a function that gives a function", () => {
    says(
      () => Module.make("M", { qa: unchecked("question -> answer") }, () => () => Effect.succeed({})),
      "M: the sub-module 'qa' is none: make one, as Predict.make(\"question -> answer\") is"
    )
    says(
      () => Module.make("M", { qa }, unchecked(() => qa({ question: "?", limit: 1 }))),
      "M: what is made of the sub-modules is a function, as in ({ qa }) => (input) => qa(input)"
    )
    says(
      () => Module.make(unchecked({ qa }), unchecked(() => () => 1), unchecked(undefined)),
      "Module.make takes a name, the sub-modules by key, and a function of them, as in " +
        "Module.make(\"Ask\", { qa }, ({ qa }) => (input) => qa(input))"
    )
    says(
      () => Streaming.streamify(unchecked("question -> answer")),
      "streamify: `program` is a string: it is a program, as Predict.make(\"question -> answer\") gives one"
    )
  })

  it("are no classes", () => {
    says(() => new (unchecked(qa))({ question: "?" }), /is not a constructor$/)
    says(() => new (unchecked(Predict.make))("a -> b"), /is not a constructor$/)
  })

  it.effect("whose function gives no Effect die of a sentence", () =>
    Effect.gen(function*() {
      for (
        const [forward, sentence] of [
          [async () => ({ a: 1 }), "a value of the kind Promise and not an Effect: make one of it with Effect.promise"],
          [() => ({ a: 1 }), "a value of the kind Object and not an Effect: make one of a value with Effect.succeed"],
          [
            function*() {},
            "a value of the kind Generator and not an Effect: make one of a generator function with Effect.fnUntraced"
          ]
        ] as const
      ) {
        const module = Module.make("M", {}, () => unchecked(forward))
        assert.strictEqual(
          yield* message(module({}) as Effect.Effect<unknown>),
          `M (self): its function gave ${sentence}`
        )
      }
    }))
})
