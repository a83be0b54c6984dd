/** Few-shot by likeness: which examples are near, and who is shown them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import {
  ChainOfThought,
  Embedder,
  Image,
  LMReason,
  LMRequest,
  Module,
  Predict,
  Prediction,
  ReAct,
  Step,
  Streaming,
  Tool
} from "effect-lm"
import { KNN } from "effect-lm/optimize"
import { ScriptedEmbedder, ScriptedLM } from "effect-lm/testing"

const animals = [
  { question: "a cat", answer: "felid" },
  { question: "a lorry", answer: "vehicle" },
  { question: "a kitten", answer: "young felid" },
  { question: "a car", answer: "vehicle too" }
]

const directions = {
  "a cat": [1, 0],
  "a lorry": [0, 30],
  "a kitten": [9, 1],
  "a car": [-1, 2],
  "a tiger": [2, 0.1]
}

const qa = Predict.make("question -> answer")

const shown = (request: LMRequest.LMRequest | undefined) => {
  const asked = (request?.messages ?? []).filter(({ role }) => role === "user").map(LMRequest.textOf)
  return asked.map((text) => /question ## \]\]\n(.*)/.exec(text)?.[1])
}

describe("KNN.nearest", () => {
  it.effect("the most alike come first, however long their vectors are, and the set is embedded once", () =>
    Effect.gen(function*() {
      const embedder = yield* ScriptedEmbedder.make(directions)
      const set = yield* Effect.provide(KNN.make("question -> answer", animals), embedder.layer)
      const near = yield* KNN.nearest(set, { question: "a tiger" }, { k: 2 })
      yield* KNN.nearest(set, { question: "a tiger" })
      assert.deepStrictEqual(near.map(({ example }) => example), [animals[0]!, animals[2]!])
      assert.closeTo(near[0]!.similarity, 2 / Math.hypot(2, 0.1), 1e-6)
      assert.closeTo(near[1]!.similarity, 18.1 / (Math.hypot(2, 0.1) * Math.hypot(9, 1)), 1e-6)
      assert.deepStrictEqual(yield* embedder.requests, [
        animals.map(({ question }) => question),
        ["a tiger"],
        ["a tiger"]
      ])
    }))

  it.effect("of equally alike ones those that stand first; one without a direction is like nothing", () =>
    Effect.gen(function*() {
      const vectors = { one: [0, 0], two: [2, 2], three: [1, 1], four: [4, 4], five: [-1, -1], same: [3, 3] }
      const names = Object.keys(vectors).slice(0, 5).map((text) => ({ text }))
      const set = yield* Effect.provide(KNN.make("text -> label", names), ScriptedEmbedder.layer(vectors))
      const near = yield* KNN.nearest(set, { text: "same" }, { k: Infinity })
      assert.deepStrictEqual(
        near.map(({ example }) => example),
        [names[1], names[2], names[3], names[0], names[4]].map((example) => example!)
      )
      assert.deepStrictEqual(near.map(({ similarity }) => Math.round(similarity)), [1, 1, 1, 0, -1])
    }))

  it.effect.prop(
    "every set: what is found is what sorting all of it finds",
    {
      vectors: Schema.Array(
        Schema.Tuple([Schema.Int, Schema.Int]).check(
          Schema.makeFilter((pair) => pair.every((number) => Math.abs(number) < 1000))
        )
      ),
      query: Schema.Tuple([Schema.Int, Schema.Int]).check(
        Schema.makeFilter((pair) => pair.every((number) => Math.abs(number) < 1000))
      ),
      k: Schema.Literals([1, 2, 3, 10])
    },
    ({ k, query, vectors }) =>
      Effect.gen(function*() {
        const examples = vectors.map((_, at) => ({ text: String(at) }))
        const layer = ScriptedEmbedder.layer((text) => text === "query" ? query : vectors[Number(text)])
        const set = yield* Effect.provide(KNN.make("text -> label", examples), layer)
        const all = yield* KNN.nearest(set, { text: "query" }, { k: Infinity })
        const near = yield* KNN.nearest(set, { text: "query" }, { k })
        assert.deepStrictEqual(near, all.slice(0, k))
        assert.lengthOf(all, vectors.length)
        const places = all.map(({ example, similarity }) => ({
          at: Number("text" in example ? example.text : NaN),
          similarity
        }))
        const sorted = places.toSorted((a, b) => b.similarity - a.similarity || a.at - b.at)
        assert.deepStrictEqual(places, sorted)
      }),
    { arbitrary: { runs: 200, seed: 1 } }
  )

  it.effect("compares several inputs by their names, or some of them, and none that are content", () =>
    Effect.gen(function*() {
      const embedder = yield* ScriptedEmbedder.make()
      const spec = "photo: Image, title, tags: list[str], year?: int -> topic"
      const articles = [
        { title: "Moons", tags: ["sky", "night"], topic: "space" },
        { title: "Tides", tags: [], year: 1999, topic: "sea" }
      ]
      yield* Effect.provide(KNN.make(spec, articles), embedder.layer)
      const set = yield* Effect.provide(KNN.make(spec, articles, { fields: ["title"] }), embedder.layer)
      yield* KNN.nearest(set, { photo: Image.fromUrl("https://x.test/a.png"), title: "Seas", tags: ["wet"] })
      assert.deepStrictEqual(yield* embedder.requests, [
        ["title: Moons\ntags: [\"sky\",\"night\"]", "title: Tides\ntags: []\nyear: 1999"],
        ["Moons", "Tides"],
        ["Seas"]
      ])
    }))

  it.effect("no examples are near to nothing, and nobody is asked", () =>
    Effect.gen(function*() {
      const embedder = yield* ScriptedEmbedder.make({})
      const set = yield* Effect.provide(KNN.make("question -> answer", []), embedder.layer)
      assert.deepStrictEqual(yield* KNN.nearest(set, { question: "?" }), [])
      assert.deepStrictEqual(yield* embedder.requests, [])
    }))

  it.effect("what is no example, and what is no input, are errors that say so", () =>
    Effect.gen(function*() {
      const make = (examples: ReadonlyArray<unknown>, layer = ScriptedEmbedder.layer()) =>
        // oxlint-disable-next-line typescript/no-explicit-any -- what no compiler has checked
        KNN.make("question -> answer", examples as any).pipe(Effect.provide(layer))
      const wrong = yield* Effect.flip(make([{ question: "a", reply: "b" }]))
      assert.include(wrong.message, "reply: the signature has no such field; there are: question, answer")
      const blank = yield* Effect.flip(make([{ question: "a" }, { answer: "b" }]))
      assert.include(blank.message, "1: has none of the inputs that are compared: question")
      const down = new LMReason.Server({ description: "down" })
      assert.include(
        (yield* Effect.flip(make([{ question: "a" }], ScriptedEmbedder.layer(() => down)))).message,
        "down"
      )
      // oxlint-disable-next-line typescript/no-explicit-any -- the same
      const extra = yield* Effect.flip(KNN.nearest(yield* make([{ question: "a" }]), { query: "a" } as any))
      assert.strictEqual(extra._tag, "InputError")
    }))

  it("fields that are not there are refused where they are named", () => {
    assert.throws(
      // @ts-expect-error -- no input of this name
      () => KNN.make("question -> answer", [], { fields: ["query"] }),
      "KNN.make: there is no input 'query' to compare; there are: question"
    )
    assert.throws(
      () => KNN.make("photo: Image -> answer", []),
      /there is no input to compare; .* has none that is no content/
    )
  })

  it.effect("an embedder that has changed is an error", () =>
    Effect.gen(function*() {
      const layer = ScriptedEmbedder.layer((_, call) => call === 0 ? [1, 2] : [1, 2, 3])
      const set = yield* Effect.provide(KNN.make("question -> answer", animals), layer)
      const error = yield* Effect.flip(KNN.nearest(set, { question: "?" }))
      assert.include(error.message, "the vector has 3 numbers, and those of the examples have 2")
    }))
})

const setOf = (examples = animals) =>
  Effect.gen(function*() {
    const embedder = yield* ScriptedEmbedder.make(directions)
    const set = yield* Effect.provide(KNN.make("question -> answer", examples), embedder.layer)
    return { embedder, set }
  })

const tiger = { question: "a tiger" }

describe("KNN.fewShot", () => {
  it.effect("shows each call the examples that are near to its inputs, after the predictor's own demos", () =>
    Effect.gen(function*() {
      const { set } = yield* setOf()
      const lm = yield* ScriptedLM.make(() => ScriptedLM.chat({ answer: "felid" }))
      const own = Predict.withDemos(qa, [{ question: "a stone", answer: "mineral" }])
      const tuned = KNN.fewShot(own, set, { k: 2 })
      yield* Effect.all([tuned(tiger), tuned({ question: "a car" })]).pipe(Effect.provide(lm.layer))
      const [first, second] = yield* lm.requests
      assert.deepStrictEqual(shown(first), ["a stone", "a cat", "a kitten", "a tiger"])
      assert.deepStrictEqual(shown(second), ["a stone", "a car", "a lorry", "a car"])
      assert.deepStrictEqual(shown(yield* Predict.prepare(tuned, tiger)), shown(first))
    }))

  it.effect("is the same program otherwise: types, paths, streams, changes and saved state", () =>
    Effect.gen(function*() {
      const { set } = yield* setOf()
      const lm = yield* ScriptedLM.make(() => ScriptedLM.chat({ reasoning: "It purrs.", answer: "felid" }))
      const tuned: typeof cot = ChainOfThought.make("question -> answer").pipe(KNN.fewShot(set, { k: 1 }))
      const terse = Predict.withInstructions(tuned, "Be terse.")
      const events = yield* Streaming.streamify(terse)(tiger).pipe(Stream.runCollect, Effect.provide(lm.layer))
      const chunks = events.map((event) => event._tag === "StreamResponse" ? event.chunk : "")
      assert.strictEqual(chunks.join(""), "It purrs.felid")
      assert.deepStrictEqual(shown((yield* lm.requests)[0]), ["a cat", "a tiger"])
      assert.deepStrictEqual(yield* Module.save(tuned), yield* Module.save(cot))
    }))

  it.effect("by path, each predictor by its own inputs", () =>
    Effect.gen(function*() {
      const { set } = yield* setOf()
      const program = Module.make(
        "P",
        { a: qa, b: Predict.make("answer -> topic") },
        ({ a, b }) => (input: { readonly question: string }) => Effect.flatMap(a(input), b)
      )
      const topics = yield* KNN.make("answer -> topic", [{ answer: "felid", topic: "zoology" }, {
        answer: "x",
        topic: "y"
      }])
        .pipe(Effect.provide(ScriptedEmbedder.layer()))
      const lm = yield* ScriptedLM.make([ScriptedLM.chat({ answer: "felid" }), ScriptedLM.chat({ topic: "zoology" })])
      const tuned = KNN.fewShot(program, { a: set, b: topics }, { k: 1 })
      yield* Effect.provide(tuned(tiger), lm.layer)
      const [first, second] = yield* lm.requests
      assert.deepStrictEqual(shown(first), ["a cat", "a tiger"])
      assert.include(LMRequest.textOf(second!.messages[2]!), "zoology")
      assert.notInclude(JSON.stringify(second), "\\ny")
      assert.throws(
        () => KNN.fewShot(program, set),
        "KNN.fewShot: P has no predictor 'self'; give examples by path, as in { a: examples }. There are: a, b"
      )
      // @ts-expect-error -- no predictor is there
      assert.throws(() => KNN.fewShot(program, { c: set }), /has no predictor 'c'/)
      assert.throws(
        () => KNN.fewShot(program, { b: set }),
        /has no input 'question', by which the examples are compared/
      )
    }))

  it.effect("examples that the predictor does not take are refused where they are given", () =>
    Effect.gen(function*() {
      const { set } = yield* setOf()
      assert.throws(
        () => KNN.fewShot(Predict.make("question -> reply"), set),
        /answer: the signature has no such field/
      )
    }))

  it.effect("an agent chooses once for its inputs, and every turn sends what was sent before", () =>
    Effect.gen(function*() {
      const { embedder, set } = yield* setOf()
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([{ name: "look", arguments: {} }]),
        ScriptedLM.toolCalls([{ name: "look", arguments: {} }]),
        ScriptedLM.text("Enough."),
        ScriptedLM.chat({ reasoning: "It purrs.", answer: "felid" })
      ])
      const agent = ReAct.make("question -> answer", { tools: [Tool.make("look", {}, () => "stripes")] })
      const { answer } = yield* KNN.fewShot(agent, { extract: set }, { k: 1 })(tiger).pipe(Effect.provide(lm.layer))
      assert.strictEqual(answer, "felid")
      assert.lengthOf(yield* embedder.requests, 2)
      const requests = yield* lm.requests
      assert.include(JSON.stringify(requests.at(-1)), "felid")
      for (const [at, { messages }] of requests.slice(1).entries()) {
        assert.deepStrictEqual(messages.slice(0, requests[at]!.messages.length), requests[at]!.messages)
      }
    }))

  it.effect("what the embedder uses is part of the call's usage, and a step of the run", () =>
    Effect.gen(function*() {
      const { set } = yield* setOf()
      const steps: Array<readonly [string, string, unknown]> = []
      const note: Step.Perform = (step, self) => {
        steps.push([step.place.path, step.name, step._tag === "Other" ? step.asked : step._tag])
        return self
      }
      const lm = ScriptedLM.layer([ScriptedLM.chat({ answer: "felid" }, { usage: { inputTokens: 10 } })])
      const program = Module.make("P", { a: KNN.fewShot(qa, set) }, ({ a }) => (input: typeof tiger) => a(input))
      const prediction = yield* program(tiger).pipe(Effect.provide(lm), Effect.provideService(Step.Performer, note))
      assert.deepInclude(Prediction.usage(prediction), { inputTokens: 12, calls: 2 })
      assert.deepStrictEqual(steps, [["a", "scripted/embedder", ["a tiger"]], ["a", "scripted/test", "LM"]])
    }))

  it.effect("an embedder that fails is the error of the call, and nothing is asked of the model", () =>
    Effect.gen(function*() {
      const down = new LMReason.Server({ description: "down" })
      const set = yield* Effect.provide(
        KNN.make("question -> answer", animals),
        ScriptedEmbedder.layer((text) => text === "a tiger" ? down : [1])
      )
      const lm = yield* ScriptedLM.make([])
      const program = Module.make("P", { a: KNN.fewShot(qa, set) }, ({ a }) => (input: typeof tiger) => a(input))
      const error = yield* Effect.flip(Effect.provide(program(tiger), lm.layer))
      assert.strictEqual(error._tag, "LMError")
      assert.deepInclude({ ...error }, { predictor: "a", reason: down })
      assert.lengthOf(yield* lm.requests, 0)
    }))
})

const cot = ChainOfThought.make("question -> answer")

describe("Predict.withDemosFor", () => {
  it.effect("asks who chooses in each call; what is no demo is an error of the call", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(() => ScriptedLM.chat({ answer: "x" }))
      const tuned = Predict.withDemosFor(qa, ({ question }) =>
        Effect.succeed([{ question: `${question}?`, answer: "y" }]))
      yield* Effect.provide(tuned({ question: "a" }), lm.layer)
      assert.deepStrictEqual(shown((yield* lm.requests)[0]), ["a?", "a"])
      // oxlint-disable-next-line typescript/no-explicit-any -- what no compiler has checked
      const wrong = Predict.withDemosFor(qa, () =>
        Effect.succeed([{ reply: "y" } as any]))
      const error = yield* Effect.flip(Effect.provide(wrong({ question: "a" }), lm.layer))
      assert.strictEqual(error._tag, "InputError")
    }))

  it("takes predictors of its embedder alone", () => {
    assert.isTrue(KNN.isKNN(Effect.runSync(Effect.provide(
      KNN.make("a -> b", []),
      Embedder.layer({
        model: "m",
        embed: () => Effect.succeed({ vectors: [] })
      })
    ))))
    assert.isFalse(KNN.isKNN({}))
  })
})
