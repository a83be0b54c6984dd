/** The form that an answer has to have, and tools, as near as the provider knows them. */
import { assert, describe, it } from "@effect/vitest"
import { body, closed } from "../../support/bodies.ts"

describe("tools and response formats in the body of a request", () => {
  it("no tools, no choice of them", () => {
    for (const sent of [body({ tools: [], toolChoice: "auto" }), body({ toolChoice: "required" })]) {
      assert.notProperty(sent, "tools")
      assert.notProperty(sent, "tool_choice")
    }
    assert.notProperty(body({ tools: [{ name: "f", parameters: {} }] }, "perplexity"), "tools")
  })

  it("a response format, as near as the provider knows it", () => {
    const json = { responseFormat: { _tag: "Json" } } as const
    const schema = { responseFormat: { _tag: "JsonSchema", name: "qa reply!", schema: closed } } as const
    const asSchema = { type: "json_schema", json_schema: { name: "qa_reply_", strict: true, schema: closed } } as const
    assert.notProperty(body({}), "response_format")
    assert.deepStrictEqual(body(json).response_format, { type: "json_object" })
    assert.deepStrictEqual(body(schema).response_format, asSchema)
    assert.deepStrictEqual(body(schema, "groq").response_format, { type: "json_object" })
    assert.deepStrictEqual(body(schema, "lmstudio").response_format, asSchema)
    assert.notProperty(body(json, "lmstudio"), "response_format")
  })

  describe("strict, only where the schema qualifies:", () => {
    const strict = (schema: Record<string, unknown>) => {
      const format = body({ responseFormat: { _tag: "JsonSchema", name: "x", schema } }).response_format
      return format?.type === "json_schema" ? format.json_schema.strict : undefined
    }
    const withAnswer = (answer: unknown) => ({ ...closed, properties: { answer } })

    it("closed objects, arrays, unions, enums, references and known bounds do", () => {
      for (
        const answer of [
          { type: "string", description: "d", pattern: "^a" },
          { type: "string", format: "date-time" },
          { type: ["string", "null"] },
          { type: "integer", minimum: 0, maximum: 9 },
          { enum: ["a", "b"] },
          { const: 1 },
          { type: "array", items: { type: "number" }, minItems: 1 },
          { type: "array", items: closed },
          { anyOf: [{ type: "string" }, closed, { type: "null" }] },
          { $ref: "#/$defs/Node" }
        ]
      ) {
        assert.isTrue(strict({ ...withAnswer(answer), $defs: { Node: closed } }), JSON.stringify(answer))
      }
    })

    it("open objects, optional properties, records, tuples, unknown words and untyped values do not", () => {
      const { additionalProperties, required, ...open } = closed
      for (
        const schema of [
          { ...open, required },
          { ...open, additionalProperties, required: [] },
          { ...closed, additionalProperties: true },
          { type: "object", additionalProperties: { type: "string" } },
          { type: "array", items: { type: "string" } },
          { anyOf: [closed] },
          { ...closed, anyOf: [closed] },
          { ...closed, patternProperties: {} },
          withAnswer({}),
          withAnswer({ type: "string", minLength: 1 }),
          withAnswer({ type: "string", format: "uri" }),
          withAnswer({ type: "array" }),
          withAnswer({ type: "array", prefixItems: [{ type: "string" }] }),
          withAnswer({ type: ["object", "null"], properties: {} }),
          withAnswer({ type: "array", items: { type: "object", properties: {} } }),
          withAnswer({ anyOf: [{ type: "string" }, {}] }),
          { ...closed, $defs: { Node: { type: "object" } } }
        ]
      ) {
        assert.isFalse(strict(schema), JSON.stringify(schema))
      }
    })
  })
})
