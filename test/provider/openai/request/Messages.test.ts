/** Messages as a provider gets them: tool calls, results, thoughts, and marks for a prompt cache. */
import { assert, describe, it } from "@effect/vitest"
import * as LMContent from "effect-lm/lm/LMContent"
import { assistant, type LMRequest, system, toolResult, user } from "effect-lm/lm/LMRequest"
import { base64, body, link } from "../../support/bodies.ts"

describe("messages in the body of a request", () => {
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
})
