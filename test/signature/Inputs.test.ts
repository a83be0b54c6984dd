/** The inputs of a call: all that is wrong with them, their defaults, and their JSON. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { type Field, Signature } from "effect-lm/signature"

const issues = (result: Result.Result<unknown, ReadonlyArray<Field.FieldIssue>>): ReadonlyArray<string> =>
  Result.getOrThrow(Result.flip(result)).map(({ message, path }) => `${path.join(".")} ${message}`.trim())

const qa = Signature.make("question, context: list[str], top?: int -> answer")

const typed = Signature.fromSchemas({
  inputs: {
    when: Schema.DateFromString,
    limit: Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.withConstructorDefault(Effect.succeed(10))),
    who: Schema.Struct({
      name: Schema.String,
      role: Schema.String.pipe(Schema.withConstructorDefault(Effect.succeed("reader")))
    }),
    note: Schema.NullOr(Schema.String)
  },
  outputs: { answer: Schema.String }
})

const day = new Date("2026-01-02T00:00:00.000Z")

describe("decodeInputs", () => {
  it("gives the inputs in the signature's order, and no others", () => {
    const result = Result.getOrThrow(Signature.decodeInputs(qa, { context: ["a"], question: "b" }))
    assert.deepStrictEqual(Object.entries(result), [["question", "b"], ["context", ["a"]]])
    assert.deepStrictEqual(
      Signature.decodeInputs(qa, { question: "b", context: [], top: 3 }),
      Result.succeed({ question: "b", context: [], top: 3 })
    )
  })

  it("names every missing, extra and mistyped input", () => {
    assert.deepStrictEqual(issues(Signature.decodeInputs(qa, { qestion: "a", context: ["a", 1], top: "3", more: 0 })), [
      "question is missing",
      "context.1 expected string",
      "top expected number",
      "qestion is not an input; there are: question, context, top",
      "more is not an input; there are: question, context, top"
    ])
    assert.deepStrictEqual(issues(Signature.decodeInputs(Signature.make("-> a"), { b: 1 })), [
      "b is not an input: there are none"
    ])
    for (
      const [value, kind] of [
        [undefined, "undefined"],
        [null, "null"],
        ["question", "a string"],
        [1, "a number"],
        [["question"], "a list"],
        [new Map([["question", "a"]]), "a Map; write Object.fromEntries(...) to make one of it"],
        [new Date(0), "a Date"]
      ] as const
    ) {
      assert.deepStrictEqual(issues(Signature.decodeInputs(qa, value)), [
        `expected an object with the inputs question, context, top, not ${kind}`
      ])
    }
  })

  it("takes nothing as an object by names that has its content elsewhere, wherever it is", () => {
    const deep = Signature.make("a: dict[str, int], b: list[dict[str, int]], c: Any -> answer")
    const map = new Map([["x", 1]])
    assert.deepStrictEqual(issues(Signature.decodeInputs(deep, { a: map, b: [{ x: 1 }, map], c: map })), [
      "a is a Map and no object; write Object.fromEntries(...) to make one of it",
      "b.1 is a Map and no object; write Object.fromEntries(...) to make one of it",
      "c expected JSON value"
    ])
    for (const value of [new Headers({ x: "1" }), new URLSearchParams("x=1"), new FormData()]) {
      assert.match(
        issues(Signature.decodeInputs(deep, { a: value, b: [], c: 1 }))[0]!,
        /^a is a \w+ and no object; write/
      )
    }
    for (const value of [new Set([1]), new Date(0), new Error("x")]) {
      assert.match(issues(Signature.decodeInputs(deep, { a: value, b: [], c: 1 }))[0]!, /^a is an? \w+ and no object$/)
    }
    assert.throws(
      () => Signature.encodeInputs(deep, { a: map }),
      /: a is a Map and no object; write Object.fromEntries/
    )
  })

  it("takes instances of classes, and whatever a schema says that it takes", () => {
    class Point {
      readonly x = 1
    }
    const signature = Signature.fromSchemas({
      inputs: {
        point: Schema.Struct({ x: Schema.Int }),
        points: Schema.ReadonlyMap(Schema.String, Schema.Int),
        link: Schema.Struct({ href: Schema.String }),
        error: Schema.Struct({ message: Schema.String })
      },
      outputs: { answer: Schema.String }
    })
    const inputs = {
      point: new Point(),
      points: new Map([["x", 1]]),
      link: new URL("http://a/"),
      error: new Error("no")
    }
    const read = Result.getOrThrow(Signature.decodeInputs(signature, inputs))
    assert.deepStrictEqual(read, { ...inputs, point: { x: 1 }, link: { href: "http://a/" }, error: { message: "no" } })
  })

  it("takes a key without a value as left out", () => {
    assert.deepStrictEqual(
      Signature.decodeInputs(qa, { question: "a", context: [], top: undefined }),
      Result.succeed({ question: "a", context: [] })
    )
    assert.deepStrictEqual(issues(Signature.decodeInputs(qa, { question: undefined, context: [] })), [
      "question is missing"
    ])
  })

  it("takes values of the types' side, and fills in defaults, also inside", () => {
    assert.deepStrictEqual(
      Signature.decodeInputs(typed, { when: day, who: { name: "Ada" }, note: null }),
      Result.succeed({ when: day, limit: 10, who: { name: "Ada", role: "reader" }, note: null })
    )
    assert.deepStrictEqual(issues(Signature.decodeInputs(typed, { when: "2026-01-02", limit: 0, who: {}, note: 1 })), [
      "when expected a valid Date",
      "limit expected a value greater than 0",
      "who.name is missing",
      "note expected string | null"
    ])
  })

  it("no name reaches a prototype", () => {
    const inputs: unknown = JSON.parse(
      "{\"question\":\"a\",\"context\":[],\"__proto__\":{\"polluted\":1},\"toString\":1}"
    )
    assert.deepStrictEqual(issues(Signature.decodeInputs(qa, inputs)), [
      "__proto__ is not an input; there are: question, context, top",
      "toString is not an input; there are: question, context, top"
    ])
    const inherited = Object.create({ question: "a" })
    assert.deepStrictEqual(issues(Signature.decodeInputs(qa, inherited)), ["question is missing", "context is missing"])
  })
})

describe("encodeInputs and decodeJsonInputs", () => {
  it("go to JSON and back", () => {
    const inputs = Result.getOrThrow(
      Signature.decodeInputs(typed, { when: day, who: { name: "Ada" }, note: "n", limit: 3 })
    )
    const json = Signature.encodeInputs(typed, inputs)
    assert.deepStrictEqual(Object.entries(json), [
      ["when", "2026-01-02T00:00:00.000Z"],
      ["limit", 3],
      ["who", { name: "Ada", role: "reader" }],
      ["note", "n"]
    ])
    assert.deepStrictEqual(Signature.decodeJsonInputs(typed, json), Result.succeed(inputs))
  })

  it("JSON has values of the encoded side; null may be left out", () => {
    assert.deepStrictEqual(
      Signature.decodeJsonInputs(typed, { when: "2026-01-02", who: { name: "Ada", role: "author" } }),
      Result.succeed({ when: day, limit: 10, who: { name: "Ada", role: "author" }, note: null })
    )
    assert.deepStrictEqual(issues(Signature.decodeJsonInputs(typed, { when: day, limit: 1.5, more: 1 })), [
      "when expected string",
      "limit expected an integer",
      "who is missing",
      "more is not an input; there are: when, limit, who, note"
    ])
  })

  it("what was left out stays out", () => {
    assert.deepStrictEqual(Signature.encodeInputs(qa, { question: "a", context: [] }), { question: "a", context: [] })
  })

  it("a value that cannot be encoded is a defect that names the field", () => {
    assert.throws(
      () => Signature.encodeInputs(typed, { when: "never" }),
      /cannot encode the inputs.*when expected a valid Date/
    )
  })
})
