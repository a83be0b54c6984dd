/**
 * What is sent for a request.
 */
import { assert, describe, it } from "@effect/vitest"
import * as LMContent from "effect-lm/lm/LMContent"
import { assistant, type LMRequest, system, toolResult, user } from "effect-lm/lm/LMRequest"
import * as OpenAI from "effect-lm/provider/OpenAI"
import * as Providers from "effect-lm/provider/Providers"

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

  it("the likeliest tokens alone, only where that is known", () => {
    const knowing = Providers.all.filter(({ name }) => body({ config: { topK: 40 } }, name).top_k === 40)
    assert.deepStrictEqual(knowing.map(({ name }) => name), [
      "openrouter",
      "together",
      "fireworks",
      "perplexity",
      "ollama",
      "lmstudio",
      "llama-server",
      "vllm",
      "sglang",
      "localai"
    ])
    assert.notProperty(body({ config: { topK: 40 } }), "top_k")
  })

  it("several tools at once, or not, where there are tools", () => {
    const tools = [{ name: "f", parameters: {} }]
    for (const parallelToolCalls of [true, false]) {
      const config = { parallelToolCalls }
      assert.strictEqual(body({ config, tools }).parallel_tool_calls, parallelToolCalls)
      assert.notProperty(body({ config }), "parallel_tool_calls")
    }
    assert.notProperty(body({ tools }), "parallel_tool_calls")
  })

  it("log probabilities, with alternatives and without", () => {
    const none = body({ config: { logprobs: 0 } })
    assert.isTrue(none.logprobs)
    assert.notProperty(none, "top_logprobs")
    const five = body({ config: { logprobs: 5 } })
    assert.isTrue(five.logprobs)
    assert.strictEqual(five.top_logprobs, 5)
    assert.notProperty(body({}), "logprobs")
  })

  it("who asks, labels and the tier of the service", () => {
    const config = { user: "u1", metadata: { job: "j" }, serviceTier: "flex" }
    assert.deepStrictEqual(body({ config }), {
      model: "m",
      messages: sentBase,
      stream: false,
      user: "u1",
      metadata: { job: "j" },
      service_tier: "flex"
    } as object)
  })

  it("what a prompt cache is to keep is marked at the system's message and the last one, where marks are known", () => {
    const messages = [system("Be brief."), user("Hi"), assistant("Hello"), user("So?")]
    const sent = (promptCache: "5m" | "1h", provider: string) =>
      body({ messages, config: { promptCache } }, provider).messages
    for (const [promptCache, ttl] of [["5m", {}], ["1h", { ttl: "1h" }]] as const) {
      const marked = (text: string) => [{ type: "text", text, cache_control: { type: "ephemeral", ...ttl } }]
      assert.deepStrictEqual<unknown>(sent(promptCache, "openrouter"), [
        { role: "system", content: marked("Be brief.") },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello" },
        { role: "user", content: marked("So?") }
      ])
    }
    assert.deepStrictEqual(sent("1h", "openai"), body({ messages }).messages)
    assert.deepStrictEqual(body({ messages }, "openrouter").messages, body({ messages }).messages)
  })

  it("of a last message in parts the last part is marked, and calls without words are not", () => {
    const config = { promptCache: "5m" } as const
    const last = (message: LMRequest["messages"][number]) =>
      body({ messages: [message], config }, "openrouter").messages[0]!.content
    const cache_control = { type: "ephemeral" }
    assert.deepStrictEqual<unknown>(last(user([LMContent.text("See:"), { _tag: "Image", source: link }])), [
      { type: "text", text: "See:" },
      { type: "image_url", image_url: { url: "https://x.test/a" }, cache_control }
    ])
    assert.deepStrictEqual<unknown>(last(toolResult({ toolCallId: "a", name: "f", content: "1" })), [
      { type: "text", text: "1", cache_control }
    ])
    assert.isNull(last(assistant([{ _tag: "ToolCall", id: "a", name: "f", arguments: "{}" }])))
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

  const base64 = (mediaType: string): LMContent.Base64 => ({ _tag: "Base64", data: "AAA=", mediaType })
  const link: LMContent.Url = { _tag: "Url", url: "https://x.test/a" }
  const contentOf = (...parts: ReadonlyArray<LMContent.Given>) => body({ messages: [user(parts)] }).messages[0]!.content

  it("text, pictures, sounds and files of a user, in their order", () => {
    assert.deepStrictEqual<unknown>(
      contentOf(
        LMContent.text("What is this?"),
        { _tag: "Image", source: link },
        { _tag: "Image", source: base64("image/png") },
        { _tag: "Audio", source: base64("audio/mpeg") },
        { _tag: "File", source: base64("application/pdf"), name: "a.pdf" },
        { _tag: "File", source: base64("application/pdf") },
        LMContent.text("Say it.")
      ),
      [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: "https://x.test/a" } },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAA=" } },
        { type: "input_audio", input_audio: { data: "AAA=", format: "mp3" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAA=" } },
        { type: "file", file: { filename: "file.pdf", file_data: "data:application/pdf;base64,AAA=" } },
        { type: "text", text: "Say it." }
      ]
    )
  })

  it("parts that are all text are one text, and a picture alone needs none", () => {
    assert.strictEqual(contentOf(LMContent.text("Who "), LMContent.text("is it?")), "Who is it?")
    assert.deepStrictEqual<unknown>(contentOf({ _tag: "Image", source: link }), [
      { type: "image_url", image_url: { url: "https://x.test/a" } }
    ])
  })

  it("sounds by the names that the protocol has for them", () => {
    const formats = ["audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav", "audio/flac", "audio/ogg; codecs=opus"]
    const sent = formats.map((mediaType) => contentOf({ _tag: "Audio", source: base64(mediaType) }))
    assert.deepStrictEqual<unknown>(
      sent,
      ["mp3", "mp3", "wav", "wav", "flac", "ogg"].map((format) => [
        { type: "input_audio", input_audio: { data: "AAA=", format } }
      ])
    )
  })

  it("results of tools, each with its id; what is no text in them is said by the user behind the last", () => {
    const call = (id: string) => ({ _tag: "ToolCall", id, name: "shot", arguments: "{}" }) as const
    const { messages } = body({
      messages: [
        assistant([call("a"), call("b")]),
        {
          role: "tool",
          content: [
            {
              _tag: "ToolResult",
              toolCallId: "a",
              name: "shot",
              content: [LMContent.text("Here:"), { _tag: "Image", source: base64("image/png") }]
            },
            { _tag: "ToolResult", toolCallId: "b", name: "shot", content: [LMContent.text("dark")] }
          ]
        }
      ]
    })
    assert.deepStrictEqual<unknown>(messages.slice(1), [
      { role: "tool", tool_call_id: "a", content: "Here:" },
      { role: "tool", tool_call_id: "b", content: "dark" },
      {
        role: "user",
        content: [
          { type: "text", text: "Given by the tool shot (a):" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAA=" } }
        ]
      }
    ])
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
