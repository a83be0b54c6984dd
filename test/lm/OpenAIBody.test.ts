/**
 * What is sent for a request.
 */
import { assert, describe, it } from "@effect/vitest"
import * as LMContent from "effect-lm/lm/LMContent"
import { assistant, type LMRequest, system, toolResult, user } from "effect-lm/lm/LMRequest"
import * as OpenAI from "effect-lm/lm/OpenAI"
import * as Providers from "effect-lm/lm/Providers"

const base: LMRequest = {
  messages: [system("Answer."), user("Capital of France?")],
  config: {},
  responseFormat: { _tag: "Text" }
}

const sentBase = [{ role: "system", content: "Answer." }, { role: "user", content: "Capital of France?" }]

const body = (request: Partial<LMRequest>, provider = "openai", mode?: "stream" | "generate") =>
  OpenAI.toBody({ ...base, ...request }, { model: "m", provider: Providers.find(provider)! }, mode)

const closed = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false
}

describe("OpenAI.toBody", () => {
  it("holds what the request says, and nothing else", () => {
    assert.deepStrictEqual(body({}), { model: "m", messages: sentBase, stream: false } as object)
  })

  it("a streamed request asks for usage, where that has to be asked for", () => {
    assert.deepStrictEqual(body({}, "openai", "stream").stream_options, {
      include_usage: true,
      include_obfuscation: false
    })
    assert.deepStrictEqual(body({}, "groq", "stream").stream_options, { include_usage: true })
    assert.notProperty(body({}, "mistral", "stream"), "stream_options")
    assert.notProperty(body({}, "openai"), "stream_options")
    assert.isTrue(body({}, "openai", "stream").stream)
  })

  const config = {
    temperature: 0,
    topP: 0.9,
    maxTokens: 100,
    n: 2,
    seed: 7,
    stop: ["\n\n"],
    reasoningEffort: "low",
    rolloutId: 3
  } as const

  it("config by OpenAI's names; a rollout id is never sent", () => {
    assert.deepStrictEqual(body({ config }), {
      model: "m",
      messages: sentBase,
      stream: false,
      temperature: 0,
      top_p: 0.9,
      max_completion_tokens: 100,
      n: 2,
      seed: 7,
      stop: ["\n\n"],
      reasoning_effort: "low"
    } as object)
    assert.deepStrictEqual(body({ config: { rolloutId: 1 } }), body({ config: { rolloutId: 2 } }))
  })

  it("config by the names of others", () => {
    assert.strictEqual(body({ config }, "ollama").max_tokens, 100)
    assert.notProperty(body({ config }, "ollama"), "max_completion_tokens")
    assert.strictEqual(body({ config }, "mistral").random_seed, 7)
    assert.notProperty(body({ config }, "mistral"), "seed")
  })

  it("one completion and no stop sequences are the default", () => {
    const sent = body({ config: { n: 1, stop: [] } })
    assert.notProperty(sent, "n")
    assert.notProperty(sent, "stop")
  })

  it("tools, calls and their results", () => {
    const parameters = { type: "object", properties: { city: { type: "string" } } }
    const sent = body({
      messages: [
        user("Weather?"),
        assistant([{ _tag: "ToolCall", id: "a", name: "weather", arguments: "{\"city\":\"Paris\"}" }]),
        toolResult({ toolCallId: "a", name: "weather", content: "Sunny" }),
        assistant("Sunny.")
      ],
      tools: [{ name: "weather", description: "The weather", parameters }, { name: "time", parameters: {} }],
      toolChoice: { name: "weather" }
    })
    assert.deepStrictEqual(sent.messages, [
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "weather", arguments: "{\"city\":\"Paris\"}" } }]
      },
      { role: "tool", tool_call_id: "a", content: "Sunny" },
      { role: "assistant", content: "Sunny." }
    ])
    assert.deepStrictEqual(sent.tools, [
      { type: "function", function: { name: "weather", description: "The weather", parameters } },
      { type: "function", function: { name: "time", parameters: {} } }
    ])
    assert.deepStrictEqual(sent.tool_choice, { type: "function", function: { name: "weather" } })
    assert.strictEqual(body({ tools: [{ name: "f", parameters: {} }], toolChoice: "required" }).tool_choice, "required")
  })

  it("reasoning goes back beside tool calls, under the name that the provider has for it, and nowhere else", () => {
    const call = { _tag: "ToolCall", id: "a", name: "f", arguments: "{}" } as const
    const thought = (reasoningField?: string): LMContent.Reasoning => ({
      _tag: "Reasoning",
      text: "Hm",
      ...(reasoningField !== undefined && { providerData: { chat: { reasoningField } } })
    })
    const sent = (...content: ReadonlyArray<LMContent.Said>) => body({ messages: [assistant(content)] }).messages[0]!
    assert.propertyVal(sent(thought("reasoning_content"), call), "reasoning_content", "Hm")
    assert.propertyVal(sent(thought("reasoning"), call), "reasoning", "Hm")
    const other = { ...thought(), providerData: { messages: { reasoningField: "reasoning" } } }
    for (const content of [[thought(), call], [other, call], [thought("reasoning_content"), LMContent.text("So")]]) {
      assert.sameMembers(Object.keys(sent(...content)).filter((name) => name !== "tool_calls"), ["role", "content"])
    }
  })

  it("the parts of a thought go back beside the calls that it led to", () => {
    const reasoningDetails = [{ type: "reasoning.encrypted", data: "x", index: 0 }]
    const called = { _tag: "ToolCall", id: "a", name: "f", arguments: "{}" } as const
    const thought = { _tag: "Reasoning", text: "", providerData: { chat: { reasoningDetails } } } as const
    const sent = (...content: ReadonlyArray<LMContent.Said>) => body({ messages: [assistant(content)] }).messages[0]!
    const expected = { type: "function", function: { name: "f", arguments: "{}" } }
    assert.deepEqual<unknown>(sent(thought, called, { ...called, id: "b" }), {
      role: "assistant",
      content: null,
      reasoning_details: reasoningDetails,
      tool_calls: [{ id: "a", ...expected }, { id: "b", ...expected }]
    })
    assert.notProperty(sent(called), "reasoning_details")
  })

  it("no message is empty, whatever its role", () => {
    for (const content of ["", " \n\t"]) {
      const { messages } = body({
        messages: [
          system(content),
          user(content),
          assistant(content),
          assistant([LMContent.text(content), { _tag: "ToolCall", id: "a", name: "f", arguments: "{}" }]),
          toolResult({ content, toolCallId: "a", name: "f" })
        ]
      })
      for (const message of messages) {
        if ("tool_calls" in message) assert.isNull(message.content)
        else assert.match(String(message.content), /^\((no|an empty) \w+\)$/)
      }
    }
  })

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

  it("members that only the provider knows are added, and win", () => {
    const sent = OpenAI.toBody({ ...base, config: { seed: 1 } }, { model: "m", extraBody: { top_k: 5, seed: 2 } })
    assert.strictEqual((sent as unknown as Record<string, unknown>)["top_k"], 5)
    assert.strictEqual(sent.seed, 2)
  })

  it("is the same bytes for the same request", () => {
    const request = { config, tools: [{ name: "f", parameters: {} }], toolChoice: "auto" } as const
    assert.strictEqual(JSON.stringify(body(request)), JSON.stringify(body(structuredClone(request))))
  })
})
