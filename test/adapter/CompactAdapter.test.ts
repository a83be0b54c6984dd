import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { CompactAdapter, Field, JSONAdapter, LMRequest, Predict, Signature } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

class Part extends Schema.Class<Part>("Part")({
  name: Schema.String,
  parts: Schema.Array(Schema.suspend((): Schema.Codec<Part, unknown> => Part as never))
}) {}

const Person = Schema.Struct({
  name: Schema.String.annotateKey({ description: "first and\n  last name" }),
  age: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 150 }))),
  mood: Schema.Literals(["glad", "sad"]),
  born: Schema.Date,
  marks: Schema.Record(Schema.String, Schema.Int),
  pair: Schema.Tuple([Schema.String, Schema.Boolean]),
  job: Schema.Union([Schema.Null, Schema.Struct({ title: Schema.String })])
})

const signature = Signature.fromSchemas({
  inputs: { text: Schema.String },
  outputs: { people: Schema.Array(Person).check(Schema.isMaxLength(3)), tree: Part, score: Schema.Int }
})

const systemOf = (layer: typeof CompactAdapter.layer, of: Signature.Any = signature) =>
  Effect.map(
    Effect.provide(Predict.prepare(Predict.fromSignature(of), { text: "t" }), layer),
    ({ messages }) => LMRequest.textOf(messages[0]!)
  )

describe("CompactAdapter", () => {
  it.effect("tells the shape of the outputs in a short spelling", () =>
    Effect.gen(function*() {
      assert.include(
        yield* systemOf(CompactAdapter.layer),
        `You produce:
- people (as below)
  It has to be: at most 3 items.
- tree (as below)
- score (integer)

Reply with one JSON object and nothing else. Its keys, in this order, and the types of their values:

{
  "people": [{
    "name": string, // first and last name
    "age": int, // may be left out; 0 or more; 150 or less
    "mood": "glad" or "sad",
    "born": string, // date-time
    "marks": {
      any key: int
    },
    "pair": [string, boolean],
    "job": null or {
      "title": string
    }
  }, ...],
  "tree": {
    "name": string,
    "parts": [PartEncoded, ...]
  },
  "score": int
}

PartEncoded: {
  "name": string,
  "parts": [PartEncoded, ...]
}
`
      )
    }))

  it.effect("is shorter than the JSON adapter, and asks the provider for the same", () =>
    Effect.gen(function*() {
      assert.isBelow((yield* systemOf(CompactAdapter.layer)).length, (yield* systemOf(JSONAdapter.layer)).length / 2)
      const formatOf = (layer: typeof CompactAdapter.layer) =>
        Effect.map(
          Effect.provide(Predict.prepare(Predict.fromSignature(signature), { text: "t" }), layer),
          ({ responseFormat }) => responseFormat
        )
      assert.deepStrictEqual(yield* formatOf(CompactAdapter.layer), yield* formatOf(JSONAdapter.layer))
    }))

  it.effect("inputs are told as ever", () =>
    Effect.gen(function*() {
      const asks = Signature.fromSchemas({ inputs: { who: Person }, outputs: { answer: Schema.String } })
      const given = { name: "A", mood: "sad", born: new Date(0), marks: {}, pair: ["a", true], job: null } as const
      const told = (layer: typeof CompactAdapter.layer) =>
        Effect.map(
          Effect.provide(Predict.prepare(Predict.fromSignature(asks), { who: given }), layer),
          ({ messages }) => LMRequest.textOf(messages[0]!).split("You produce:")[0]
        )
      assert.strictEqual(yield* told(CompactAdapter.layer), yield* told(JSONAdapter.layer))
    }))

  it.effect("reads its replies", () =>
    Effect.gen(function*() {
      const reply = ScriptedLM.json({ people: [], tree: { name: "a", parts: [] }, score: 3 }, { tokens: true })
      const { score, tree } = yield* Predict.fromSignature(signature)({ text: "t" }).pipe(
        Effect.provide([CompactAdapter.layer, ScriptedLM.layer([reply])])
      )
      assert.strictEqual(score, 3)
      assert.strictEqual(tree.name, "a")
    }))

  it("types of one name that are not the same have two", () => {
    const Node = (value: Schema.Top) => {
      const Inner: Schema.Codec<unknown> = Schema.Struct({
        value,
        next: Schema.NullOr(Schema.suspend(() => Inner))
      }).annotate({ identifier: "Node" }) as never
      return Inner
    }
    const told = CompactAdapter.make().form!.reply([
      Field.make("a", Schema.Array(Node(Schema.String))),
      Field.make("b", Schema.Array(Node(Schema.Int)))
    ])!
    assert.include(told, `"a": [Node, ...]`)
    assert.include(told, `"b": [b_Node, ...]`)
    assert.match(told, /Node: \{\n {2}"value": string,/)
    assert.match(told, /b_Node: \{\n {2}"value": int,/)
  })

  it("what else a schema may say", () => {
    const spelled = (schema: Field.FieldSchema) => {
      const system = CompactAdapter.make().form!.reply([Field.make("x", schema)])!
      return system.slice(system.indexOf("{"))
    }
    assert.strictEqual(
      spelled(Schema.Array(Schema.String.check(Schema.isMaxLength(9)))),
      `{\n  "x": [string, ...] (each: 9 or fewer characters)\n}`
    )
    assert.strictEqual(spelled(Schema.Json), `{\n  "x": any JSON\n}`)
    assert.strictEqual(
      spelled(Schema.Array(Schema.Struct({ n: Schema.Finite.check(Schema.isGreaterThan(0)) }))),
      `{\n  "x": [{\n    "n": number // more than 0\n  }, ...]\n}`
    )
  })
})
