/** Grammars of JSON schemas: every text that they allow is JSON of the schema. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Grammar from "../../src/local/internal/grammar.ts"
import * as Gbnf from "./support/gbnf.ts"

interface Tree {
  readonly name: string
  readonly children: ReadonlyArray<Tree>
}
const Tree = Schema.Struct({
  name: Schema.String,
  children: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
}).annotate({ identifier: "Tree" })

const between = (minimum: number, maximum: number) => Schema.isBetween({ minimum, maximum })

const schemas: Readonly<Record<string, Schema.Codec<unknown, unknown>>> = {
  string: Schema.String,
  "string of a length": Schema.String.check(Schema.isMinLength(2), Schema.isMaxLength(4)),
  boolean: Schema.Boolean,
  null: Schema.Null,
  finite: Schema.Finite,
  fraction: Schema.Finite.check(between(0, 1)),
  int: Schema.Int,
  "int between": Schema.Int.check(between(3, 5)),
  "int at least 0": Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  literals: Schema.Literals(["a \"b\"", "é\\", "\n"]),
  "a null or a number": Schema.NullOr(Schema.Finite),
  "a union": Schema.Union([Schema.Struct({ a: Schema.Int }), Schema.Array(Schema.String)]),
  array: Schema.Array(Schema.Int),
  "array of a length": Schema.Array(Schema.Boolean).check(Schema.isMinLength(2), Schema.isMaxLength(3)),
  tuple: Schema.Tuple([Schema.String, Schema.Int]),
  "tuple and rest": Schema.TupleWithRest(Schema.Tuple([Schema.String]), [Schema.Int]),
  "array of arrays": Schema.Array(Schema.Array(Schema.Finite)),
  record: Schema.Record(Schema.String, Schema.Int),
  struct: Schema.Struct({ "a b": Schema.String, "\"": Schema.Boolean }),
  "optional members": Schema.Struct({
    a: Schema.Int,
    b: Schema.optionalKey(Schema.Int),
    c: Schema.optionalKey(Schema.Null)
  }),
  "only optional members": Schema.Struct({ a: Schema.optionalKey(Schema.Int), b: Schema.optionalKey(Schema.Int) }),
  "names of prototypes": Schema.Struct({ constructor: Schema.Int, toString: Schema.String }),
  recursive: Tree
}

const Choices = Schema.Array(Schema.Int.check(between(0, 1000))).check(Schema.isMinLength(1))

/** The JSON schema of what a schema encodes to, references included. */
const jsonSchema = (schema: Schema.Top): Readonly<Record<string, unknown>> => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema)
  return { ...root, $defs: definitions }
}

describe("grammars", () => {
  for (const [name, schema] of Object.entries(schemas)) {
    it.prop(
      `${name}: every text is JSON of the schema`,
      { numbers: Choices },
      ({ numbers }) => {
        const decode = Schema.decodeUnknownSync(schema)
        for (const limits of [undefined, { items: 3, characters: 5, tokens: 10 }]) {
          const text = Gbnf.write(Grammar.fromJsonSchema(jsonSchema(schema), limits), Gbnf.choices(numbers))
          assert.doesNotThrow(() => decode(JSON.parse(text)), undefined, text)
        }
      },
      { arbitrary: { runs: 60, seed: 1 } }
    )
  }

  it("what is open is any JSON value", () => {
    for (const schema of [{}, { type: "object" }, { type: "array" }, { $ref: "#/$defs/nothing" }, { enum: [] }]) {
      const grammar = Grammar.fromJsonSchema(schema)
      for (let n = 0; n < 50; n++) JSON.parse(Gbnf.write(grammar, Gbnf.choices([n, n * 7, n + 3, 5])))
    }
  })

  it("a model that does not know when to stop is held to limits, of lists and of texts", () => {
    const limits = { items: 2, characters: 3, tokens: 10 }
    const schema = { type: "array", items: { type: "string" } }
    const most = Gbnf.write(Grammar.fromJsonSchema(schema, limits), (count) => count - 1)
    const values: ReadonlyArray<string> = JSON.parse(most)
    assert.strictEqual(values.length, 2)
    assert.isTrue(values.every((value) => value.length <= 3))
    const least = Gbnf.write(Grammar.fromJsonSchema(schema, limits), () => 0)
    assert.strictEqual(JSON.parse(least).length, 1)
    assert.strictEqual(Gbnf.write(Grammar.fromJsonSchema(schema), () => 0), "[]")
  })

  it("the limits hold for records and for what is open, and are tighter inside of lists", () => {
    const limits = { items: 2, characters: 10, tokens: 10 }
    const most = (schema: Readonly<Record<string, unknown>>): unknown =>
      JSON.parse(Gbnf.write(Grammar.fromJsonSchema(schema, limits), (count) => count - 1))
    const numbers = most({ type: "object", additionalProperties: { type: "integer" } })
    assert.strictEqual(Object.keys(JSON.parse(JSON.stringify(numbers))).length, 1, "the same key twice")
    assert.deepStrictEqual(most({ type: "array", items: { type: "array", items: { type: "boolean" } } }), [
      [false],
      [false]
    ])
    const schemas = { record: { type: "object" }, texts: { type: "array", items: { type: "string" } }, any: {} }
    const grammar = (name: keyof typeof schemas) => Grammar.fromJsonSchema(schemas[name], limits)
    assert.include(grammar("record"), "object ::= \"{\" (key \": \" leaf (\", \" key \": \" leaf){0,1})? \"}\"")
    assert.include(grammar("texts"), "char{0,2}")
    for (const name of ["record", "texts", "any"] as const) {
      assert.notMatch(grammar(name), /[*+]|\{\d+,\}/, "nothing goes on without end")
    }
  })

  it("allOf adds up", () => {
    const text = Gbnf.write(
      Grammar.fromJsonSchema({
        allOf: [
          { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
          { properties: { b: { const: "x" } }, required: ["b"] }
        ]
      }),
      () => 0
    )
    assert.hasAllKeys(JSON.parse(text), ["a", "b"])
  })

  it("names from a schema are never rules", () => {
    const name = "a\" ::= root | \"\n\\"
    const grammar = Grammar.fromJsonSchema({
      type: "object",
      properties: { [name]: { $ref: `#/$defs/${encodeURIComponent(name)}` } },
      required: [name],
      $defs: { [name]: { type: "integer" } }
    })
    assert.hasAllKeys(JSON.parse(Gbnf.write(grammar, () => 0)), [name])
  })
})
