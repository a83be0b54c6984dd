/** What providers are sent of a tool's parameters: an object that says what it has, without a choice at its root. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { ReAct, Tool, Toolbox } from "effect-lm"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"

type Json = Readonly<Record<string, unknown>>

const parametersOf = (parameters: Schema.Top) => {
  const tool: Tool.Any = Tool.make("t", { parameters: parameters as unknown as Schema.Codec<unknown> }, () => 1)
  return Effect.runSync(Toolbox.resolve([tool]) as Effect.Effect<Toolbox.Toolbox>).specs[0]!.parameters
}

/** The parameters of an `effect/ai` tool with a JSON schema of its own. */
const ofJsonSchema = (schema: Json) => {
  const kit = Toolkit.make(AiTool.dynamic("t", { parameters: schema as never }))
  const box = Toolbox.resolve(kit).pipe(Effect.provide(kit.toLayer({ t: () => Effect.succeed(1) } as never)))
  return Effect.runSync(box as Effect.Effect<Toolbox.Toolbox>).specs[0]!.parameters
}

interface Tree {
  readonly n: string
  readonly kids: ReadonlyArray<Tree>
}
const Tree = Schema.Struct({
  n: Schema.String,
  kids: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
}).annotate({ identifier: "Tree" })

const id = { type: "integer" }

describe("parameters", () => {
  it("any object is one with properties", () => {
    const any = { type: "object", properties: {} }
    for (const schema of [Schema.Record(Schema.String, Schema.Unknown), Schema.Unknown, Schema.ObjectKeyword]) {
      assert.deepStrictEqual(parametersOf(schema), any)
    }
    assert.deepStrictEqual(ofJsonSchema({}), any)
    assert.deepStrictEqual(ofJsonSchema({ type: ["object", "null"], properties: null, required: null }), any)
    assert.deepStrictEqual(
      ofJsonSchema({ properties: { a: {} }, $schema: "http://json-schema.org/draft-07/schema#" }),
      {
        type: "object",
        properties: { a: {} }
      }
    )
  })

  it("a choice of objects is one object, which says in words what goes together", () => {
    const Id = Schema.Struct({ id: Schema.Int })
    assert.deepStrictEqual(parametersOf(Schema.Union([Id, Schema.Struct({ name: Schema.String })])), {
      type: "object",
      description: "Either id; or name",
      properties: { id, name: { type: "string" } },
      additionalProperties: false
    })
    assert.deepStrictEqual(parametersOf(Schema.NullOr(Id)), parametersOf(Id))
    const tagged = (kind: string, value: Schema.Top) => Schema.Struct({ kind: Schema.Literal(kind), value })
    assert.deepStrictEqual(parametersOf(Schema.Union([tagged("a", Schema.Int), tagged("b", Schema.String)])), {
      type: "object",
      properties: { kind: { type: "string", enum: ["a", "b"] }, value: { anyOf: [id, { type: "string" }] } },
      required: ["kind", "value"],
      additionalProperties: false
    })
  })

  it("what all have to satisfy is one object", () => {
    assert.deepStrictEqual(
      ofJsonSchema({
        allOf: [{ $ref: "#/definitions/A" }, { type: "object", properties: { y: {} }, required: ["y"] }],
        definitions: { A: { type: "object", properties: { x: id }, required: ["x"] } }
      }),
      { type: "object", properties: { x: id, y: {} }, required: ["x", "y"] }
    )
    // Anything says nothing of what another one says more of, and allows what one of several allows.
    const said = { properties: { a: id } }
    assert.deepStrictEqual(ofJsonSchema({ ...said, anyOf: [{ properties: { a: {} } }] })["properties"], { a: id })
    assert.deepStrictEqual(ofJsonSchema({ anyOf: [said, { properties: { a: {} } }] })["properties"], { a: {} })
    assert.deepStrictEqual(
      ofJsonSchema({ properties: { a: id }, not: { required: ["a"] }, enum: [{ a: 1 }], anyOf: [{ required: ["b"] }] }),
      { type: "object", properties: { a: id, b: {} }, required: ["b"] }
    )
  })

  it("a reference at the root is its definition, which stays where it refers to itself", () => {
    const node = (parameters: Json) => parameters["$defs"] as Json
    const parameters = parametersOf(Tree)
    assert.deepStrictEqual(Object.keys(parameters["properties"] as Json), ["n", "kids"])
    assert.property(node(parameters), "Tree")
    const choice = parametersOf(Schema.Union([Tree, Schema.Struct({ z: Schema.Int })]))
    assert.deepStrictEqual(Object.keys(choice["properties"] as Json), ["n", "kids", "z"])
    assert.property(node(choice), "Tree")
    assert.notProperty(
      ofJsonSchema({ $ref: "#/$defs/A", $defs: { A: { type: "object", properties: {} }, B: {} } }),
      "$defs"
    )
  })

  it("what a reference goes into stays, and where it cannot be followed all definitions do", () => {
    const $defs = { A: { type: "object", $anchor: "foo", properties: { x: id } }, B: {} }
    const into = ofJsonSchema({ type: "object", properties: { a: { $ref: "#/$defs/A/properties/x" } }, $defs })
    assert.deepStrictEqual(Object.keys(into["$defs"] as Json), ["A"])
    const anchor = ofJsonSchema({ type: "object", properties: { a: { $ref: "#foo" } }, $defs })
    assert.deepStrictEqual(Object.keys(anchor["$defs"] as Json), ["A", "B"])
  })

  it("lists say what is in them, at any depth, and no choice is empty", () => {
    const inner = {
      type: "object",
      properties: {
        list: { type: "array" },
        maybe: { type: ["array", "null"] },
        pair: { type: "array", items: [{ type: "string" }, id] },
        none: { enum: [] },
        nothing: { anyOf: [] },
        enum: { type: "string", enum: ["a"], default: { type: "array" } }
      }
    }
    const properties = {
      list: { type: "array", items: {} },
      maybe: { type: ["array", "null"], items: {} },
      pair: { type: "array", items: { anyOf: [{ type: "string" }, id] } },
      none: {},
      nothing: {},
      enum: { type: "string", enum: ["a"], default: { type: "array" } }
    }
    assert.deepStrictEqual(ofJsonSchema(inner)["properties"], properties)
    const outer = ofJsonSchema({
      type: "object",
      properties: { deep: { type: "array", items: { anyOf: [inner, { type: "null" }] } } },
      required: ["deep", "other", "deep"]
    })
    assert.deepStrictEqual(outer, {
      type: "object",
      properties: {
        deep: { type: "array", items: { anyOf: [{ ...inner, properties }, { type: "null" }] } },
        other: {}
      },
      required: ["deep", "other"]
    })
    assert.deepStrictEqual(
      parametersOf(Schema.Struct({ a: Schema.Tuple([]), b: Schema.Tuple([Schema.Int]) }))["properties"],
      {
        a: { type: "array", items: {}, maxItems: 0 },
        b: { type: "array", prefixItems: [id], minItems: 1, maxItems: 1, items: id }
      }
    )
  })

  it("whatever the schema, nothing at the root is what providers refuse, and every list has items", () => {
    const part = (depth: number): ReadonlyArray<Json> =>
      depth === 0 ? [{ type: "string" }, {}, { type: "array" }] : part(depth - 1).flatMap((one) => [
        { type: "array", items: one },
        { anyOf: [one, { type: "object", properties: { a: one } }] },
        { allOf: [{ type: "object", properties: { a: one } }, { oneOf: [{ properties: { b: one } }, true] }] }
      ])
    const check = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return
      if ("type" in value && value.type === "array") assert.property(value, "items")
      Object.values(value).forEach(check)
    }
    for (const one of part(2)) {
      const parameters = ofJsonSchema({
        anyOf: [{ type: "object", properties: { p: one } }, { properties: { q: one } }]
      })
      assert.strictEqual(parameters["type"], "object")
      assert.isObject(parameters["properties"])
      for (const key of ["anyOf", "oneOf", "allOf", "enum", "not", "$ref"]) assert.notProperty(parameters, key)
      check(parameters)
    }
  })

  it("what no object is is refused when the tool, or the agent with it, is made", () => {
    const refused = /^the tool 't' takes what no object is, .* wrap its parameter in one/
    for (
      const schema of [
        Schema.String,
        Schema.Array(Schema.Int),
        Schema.Literal("a"),
        Schema.Union([Schema.Int, Schema.Null])
      ]
    ) {
      assert.throws(() => Tool.make("t", { parameters: schema as never }, () => 1), TypeError, refused)
    }
    const loop = { $ref: "#/$defs/Loop", $defs: { Loop: { $ref: "#/$defs/Loop" } } }
    for (const schema of [{ type: "string" }, { enum: ["a"] }, { anyOf: [{ type: "null" }] }, loop]) {
      const kit = Toolkit.make(AiTool.dynamic("t", { parameters: schema as never }))
      assert.throws(() => ReAct.make("question -> answer", { tools: kit as never }), TypeError, refused)
    }
  })

  it("schemas of others are no schemas", () => {
    const zod = { parse: () => 1, _def: {} }
    assert.throws(
      () => Tool.make("t", { parameters: { city: zod } as never }, () => 1),
      TypeError,
      /the tool 't' has parameters that are no schemas of effect, as 'city' is none: write \{ city: Schema.String \}/
    )
  })
})
