/** What is derived of a field's schema. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Result, Schema } from "effect"
import { Field } from "effect-lm/signature"
import * as Random from "../support/random.ts"
import * as Meanings from "../types/support/meanings.ts"
import * as Specs from "../types/support/specs.ts"

interface Tree {
  readonly value: string
  readonly children: ReadonlyArray<Tree>
}

const Tree: Schema.Codec<Tree> = Schema.Struct({
  value: Schema.String,
  children: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
}).annotate({ identifier: "Tree" })

class Person extends Schema.Class<Person>("Person")({ name: Schema.String, age: Schema.optionalKey(Schema.Int) }) {}

const even = (n: number) => n % 2 === 0
const make = (schema: Field.FieldSchema) => Field.make("x", schema)

const issues = (result: Result.Result<unknown, ReadonlyArray<Field.FieldIssue>>): ReadonlyArray<string> =>
  Result.match(result, {
    onSuccess: () => [],
    onFailure: (issues) => issues.map(({ message, path }) => `${path.join(".")} ${message}`)
  })

describe("kind, type, literals, null", () => {
  const expect = (schema: Field.FieldSchema, kind: "text" | "json", type: string) => {
    const field = make(schema)
    assert.deepStrictEqual([field.kind, field.type], [kind, type])
    return field
  }

  it("what is encoded as free text is text", () => {
    expect(Schema.String, "text", "string")
    expect(Schema.String.check(Schema.isMinLength(3)), "text", "string")
    expect(Schema.NullOr(Schema.String), "text", "string | null")
    expect(Schema.DateFromString, "text", "string")
    expect(Schema.Date, "text", "string")
    expect(Schema.BigInt, "text", "string")
    expect(Schema.TemplateLiteral([Schema.Number, "px"]), "text", "string")
    expect(Schema.Union([Schema.Literals(["auto"]), Schema.String]), "text", "\"auto\" | string")
    expect(Schema.optional(Schema.String), "text", "string | null")
  })

  it("everything else is JSON", () => {
    expect(Schema.Finite, "json", "number")
    expect(Schema.Int, "json", "integer")
    expect(Schema.Boolean, "json", "boolean")
    expect(Schema.Json, "json", "any")
    expect(Schema.Null, "json", "null")
    expect(Schema.Union([Schema.String, Schema.Int]), "json", "string | integer")
    expect(Schema.Array(Schema.Array(Schema.String)), "json", "Array<Array<string>>")
    expect(Schema.Tuple([Schema.String, Schema.optionalKey(Schema.Int)]), "json", "[string, integer?]")
    expect(Schema.Record(Schema.String, Schema.Finite), "json", "Record<string, number>")
    expect(
      Schema.Struct({ "a b": Schema.String, c: Schema.optionalKey(Schema.NullOr(Schema.Int)) }),
      "json",
      "{ \"a b\": string; c?: integer | null }"
    )
    expect(Person, "json", "{ name: string; age?: integer }")
    expect(Tree, "json", "{ value: string; children: Array<Tree> }")
    expect(
      Schema.Struct({ at: Schema.Date, tree: Tree }),
      "json",
      "{ at: string; tree: { value: string; children: Array<Tree> } }"
    )
  })

  it("literals and null are known", () => {
    assert.deepStrictEqual(expect(Schema.Literals(["a", 1, true]), "json", "\"a\" | 1 | true").literals, ["a", 1, true])
    const nullable = expect(Schema.NullOr(Schema.Literals(["a", "b"])), "json", "\"a\" | \"b\" | null")
    assert.deepStrictEqual([nullable.literals, nullable.nullable], [["a", "b"], true])
    assert.deepStrictEqual(expect(Schema.Enum({ A: "x", B: "y" }), "json", "\"x\" | \"y\"").literals, ["x", "y"])
    assert.isUndefined(make(Schema.String).literals)
    assert.isUndefined(make(Schema.Null).literals)
    assert.isFalse(make(Schema.String).nullable)
    assert.isTrue(make(Schema.Null).nullable)
  })
})

describe("description and constraints", () => {
  it("the key's description is before the schema's", () => {
    assert.strictEqual(make(Schema.String.annotate({ description: "schema" })).description, "schema")
    assert.strictEqual(make(Schema.Int.annotate({ description: "schema" })).description, "schema")
    assert.strictEqual(make(Schema.String.annotateKey({ description: "key" })).description, "key")
    assert.strictEqual(
      make(Schema.String.annotate({ description: "schema" }).annotateKey({ description: "key" })).description,
      "key"
    )
    assert.strictEqual(
      make(Schema.String.check(Schema.isMinLength(3)).annotate({ description: "a name" })).description,
      "a name"
    )
    assert.isUndefined(make(Schema.String).description)
  })

  it("checks are said in words", () => {
    const words = (schema: Field.FieldSchema) => make(schema).constraints
    assert.deepStrictEqual(words(Schema.Finite), [])
    assert.deepStrictEqual(words(Schema.Int), [])
    assert.deepStrictEqual(words(Schema.Finite.check(Schema.isGreaterThan(0))), ["greater than 0"])
    assert.deepStrictEqual(words(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0.5))), ["at least 0.5"])
    assert.deepStrictEqual(words(Schema.Finite.check(Schema.isLessThan(9))), ["less than 9"])
    assert.deepStrictEqual(words(Schema.Finite.check(Schema.isLessThanOrEqualTo(-1))), ["at most -1"])
    assert.deepStrictEqual(words(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))), [
      "between 0 and 1"
    ])
    assert.deepStrictEqual(
      words(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMaximum: true }))),
      ["at least 0 and less than 1"]
    )
    assert.deepStrictEqual(words(Schema.Int.check(Schema.isMultipleOf(5))), ["a multiple of 5"])
    assert.deepStrictEqual(words(Schema.NonEmptyString), ["at least 1 character"])
    assert.deepStrictEqual(
      words(Schema.String.check(Schema.isMinLength(2), Schema.isMaxLength(8), Schema.isPattern(/^a/i))),
      ["at least 2 characters", "at most 8 characters", "matches /^a/i"]
    )
    assert.deepStrictEqual(words(Schema.String.check(Schema.isBetweenLength(2, 2))), ["exactly 2 characters"])
    assert.deepStrictEqual(
      words(Schema.Array(Schema.String.check(Schema.isMinLength(2))).check(Schema.isBetweenLength(1, 5))),
      ["between 1 and 5 items", "each item at least 2 characters"]
    )
    assert.deepStrictEqual(words(Schema.NullOr(Schema.Finite.check(Schema.isGreaterThan(0)))), ["greater than 0"])
    assert.deepStrictEqual(
      words(Schema.Finite.check(Schema.isGreaterThan(0).and(Schema.isLessThan(3)))),
      ["greater than 0 and less than 3"]
    )
    assert.deepStrictEqual(
      words(Schema.String.check(Schema.isTrimmed())),
      ["a string with no leading or trailing whitespace"]
    )
    assert.deepStrictEqual(words(Schema.Date), ["a date and time in ISO 8601"])
    assert.deepStrictEqual(words(Schema.DateFromMillis), [])
    assert.deepStrictEqual(words(Schema.Array(Schema.URL)), ["each item a URL"])
  })

  it("a custom check says of itself what its annotations say", () => {
    const custom = (annotations: Schema.Annotations.Filter) =>
      make(Schema.Int.check(Schema.makeFilter(even, annotations)))
    assert.deepStrictEqual(custom({ title: "even" }).constraints, ["even"])
    assert.deepStrictEqual(custom({ message: "must be even" }).constraints, ["must be even"])
    assert.deepStrictEqual(custom({ description: "an even number" }).constraints, ["an even number"])
    assert.isUndefined(custom({ description: "an even number" }).description)
    assert.deepStrictEqual(make(Schema.Int.check(Schema.makeFilter(even))).constraints, [])
    assert.deepStrictEqual(issues(custom({ message: "must be even" }).decode(3)), ["x must be even"])
    assert.deepStrictEqual(issues(custom({ description: "an even number" }).decode(3)), ["x is not an even number"])
    assert.deepStrictEqual(issues(make(Schema.Int.check(Schema.makeFilter(even))).decode(3)), ["x is not allowed"])
  })
})

describe("jsonSchema", () => {
  it("has the description, and nothing of safe integers", () => {
    assert.deepStrictEqual(make(Schema.Int.annotateKey({ description: "how many" })).jsonSchema, {
      type: "integer",
      description: "how many"
    })
    assert.deepStrictEqual(make(Schema.Int.check(Schema.isGreaterThan(0))).jsonSchema, {
      type: "integer",
      exclusiveMinimum: 0
    })
  })

  it("objects are closed", () => {
    assert.deepStrictEqual(make(Schema.Struct({ a: Schema.String })).jsonSchema, {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      additionalProperties: false
    })
  })

  it("stands alone: an identified schema is inline at the root, recursion is under $defs", () => {
    assert.deepStrictEqual(make(Person).jsonSchema, {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer" } },
      required: ["name"],
      additionalProperties: false
    })
    const tree = {
      type: "object",
      properties: { value: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
      required: ["value", "children"],
      additionalProperties: false
    }
    assert.deepStrictEqual(make(Tree).jsonSchema, { ...tree, $defs: { Tree: tree } })
    const nested = make(Schema.Array(Tree)).jsonSchema
    assert.deepStrictEqual(nested, { type: "array", items: { $ref: "#/$defs/Tree" }, $defs: { Tree: tree } })
  })
})

describe("decode and encode", () => {
  it("tell every issue, by path, without the values", () => {
    const schema = Schema.Struct({ name: Schema.String, tags: Schema.Array(Schema.NonEmptyString), age: Schema.Int })
    const result = make(schema).decode({ name: 12345, tags: ["a", "", 678], age: "secret" })
    assert.deepStrictEqual(issues(result), [
      "x.name expected string",
      "x.tags.1 expected a value with a length of at least 1",
      "x.tags.2 expected string",
      "x.age expected number"
    ])
    assert.deepStrictEqual(Result.getOrThrow(Result.flip(result))[1]!.path, ["x", "tags", 1])
    assert.notMatch(JSON.stringify(result), /12345|678|secret/)
    assert.deepStrictEqual(issues(make(Tree).decode({ value: "a", children: [{}] })), [
      "x.children.0.value is missing",
      "x.children.0.children is missing"
    ])
  })

  it("a union that nothing matches is one issue", () => {
    assert.deepStrictEqual(issues(make(Schema.Union([Schema.String, Schema.Boolean])).decode(1)), [
      "x expected string | boolean"
    ])
    assert.deepStrictEqual(issues(make(Schema.NullOr(Schema.Literals(["a", "b"]))).decode("c")), [
      "x expected \"a\" | \"b\""
    ])
    const lists = Schema.Union([Schema.Array(Schema.String), Schema.Array(Schema.Boolean)])
    assert.deepStrictEqual(issues(make(lists).decode([1])), ["x.0 expected string or boolean"])
  })

  it("go through the JSON side of the schema, and apply its checks", () => {
    const date = make(Schema.Date)
    const day = new Date("2026-01-02T03:04:05.000Z")
    assert.deepStrictEqual(date.decode("2026-01-02T03:04:05.000Z"), Result.succeed(day))
    assert.deepStrictEqual(date.encode(day), Result.succeed("2026-01-02T03:04:05.000Z"))
    assert.deepStrictEqual(issues(date.encode("2026")), ["x expected a valid Date"])
    const person = Result.getOrThrow(make(Person).decode({ name: "Ada", extra: 1 }))
    assert.instanceOf(person, Person)
    assert.deepStrictEqual(make(Person).encode(person), Result.succeed({ name: "Ada" }))
    assert.deepStrictEqual(issues(make(Schema.Finite.check(Schema.isGreaterThan(0))).decode(-1)), [
      "x expected a value greater than 0"
    ])
    assert.deepStrictEqual(issues(make(Schema.Finite).encode(NaN)), ["x expected a finite number"])
    assert.deepStrictEqual(issues(make(Schema.Json).decode(undefined)), ["x expected JSON value"])
  })

  it("a number is what is expected of one, also where its JSON has words for what is none", () => {
    const field = make(Schema.Number)
    for (const value of ["3", {}, null]) assert.deepStrictEqual(issues(field.decode(value)), ["x expected number"])
    assert.deepStrictEqual(issues(make(Schema.NullOr(Schema.Number)).decode([])), ["x expected number | null"])
    assert.deepStrictEqual(issues(make(Schema.Array(Schema.Number)).decode(["3"])), ["x.0 expected number"])
    assert.deepStrictEqual(field.decode("Infinity"), Result.succeed(Infinity))
  })

  it("every value that a random type of JSON takes comes back from it", () => {
    const random = Random.random(5)
    const values = [null, "", "spam", "a, b", 0, 1, -2, 3.5, true, false, [], ["a"], [1, [2]], {}, { a: 1 }, {
      a: ["b"]
    }]
    let taken = 0
    for (let i = 0; i < 500; i++) {
      let type = Specs.randomType(random, 3)
      while (!Meanings.isOwnJson(type)) type = Specs.randomType(random, 3)
      const field = make(Meanings.schemaOf(type))
      for (const value of values) {
        const decoded = field.decode(value)
        assert.strictEqual(Result.isSuccess(decoded), Result.isSuccess(field.validate(value)), field.type)
        if (Result.isFailure(decoded)) continue
        taken++
        assert.deepStrictEqual(field.encode(decoded.success), Result.succeed(value), field.type)
      }
    }
    assert.isAbove(taken, 1000)
  })
})

describe("fields that are left out", () => {
  const decoded = (schema: Field.FieldSchema) => make(schema).decodeAbsent()
  const validated = (schema: Field.FieldSchema) => make(schema).validateAbsent()
  const nothing = Result.succeed(Option.none())
  const withDefault = Schema.Int.pipe(Schema.withConstructorDefault(Effect.succeed(3)))
  const withDecodingDefault = Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(4)))

  it("are optional, have a default, or are missing", () => {
    assert.isFalse(make(Schema.String).optional)
    assert.isTrue(make(Schema.optionalKey(Schema.String)).optional)
    assert.isTrue(make(withDefault).optional)
    assert.isTrue(make(withDecodingDefault).optional)

    assert.deepStrictEqual(issues(decoded(Schema.String)), ["x is missing"])
    assert.deepStrictEqual(decoded(Schema.optionalKey(Schema.String)), nothing)
    assert.deepStrictEqual(decoded(withDefault), Result.succeed(Option.some(3)))
    assert.deepStrictEqual(decoded(withDecodingDefault), Result.succeed(Option.some(4)))
    assert.deepStrictEqual(decoded(Schema.NullOr(Schema.String)), Result.succeed(Option.some(null)))
    assert.deepStrictEqual(issues(decoded(Schema.Json)), ["x is missing"])

    assert.deepStrictEqual(issues(validated(Schema.String)), ["x is missing"])
    assert.deepStrictEqual(validated(Schema.optionalKey(Schema.String)), nothing)
    assert.deepStrictEqual(validated(withDefault), Result.succeed(Option.some(3)))
    assert.deepStrictEqual(issues(validated(Schema.NullOr(Schema.String))), ["x is missing"])
  })
})
