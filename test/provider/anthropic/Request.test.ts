/** What is posted to Anthropic's Messages. */
import { assert, describe, it } from "@effect/vitest"
import * as LMContent from "effect-lm/lm/LMContent"
import type { LMRequest } from "effect-lm/lm/LMRequest"
import * as Request from "effect-lm/lm/LMRequest"
import * as Anthropic from "effect-lm/provider/Anthropic"
import { messages as protocol } from "../../../src/provider/anthropic/protocol.ts"
import { base64, link } from "../support/bodies.ts"

const body = (request: Partial<LMRequest>, model = "claude-sonnet-5", mode?: "stream" | "generate") =>
  Anthropic.toBody(
    { messages: [Request.user("?")], config: {}, responseFormat: { _tag: "Text" }, ...request },
    { model },
    mode
  )

const turns = (...messages: LMRequest["messages"]) => body({ messages })["messages"]

const beside = (data: object) => ({ providerData: { anthropic: data } })

const call = (id: string, args = "{\"c\":1}"): LMContent.ToolCall => ({
  _tag: "ToolCall",
  id,
  name: "w",
  arguments: args
})

const result = (toolCallId: string, content: string) => Request.toolResult({ toolCallId, name: "w", content })

describe("the messages", () => {
  it("of a long log: system, pictures, thoughts, calls and results, with a mark for the cache", () => {
    const log: LMRequest["messages"] = [
      Request.system("Be short."),
      Request.user([LMContent.text("What is this?"), { _tag: "Image", source: base64("image/png") }, {
        _tag: "Image",
        source: link
      }]),
      Request.assistant([
        { _tag: "Reasoning", text: "ask", ...beside({ signature: "Eq==" }) },
        { _tag: "Reasoning", text: "", ...beside({ redacted: "zz" }) },
        LMContent.text("I ask. "),
        call("toolu_1"),
        call("toolu_2", "")
      ]),
      result("toolu_2", "two"),
      result("toolu_1", "one"),
      Request.user("And now?")
    ]
    const tools = [{ name: "w", description: "Weather", parameters: { type: "object", properties: {} } }]
    const asked = body({ messages: log, tools, config: { promptCache: "1h", maxTokens: 100 } }, undefined, "stream")
    const cache_control = { type: "ephemeral", ttl: "1h" }
    assert.deepStrictEqual(asked, {
      model: "claude-sonnet-5",
      max_tokens: 100,
      system: [{ type: "text", text: "Be short.", cache_control }],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AAA=" } },
            { type: "image", source: { type: "url", url: "https://x.test/a" } }
          ]
        },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "ask", signature: "Eq==" },
            { type: "redacted_thinking", data: "zz" },
            { type: "text", text: "I ask. " },
            { type: "tool_use", id: "toolu_1", name: "w", input: { c: 1 } },
            { type: "tool_use", id: "toolu_2", name: "w", input: {} }
          ]
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_1", content: "one" },
            { type: "tool_result", tool_use_id: "toolu_2", content: "two" },
            { type: "text", text: "And now?", cache_control }
          ]
        }
      ],
      tools: [{ name: "w", description: "Weather", input_schema: { type: "object", properties: {} } }],
      stream: true
    })
  })

  it("law 11: what was sent before is sent again, byte for byte", () => {
    const log: LMRequest["messages"] = [
      Request.system("s"),
      Request.user("a"),
      Request.assistant([{ _tag: "Reasoning", text: "t", ...beside({ signature: "x" }) }, call("1")]),
      result("1", "r"),
      Request.assistant([LMContent.text("so "), call("2")]),
      result("2", "r2")
    ]
    const sent = (length: number) => turns(...log.slice(0, length)) as ReadonlyArray<unknown>
    const whole = sent(6)
    for (const length of [2, 4, 6]) {
      assert.deepStrictEqual(JSON.stringify(sent(length)), JSON.stringify(whole.slice(0, length - 1)))
    }
  })

  it("have no empty text, no thought of another provider, and end with the user", () => {
    assert.deepStrictEqual(
      turns(
        Request.user([LMContent.text(" "), LMContent.text("a")]),
        Request.assistant([{ _tag: "Reasoning", text: "mine" }, LMContent.text(""), LMContent.text("b\n")])
      ),
      [
        { role: "user", content: [{ type: "text", text: "a" }] },
        { role: "assistant", content: [{ type: "text", text: "b\n" }] },
        { role: "user", content: [{ type: "text", text: "Go on." }] }
      ]
    )
  })

  it("of one side are one message; a later instruction is said by the user", () => {
    assert.deepStrictEqual(turns(Request.user("a"), Request.system("b"), Request.user("c")), [
      { role: "user", content: ["a", "b", "c"].map((text) => ({ type: "text", text })) }
    ])
  })

  it("have a result for each call, and none that nobody has asked for", () => {
    assert.deepStrictEqual(
      turns(Request.user("a"), Request.assistant([call("x y"), call("z")]), result("x y", "r"), result("?", "lost")),
      [
        { role: "user", content: [{ type: "text", text: "a" }] },
        {
          role: "assistant",
          content: ["x_y", "z"].map((id) => ({ type: "tool_use", id, name: "w", input: { c: 1 } }))
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "x_y", content: "r" },
            { type: "tool_result", tool_use_id: "z", content: "(no result)" },
            { type: "text", text: "lost" }
          ]
        }
      ]
    )
  })

  it("keep arguments that are no object, as text", () => {
    const [, { content }] = turns(Request.user("a"), Request.assistant([call("1", "[1"), call("2", "[1]")])) as any
    assert.deepStrictEqual(content.map(({ input }: any) => input), [{ arguments: "[1" }, { arguments: "[1]" }])
  })

  it("send back blocks of the service's own tools, and where text is from", () => {
    const block = { type: "server_tool_use", id: "s", name: "web_search", input: { q: 1 } }
    const [, { content }] = turns(
      Request.user("a"),
      Request.assistant([
        { _tag: "Text", text: "Wait.", ...beside({ block }) },
        { _tag: "Text", text: "Rome", ...beside({ citations: [1] }) }
      ])
    ) as any
    assert.deepStrictEqual(content, [
      { type: "text", text: "Wait." },
      block,
      { type: "text", text: "Rome", citations: [1] }
    ])
  })

  it("have files and results with pictures", () => {
    const image: LMContent.Image = { _tag: "Image", source: base64("image/png") }
    const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAA=" } }
    assert.deepStrictEqual(
      turns(Request.user([
        { _tag: "File", source: base64("application/pdf"), name: "a.pdf" },
        { _tag: "File", source: { _tag: "Base64", data: "w6k=", mediaType: "text/markdown" } }
      ])),
      [{
        role: "user",
        content: [
          { type: "document", source: { type: "base64", media_type: "application/pdf", data: "AAA=" }, title: "a.pdf" },
          { type: "document", source: { type: "text", media_type: "text/plain", data: "é" } }
        ]
      }]
    )
    const [, , { content }] = turns(
      Request.user("a"),
      Request.assistant([call("1")]),
      Request.toolResult({ toolCallId: "1", name: "w", content: [LMContent.text("see"), image] })
    ) as any
    assert.deepStrictEqual(content, [{
      type: "tool_result",
      tool_use_id: "1",
      content: [{ type: "text", text: "see" }, picture]
    }])
  })
})

describe("settings", () => {
  const settings = (config: LMRequest["config"], model?: string, mode?: "stream" | "generate") => {
    const { messages: _, model: __, ...rest } = body({ config }, model, mode)
    return rest
  }

  it("that a model does not take are left out", () => {
    const config = { temperature: 0.5, topP: 0.9, topK: 5, seed: 1, logprobs: 1, stop: ["X", " "], user: "u" }
    const taken = { stop_sequences: ["X"], metadata: { user_id: "u" }, max_tokens: 21_333 }
    assert.deepStrictEqual(settings(config, "claude-opus-5-5"), taken)
    const sampled = { ...taken, temperature: 0.5, top_p: 0.9, top_k: 5 }
    for (const old of ["claude-sonnet-4-5-20250929", "claude-opus-4-6", "anthropic/claude-sonnet-4.6"]) {
      assert.deepStrictEqual(settings(config, old), sampled, old)
    }
    assert.strictEqual(settings({}, "claude-3-haiku-20240307", "stream")["max_tokens"], 4096)
    assert.strictEqual(settings({}, "claude-9", "stream")["max_tokens"], 32_000)
  })

  it("of thinking are those of the model, and take the others away", () => {
    const config = { temperature: 0.5, reasoningEffort: "high", maxTokens: 40_000 } as const
    assert.deepStrictEqual(settings(config, "claude-opus-4-6"), {
      max_tokens: 40_000,
      thinking: { type: "adaptive" },
      output_config: { effort: "high" }
    })
    assert.deepStrictEqual(settings(config, "claude-haiku-4-5"), {
      max_tokens: 40_000,
      thinking: { type: "enabled", budget_tokens: 16_384 }
    })
    // Not enough tokens for a thought.
    assert.deepStrictEqual(settings({ ...config, maxTokens: 1000 }, "claude-haiku-4-5"), {
      max_tokens: 1000,
      temperature: 0.5
    })
    assert.deepStrictEqual(settings({ ...config, reasoningEffort: "none" }, "claude-haiku-4-5"), {
      max_tokens: 40_000,
      thinking: { type: "disabled" },
      temperature: 0.5
    })
    assert.deepStrictEqual(settings({ reasoningEffort: "none", maxTokens: 9 }, "claude-fable-5-1"), {
      max_tokens: 9,
      thinking: { type: "adaptive" },
      output_config: { effort: "low" }
    })
  })

  it("of tools: one at a time, one of them, none", () => {
    const tools = [{ name: "w", parameters: { anyOf: [{ type: "object" }], description: "Either" } }]
    const choice = (toolChoice: LMRequest["toolChoice"], model?: string, parallelToolCalls?: boolean) =>
      body({ tools, toolChoice, config: { parallelToolCalls } }, model)["tool_choice"]
    assert.isUndefined(choice("auto"))
    assert.deepStrictEqual(choice("required"), { type: "any" })
    assert.deepStrictEqual(choice("none"), { type: "none" })
    assert.deepStrictEqual(choice({ name: "w" }), { type: "tool", name: "w" })
    assert.deepStrictEqual(choice({ name: "w" }, "claude-opus-5-5", false), {
      type: "auto",
      disable_parallel_tool_use: true
    })
    const [{ input_schema }] = body({ tools })["tools"] as any
    assert.deepStrictEqual(input_schema, {
      type: "object",
      description: "Either; as in {\"anyOf\":[{\"type\":\"object\"}]}"
    })
  })

  it("hold the reply to a schema, whose bounds are said in words", () => {
    const format = (schema: Record<string, unknown>, model?: string) =>
      (body({ responseFormat: { _tag: "JsonSchema", name: "reply", schema } }, model)["output_config"] as any)?.format
    const schema = {
      type: "object",
      properties: {
        age: { type: "integer", minimum: 0, description: "In years" },
        when: { type: "string", format: "date-time" },
        mail: { oneOf: [{ type: "string", format: "idn-email" }, { type: "null" }] },
        tags: { type: "array", items: { type: "string", maxLength: 3 }, minItems: 1 }
      },
      required: ["age"]
    }
    assert.deepStrictEqual(format(schema), {
      type: "json_schema",
      schema: {
        type: "object",
        properties: {
          age: { type: "integer", description: "In years; minimum: 0" },
          when: { type: "string", format: "date-time" },
          mail: { anyOf: [{ type: "string", description: "format: idn-email" }, { type: "null" }] },
          tags: { type: "array", items: { type: "string", description: "maxLength: 3" }, description: "minItems: 1" }
        },
        required: ["age"],
        additionalProperties: false
      }
    })
    assert.isUndefined(format(schema, "claude-opus-4-1"))
    // A name that the service refuses: the form is said in the prompt.
    assert.isUndefined(format({ type: "object", properties: { ключ: { type: "string" } } }))
  })

  it("that cannot be said are refused before anything is sent", () => {
    const problem = (request: Partial<LMRequest>) =>
      protocol.problem?.({ messages: [], config: {}, responseFormat: { _tag: "Text" }, ...request })
    assert.isUndefined(problem({}))
    assert.match(problem({ config: { n: 2 } })!, /one completion to a request/)
    assert.match(
      problem({ messages: [Request.user([{ _tag: "Image", source: base64("image/tiff") }])] })!,
      /and this one is image\/tiff/
    )
    assert.match(
      problem({ messages: [Request.user([{ _tag: "File", source: base64("application/zip") }])] })!,
      /and this one is application\/zip/
    )
  })
})
