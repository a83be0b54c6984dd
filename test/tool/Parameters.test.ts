/** What providers are sent of a tool's parameters: an object that says what it has, without a choice at its root. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { ReAct, Tool, Toolbox } from "effect-lm"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { type Json, ofJsonSchema } from "./support/parameters.ts"

const parametersOf = (parameters: Schema.Top) => {
  const tool: Tool.Any = Tool.make("t", { parameters: parameters as unknown as Schema.Codec<unknown> }, () => 1)
  return Effect.runSync(Toolbox.resolve([tool]) as Effect.Effect<Toolbox.Toolbox>).specs[0]!.parameters
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

/** A property that refers to a definition. */
const ref = (property: string, name: string): Json => ({ [property]: { $ref: `#/$defs/${name}` } })

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

  it("whatever a reference leads to is a definition; one that leads nowhere says nothing", () => {
    const text = { type: "string" }
    const $defs = { A: { type: "object", $anchor: "foo", properties: { x: id } }, B: { $id: "urn:b", type: "string" } }
    const A = { type: "object", properties: { x: id } }
    const inOneOf = { anyOf: [{ properties: { a: { $ref: "#/anyOf/1/properties/b" } } }, { properties: { b: text } }] }
    const nested = { type: "object", properties: { y: { $ref: "#/$defs/Y" } }, $defs: { Y: text } }
    const rows: ReadonlyArray<readonly [name: string, schema: Json, properties: Json, definitions?: Json]> = [
      ["into a definition", { $defs, properties: { a: { $ref: "#/$defs/A/properties/x" } } }, ref("a", "x"), { x: id }],
      ["an anchor", { $defs, properties: { a: { $ref: "#foo" } } }, ref("a", "foo"), { foo: A }],
      ["an address", { $defs, properties: { a: { $ref: "urn:b" } } }, ref("a", "Root"), { Root: text }],
      ["a name", { $defs, properties: { a: { $ref: "B" } } }, ref("a", "B"), { B: text }],
      ["an older draft", { definitions: $defs, properties: { a: { $ref: "#/definitions/B" } } }, ref("a", "B"), {
        B: text
      }],
      ["another draft's name", { definitions: $defs, properties: { a: { $ref: "#/$defs/B" } } }, ref("a", "B"), {
        B: text
      }],
      [
        "a name that has to be escaped",
        {
          $defs: { "L<a/b>": text },
          properties: { a: { $ref: "#/$defs/L%3Ca~1b%3E" } }
        },
        ref("a", "L_a_b_"),
        { L_a_b_: text }
      ],
      [
        "two of one name",
        {
          properties: { a: { $ref: "#/$defs/A" }, b: { $ref: "#/x/A" } },
          $defs: { A: text },
          x: { A: id }
        },
        { ...ref("a", "A"), ...ref("b", "A_2") },
        { A: text, A_2: id }
      ],
      ["into a choice that is merged", inOneOf, { ...ref("a", "b"), b: text }, { b: text }],
      ["the whole", { properties: { kid: { $ref: "#" } } }, ref("kid", "Root"), {
        Root: { properties: ref("kid", "Root") }
      }],
      ["of a schema that was put into another", { properties: { a: nested } }, {
        a: { type: "object", properties: ref("y", "Y") }
      }, { Y: text }],
      ["nowhere", {
        properties: { a: { $ref: "#/$defs/Gone", title: "A" }, b: { $ref: 5 }, c: { $ref: "other.json#/x" } }
      }, {
        a: { title: "A" },
        b: {},
        c: {}
      }],
      ["itself", { properties: { a: { $ref: "#/$defs/L" } }, $defs: { L: { $ref: "#/$defs/L" } } }, { a: { not: {} } }]
    ]
    for (const [name, schema, properties, definitions] of rows) {
      const parameters = ofJsonSchema(schema)
      assert.deepStrictEqual(parameters["properties"], properties, name)
      assert.deepStrictEqual(parameters["$defs"], definitions, name)
    }
  })

  it("what is plainly meant is put right, and what means nothing is left out", () => {
    const rows: ReadonlyArray<readonly [given: unknown, sent: unknown]> = [
      [{ type: "any" }, {}],
      [{ type: null }, {}],
      [{ type: 5 }, {}],
      [{ type: "Array" }, { type: "array", items: {} }],
      [{ type: "Str" }, { type: "string" }],
      [{ type: " dict " }, { type: "object" }],
      [{ type: ["INT", null, "int"] }, { type: ["integer", "null"] }],
      [{ type: ["string", "any"] }, {}],
      [{ type: ["string"] }, { type: "string" }],
      [{ type: { type: "string" } }, {}],
      ["string", { type: "string" }],
      ["whatever", {}],
      [null, {}],
      [[{ type: "string" }], {}],
      [{ description: ["a"], title: null, minLength: -1, maxLength: "3", pattern: {}, examples: 1 }, {}],
      [{ minimum: 1, exclusiveMinimum: true, maximum: 2, exclusiveMaximum: false }, {
        exclusiveMinimum: 1,
        maximum: 2
      }],
      [{ not: { type: "any" } }, {}],
      [{ not: {} }, { not: {} }],
      [{ not: null, if: 5, contains: [{}], contentSchema: [], anyOf: {}, enum: "a", additionalProperties: null }, {}],
      [{ enum: ["a", "a", null] }, { enum: ["a", null] }],
      [{ items: [id, "string"] }, { items: { anyOf: [id, { type: "string" }] } }],
      [{ type: "array", items: null }, { type: "array", items: {} }],
      [{ contentSchema: { type: "Array" } }, { contentSchema: { type: "array", items: {} } }],
      [{ dependencies: { a: ["b", 5], c: { type: "Int" }, d: null }, dependentRequired: { a: ["b", 1], c: {} } }, {
        dependencies: { a: ["b"], c: id },
        dependentRequired: { a: ["b"] }
      }],
      [{ properties: { a: { type: "object", required: ["zz"] } } }, {
        properties: { a: { type: "object", properties: { zz: {} }, required: ["zz"] } }
      }],
      [{ properties: { a: { type: "array", items: { required: ["zz"] } } } }, {
        properties: { a: { type: "array", items: { properties: { zz: {} }, required: ["zz"] } } }
      }],
      [{ properties: { a: { type: "string", required: true }, b: null } }, {
        properties: { a: { type: "string" }, b: {} },
        required: ["a"]
      }],
      [{ default: { type: "any" }, const: [null], "x-any": { $ref: 1 } }, {
        default: { type: "any" },
        const: [null],
        "x-any": { $ref: 1 }
      }]
    ]
    for (const [given, sent] of rows) {
      const { properties } = ofJsonSchema({ properties: { p: given, q: { properties: { r: given } } } })
      assert.deepStrictEqual(properties, { p: sent, q: { properties: { r: sent } } } as Json, JSON.stringify(given))
    }
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
