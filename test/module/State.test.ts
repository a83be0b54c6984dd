/** The state of programs: saved, written, read and loaded again, and what does not fit. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import {
  ChainOfThought,
  History,
  Module,
  Predict,
  ReAct,
  Session,
  Signature,
  State,
  StateError,
  type StateReason,
  Tool
} from "effect-lm"

const research = Module.make("Research", {
  analyze: ChainOfThought.make("question -> key_points: list[str]"),
  synthesize: Predict.make("question, key_points: list[str] -> answer, points: int")
}, ({ analyze, synthesize }) =>
  Effect.fnUntraced(function*(input: { readonly question: string }) {
    const { key_points } = yield* analyze(input)
    return yield* synthesize({ ...input, key_points })
  }))

/** What an optimizer makes of it. */
const tuned = Module.mapPredictors(research, (predict, path) =>
  path === "analyze"
    ? Predict.withInstructions(predict, "List what is known.")
    : Predict.withConfig(
      Predict.withDemos(predict, [{ question: "Why?", points: 3 }] as ReadonlyArray<object> as never),
      { temperature: 0, stop: ["."], providerOptions: { openrouter: { body: { seed: [1, { a: null }] } } } }
    ))

const state: State.State = {
  version: 1,
  predictors: {
    analyze: {
      signature: "question -> reasoning, key_points: Array<string>",
      instructions: "List what is known.",
      descriptions: { reasoning: "thoughts that lead to the answer" },
      demos: [],
      config: {}
    },
    synthesize: {
      signature: "question, key_points: Array<string> -> answer, points: integer",
      instructions: "Given `question` and `key_points`, produce `answer` and `points`.",
      demos: [{ inputs: { question: "Why?" }, outputs: { points: 3 } }],
      config: { temperature: 0, stop: ["."], providerOptions: { openrouter: { body: { seed: [1, { a: null }] } } } }
    }
  }
}

const predictorsOf = (program: Module.Any) => {
  const found = new Map<string, Predict.Any>()
  Module.mapPredictors(program, (predict, path) => {
    found.set(path, predict)
    return predict
  })
  return found
}

/** Fails to load, and says why; the program is what it was. */
const refused = Effect.fnUntraced(function*(program: Module.Any, given: unknown, options?: Module.LoadOptions) {
  const before = yield* Module.save(program)
  const error = yield* Effect.flip(Module.load(program, given, options))
  assert.instanceOf(error, StateError)
  assert.strictEqual(error.message, `the state of ${program.name}: ${error.reason.description}`)
  assert.deepStrictEqual(yield* Module.save(program), before)
  return error
})

/** The state with another value at a path. */
const changed = (path: ReadonlyArray<string | number>, value: unknown): object => {
  const copy = structuredClone(state)
  const inner = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], copy)
  Object.defineProperty(inner, path.at(-1)!, { value, enumerable: true, configurable: true })
  return copy
}

describe("Module.save and Module.load", () => {
  it.effect("a state is readable JSON with a version", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Module.save(tuned), state)
      assert.deepStrictEqual(Schema.decodeUnknownSync(State.State)(JSON.parse(JSON.stringify(state))), state)
      assert.strictEqual(State.version, 1)
    }))

  it.effect("instructions, demos and settings are those of the state, all else is the program's", () =>
    Effect.gen(function*() {
      const untouched = yield* Module.save(research)
      for (const given of [state, JSON.stringify(state, null, 2)]) {
        const loaded = yield* Module.load(research, given)
        assert.deepStrictEqual(yield* Module.save(loaded), state)
        const asked = { question: "?", key_points: ["a"] }
        const [own, other] = [tuned, loaded].map((program) => predictorsOf(program).get("synthesize")!)
        assert.deepStrictEqual(yield* Predict.prepare(other!, asked), yield* Predict.prepare(own!, asked))
        assert.strictEqual(other!.settings.name, "Predict")
      }
      // A state is the whole of what it says: what the program had before is not in it.
      assert.deepStrictEqual(yield* Module.save(yield* Module.load(tuned, untouched)), untouched)
      assert.deepStrictEqual(yield* Module.save(research), untouched)
    }))

  it.effect("data last, and of a program whose type stays", () =>
    Effect.gen(function*() {
      const loaded: typeof research = yield* research.pipe(Module.load(state, { maxLength: 10_000 }))
      assert.deepStrictEqual(Object.keys(loaded.signatures), ["analyze", "synthesize"])
      const qa = yield* Module.load(Predict.make("question -> answer", { maxRepairs: 3, name: "QA" }), {
        version: 1,
        predictors: { self: { signature: "question -> answer", instructions: "Be brief.", demos: [], config: {} } }
      })
      assert.strictEqual(qa.signature.instructions, "Be brief.")
      assert.deepStrictEqual([qa.settings.maxRepairs, qa.settings.name], [3, "QA"])
    }))

  it.effect("a file may begin with a byte order mark, as some editors write one", () =>
    Effect.gen(function*() {
      const loaded = yield* Module.load(research, `\uFEFF${JSON.stringify(state)}`)
      assert.deepStrictEqual(yield* Module.save(loaded), state)
    }))

  it.effect("descriptions of fields come with it", () =>
    Effect.gen(function*() {
      const plain = Predict.make("question -> answer")
      const described = Predict.make(
        Signature.make("question -> answer", { descriptions: { answer: "one word" } })
      )
      const saved = yield* Module.save(described)
      const loaded = yield* Module.load(plain, saved)
      assert.isTrue(Signature.equals(loaded.signature, described.signature))
      assert.deepStrictEqual(yield* Module.save(loaded), saved)
    }))

  it.effect("a session goes on with what was said", () =>
    Effect.gen(function*() {
      const chat = Predict.make("question, history: History -> answer")
      const session = yield* Session.make(chat, { history: History.make([{ question: "a", answer: "b" }]) })
      const saved = yield* Module.save(Predict.withInstructions(chat, "Be kind."))
      const loaded = yield* Module.load(session, saved)
      assert.strictEqual((yield* loaded.history).messages.length, 1)
      assert.deepStrictEqual(yield* Module.save(loaded), saved)
    }))

  it.effect("demos of fields that a predictor has no more are not saved", () =>
    Effect.gen(function*() {
      const qa = Predict.make("question, context -> answer", { demos: [{ question: "q", context: "c", answer: "a" }] })
      const { predictors } = yield* Module.save(Predict.withSignature(qa, Signature.make("question -> answer")))
      assert.deepStrictEqual(predictors["self"]!.demos, [{ inputs: { question: "q" }, outputs: { answer: "a" } }])
    }))
})

describe("what is not saved", () => {
  const qa = Predict.make("question -> answer", { demos: [{ question: "q", answer: "many" }] })
  const circle: { self?: unknown } = {}
  circle.self = circle
  const sent = (body: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, string>> = {}) =>
    Predict.withConfig(qa, { providerOptions: { groq: { body, headers } } })

  for (
    const [what, program, said] of [
      [
        "a secret",
        sent({ key: Redacted.make("sk-1234567") }),
        "predictors.self.config.providerOptions.groq.body.key: is a Redacted, and a file has no secrets: give it to the"
      ],
      ["a header with a key", sent({}, { Authorization: "Bearer sk-1234567" }), "Authorization: would be a secret"],
      ["a date", sent({ list: [new Date(0)] }), "body.list.0: is a Date, and JSON has no such value"],
      [
        "what holds itself",
        sent(circle),
        "predictors.self.config: is nested more than 500 levels deep, or holds itself"
      ],
      ["a number that JSON does not have", sent({ n: Infinity }), "body.n: is Infinity, and JSON has no such value"],
      [
        "a demo of another type than its field has now",
        Predict.withSignature(qa, Signature.make("question -> answer: int")),
        "demos.0.outputs.answer: expected number"
      ]
    ] as const
  ) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Module.save(program))
        assert.strictEqual(error.reason._tag, "Invalid")
        assert.include(error.message, said)
        assert.notInclude(JSON.stringify(error), "sk-1234567")
      }))
  }
})

describe("a state that does not fit is an error that says what to do", () => {
  type Tag = StateReason.Reason["_tag"]
  const { analyze, synthesize } = state.predictors
  const rows: ReadonlyArray<readonly [what: string, given: unknown, tag: Tag, ...said: ReadonlyArray<string>]> = [
    ["an unknown path", changed(["predictors", "extra"], analyze), "UnknownPath", "\"extra\"", "\"synthesize\""],
    ["a missing path", { version: 1, predictors: { analyze } }, "MissingPath", "\"synthesize\"", "\"analyze\""],
    ["a state of no predictor", { version: 1, predictors: {} }, "MissingPath", "it has no predictor: load it"],
    [
      "other fields",
      changed(["predictors", "analyze", "signature"], "question -> key_points: Array<string>"),
      "OtherSignature",
      "question -> key_points: Array<string>",
      "question -> reasoning, key_points: Array<string>"
    ],
    [
      "another type",
      changed(["predictors", "synthesize"], {
        ...synthesize,
        signature: synthesize!.signature.replace("integer", "number")
      }),
      "OtherSignature"
    ],
    ["a newer version", { ...state, version: 2, more: {} }, "NewerVersion", "version 2", "update effect-lm"],
    ["no version", { predictors: {} }, "Malformed", "it has no version", "Module.save"],
    ["a version that never was", { ...state, version: 0 }, "Invalid", "version: "],
    ["a list", [], "Malformed", "it is a list"],
    ["nothing", undefined, "Malformed", "it is undefined"],
    ["a function", () => state, "Malformed", "it is a function, which is no JSON: give what Module.save gave"],
    ["a promise", Promise.resolve(state), "Malformed", "it is a promise"],
    ["bytes", new TextEncoder().encode(JSON.stringify(state)), "Malformed", "it is a Uint8Array"],
    ["a text that is no JSON", "\u0080\u0004pickle", "Malformed", "it is not JSON"],
    [
      "a demo of another type",
      changed(["predictors", "synthesize", "demos", 0, "outputs", "points"], "three"),
      "Invalid",
      "predictors.synthesize.demos.0.outputs.points: expected number"
    ],
    [
      "a demo with a field that is none",
      changed(["predictors", "synthesize", "demos", 0, "outputs", "question"], "?"),
      "Invalid",
      "demos.0.outputs.question: is no field; there are: answer, points"
    ],
    ["a demo that is no object", changed(["predictors", "analyze", "demos"], [3]), "Invalid", "analyze.demos.0: "],
    ["a setting that is none", changed(["predictors", "analyze", "config", "heat"], 1), "Invalid", "config.heat: "],
    [
      "a setting that nothing means",
      changed(["predictors", "analyze", "config", "temperature"], -1),
      "Invalid",
      "config: `temperature` is -1"
    ],
    ["no instructions", changed(["predictors", "analyze", "instructions"], 3), "Invalid", "analyze.instructions: "],
    [
      "a description of a field that is none",
      changed(["predictors", "analyze", "descriptions"], { other: "?" }),
      "Invalid",
      "descriptions.other: is no field"
    ]
  ]
  for (const [what, given, tag, ...said] of rows) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const error = yield* refused(tuned, given)
        assert.strictEqual(error.reason._tag, tag)
        for (const words of said) assert.include(error.message, words)
      }))
  }

  it.effect("several faults of demos are told at once, and not all of very many", () =>
    Effect.gen(function*() {
      const demos = Array.from({ length: 100 }, () => ({ inputs: {}, outputs: { points: "many" } }))
      const { reason } = yield* refused(tuned, changed(["predictors", "synthesize", "demos"], demos))
      assert.strictEqual(reason._tag === "Invalid" ? reason.issues.length : 0, 20)
      assert.isBelow(reason.description.split("\n").length, 25)
      assert.include(reason.description, "and more")
    }))
})

describe("a hostile state", () => {
  const text = JSON.stringify(state)
  const at = (name: string) => text.replace(`"${name}":`, "\"__proto__\":")
  const rows: ReadonlyArray<readonly [what: string, given: unknown, said: string]> = [
    ["__proto__ among the predictors", at("analyze"), "__proto__"],
    ["__proto__ of a predictor", at("config"), "__proto__"],
    ["__proto__ at the top", at("version"), "__proto__"],
    ["__proto__ in a demo", at("question"), "__proto__"],
    ["__proto__ in settings", at("openrouter"), "__proto__"],
    ["__proto__ as a value", changed(["__proto__"], { version: 1 }), "__proto__"],
    ["10 MB", `${text.slice(0, -1)},"more":"${"x".repeat(10_000_000)}"}`, "and may have 10000000"],
    ["10 MB as a value", { ...state, more: "x".repeat(10_000_000) }, "and may have 10000000"],
    ["1,000 levels", text.replace("\"Why?\"", `${"[".repeat(1000)}${"]".repeat(1000)}`), "500 levels"],
    ["a million levels", "{\"a\":".repeat(1_000_000), "it is not JSON"],
    ["a million levels, closed", `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`, "500 levels"],
    ["millions of faults", text.replace("\"demos\":[]", `"demos":[${"0,".repeat(4_000_000)}0]`), "demos.0: "],
    [
      "millions of faults in one value",
      text.replace(
        "\"demos\":[]",
        `"demos":[{"inputs":{},"outputs":{"key_points":[${"0,".repeat(4_000_000)}0]}}]`
      ),
      "demos.0.outputs.key_points.0: expected string"
    ],
    ["a long name", { ...state, predictors: { ["x".repeat(1_000_000)]: state.predictors["analyze"] } }, "xxx\"..."]
  ]
  for (const [what, given, said] of rows) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const { message } = yield* refused(tuned, given)
        assert.include(message, said)
        assert.isBelow(message.length, 1000)
        assert.strictEqual(Object.getPrototypeOf({}), Object.prototype)
        assert.deepStrictEqual(Object.keys(Object.prototype), [])
      }))
  }

  it.effect("names of what every object has are names like others", () =>
    Effect.gen(function*() {
      for (const name of ["constructor", "toString", "hasOwnProperty", "valueOf"]) {
        const { reason } = yield* refused(tuned, changed(["predictors", name], state.predictors["analyze"]))
        assert.deepInclude(reason, { _tag: "UnknownPath", path: name })
        const inDemo = changed(["predictors", "synthesize", "demos", 0, "inputs", name], "?")
        assert.strictEqual((yield* refused(tuned, inDemo)).reason._tag, "Invalid")
      }
    }))

  it.effect("an object that holds itself, and one that throws", () =>
    Effect.gen(function*() {
      const circle: { self?: unknown } = {}
      circle.self = circle
      const throws = Object.defineProperty({}, "version", {
        enumerable: true,
        get: () => {
          throw new Error("no")
        }
      })
      for (const given of [circle, throws]) assert.strictEqual((yield* refused(tuned, given)).reason._tag, "Malformed")
    }))

  it.effect("`maxLength` is another limit, for states with pictures in them", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* refused(tuned, text, { maxLength: 100 })).reason._tag, "TooLarge")
      yield* Module.load(tuned, text, { maxLength: text.length })
      const qa = Predict.withInstructions(Predict.make("question -> answer"), "x".repeat(10_000_000))
      const saved = yield* Module.save(qa)
      assert.strictEqual((yield* refused(qa, saved)).reason._tag, "TooLarge")
      yield* Module.load(qa, saved, { maxLength: Infinity })
    }))
})

describe("an agent", () => {
  it.effect("has its predictors, and those of tools that are programs", () =>
    Effect.gen(function*() {
      const agent = ReAct.make("question -> answer", { tools: [Tool.make("now", {}, () => "noon")] })
      assert.deepStrictEqual(Object.keys((yield* Module.save(agent)).predictors), ["react", "extract"])
    }))
})
