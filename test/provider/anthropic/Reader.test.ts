/** Answers of Anthropic's Messages, wherever their bytes are split. */
import { assert, describe, it } from "@effect/vitest"
import * as LMReason from "effect-lm/lm/LMReason"
import { begin, block, decode, end, event, message, text, thinking, tool } from "./support/frames.ts"

const contentOf = (body: string) => {
  const { failure, response } = decode(body)
  assert.isUndefined(failure)
  assert.lengthOf(response.completions, 1)
  return response.completions[0]!
}

describe("an answer", () => {
  it("is text in pieces, with what it cost and who answered", () => {
    const { failure, response } = decode(begin() + text(0, "H", "i 👋") + event("ping") + end())
    assert.isUndefined(failure)
    assert.deepStrictEqual(response, {
      completions: [{ index: 0, content: [{ _tag: "Text", text: "Hi 👋" }], finish: "stop" }],
      usage: {
        inputTokens: 9,
        outputTokens: 3,
        reasoningTokens: 0,
        cachedInputTokens: 0,
        cacheWriteTokens: 0,
        calls: 1
      },
      id: "msg_1",
      model: "m"
    })
  })

  it("that comes whole is the same answer", () => {
    const parts = [
      { type: "thinking", thinking: "ask w", signature: "Eq==" },
      { type: "text", text: "I ask." },
      { type: "tool_use", id: "toolu_1", name: "w", input: { c: "Rome" } }
    ]
    const streamed = begin() + thinking(0, "Eq==", "ask ", "w") + text(1, "I ", "ask.") +
      tool(2, "toolu_1", "w", "", "{\"c\":", "\"Rome\"}") + end("tool_use")
    assert.deepStrictEqual(decode(message(parts, "tool_use")).response, decode(streamed).response)
  })

  it("has thoughts with their signatures, and calls with their arguments", () => {
    const { content, finish } = contentOf(
      begin() + thinking(0, "Eq==", "ask ", "w") + tool(1, "toolu_1", "w", "", "{\"c\":", "\"Rome\"}") +
        tool(2, "toolu_2", "w") + end("tool_use")
    )
    assert.strictEqual(finish, "tool-calls")
    assert.deepStrictEqual(content, [
      { _tag: "Reasoning", text: "ask w", providerData: { anthropic: { signature: "Eq==" } } },
      { _tag: "ToolCall", id: "toolu_1", name: "w", arguments: "{\"c\":\"Rome\"}" },
      // A tool without arguments.
      { _tag: "ToolCall", id: "toolu_2", name: "w", arguments: "{}" }
    ])
  })

  it("keeps thoughts that nobody can read, apart from each other and in their order", () => {
    const { content } = contentOf(
      begin() + thinking(0, "one", "a") + block(1, { type: "redacted_thinking", data: "b+c=" }) +
        thinking(2, "two") + text(3, "x") + end()
    )
    assert.deepStrictEqual(content, [
      { _tag: "Reasoning", text: "a", providerData: { anthropic: { signature: "one" } } },
      { _tag: "Reasoning", text: "", providerData: { anthropic: { redacted: "b+c=" } } },
      { _tag: "Reasoning", text: "", providerData: { anthropic: { signature: "two" } } },
      { _tag: "Text", text: "x" }
    ])
  })

  it("keeps what tools of the service did, and where its text is from", () => {
    const result = { type: "web_search_tool_result", tool_use_id: "s1", content: [{ encrypted_content: "zzz" }] }
    const citation = { type: "char_location", cited_text: "Rome", document_index: 0 }
    const { content } = contentOf(
      begin() + text(0, "Wait.") +
        block(1, { type: "server_tool_use", id: "s1", name: "web_search", input: {} }, {
          type: "input_json_delta",
          partial_json: "{\"q\":\"x\"}"
        }) +
        block(2, result) +
        block(3, { type: "text", text: "" }, { type: "text_delta", text: "Rome" }, {
          type: "citations_delta",
          citation
        }) + end()
    )
    assert.deepStrictEqual(content, [
      {
        _tag: "Text",
        text: "Wait.",
        providerData: {
          anthropic: { block: { type: "server_tool_use", id: "s1", name: "web_search", input: { q: "x" } } }
        }
      },
      { _tag: "Text", text: "", providerData: { anthropic: { block: result } } },
      { _tag: "Text", text: "Rome", providerData: { anthropic: { citations: [citation] } } }
    ])
  })

  it("of a gateway may have a block whole at its beginning", () => {
    const { content } = contentOf(
      begin() + block(0, { type: "thinking", thinking: "t", signature: "s" }) + block(1, { type: "text", text: "x" }) +
        block(2, { type: "tool_use", id: "a", name: "w", input: { c: 1 } }) + end("tool_use")
    )
    assert.deepStrictEqual(content, [
      { _tag: "Reasoning", text: "t", providerData: { anthropic: { signature: "s" } } },
      { _tag: "Text", text: "x" },
      { _tag: "ToolCall", id: "a", name: "w", arguments: "{\"c\":1}" }
    ])
  })

  it("counts its input with the cache's part, as it was told last", () => {
    const counted = { input_tokens: 43, cache_creation_input_tokens: 5, cache_read_input_tokens: 100, output_tokens: 1 }
    const later = { input_tokens: 61, output_tokens: 40, output_tokens_details: { thinking_tokens: 30 } }
    const { response } = decode(begin(counted) + text(0, "x") + end("end_turn", later))
    assert.deepStrictEqual(response.usage, {
      inputTokens: 166,
      outputTokens: 40,
      reasoningTokens: 30,
      cachedInputTokens: 100,
      cacheWriteTokens: 5,
      calls: 1
    })
  })

  it("that is begun twice is one", () => {
    assert.deepStrictEqual(contentOf(begin() + begin() + text(0, "x") + end()).content, [{ _tag: "Text", text: "x" }])
    const { failure } = decode(begin() + begin({}, "msg_2") + text(0, "x") + end())
    assert.instanceOf(failure, LMReason.InvalidResponse)
  })

  it("passes over events and pieces that are not known yet", () => {
    const body = begin() + event("news", { a: 1 }) + block(0, { type: "text", text: "" }, { type: "new_delta" }, {
      type: "text_delta",
      text: "x"
    }) + end()
    assert.deepStrictEqual(contentOf(body).content, [{ _tag: "Text", text: "x" }])
  })
})

describe("the end of an answer", () => {
  const finishOf = (stop_reason: string, more: object = {}) =>
    contentOf(begin() + text(0, "x") + end(stop_reason, {}, more))

  it("is told for what it is", () => {
    assert.strictEqual(finishOf("end_turn").finish, "stop")
    assert.strictEqual(finishOf("stop_sequence").finish, "stop")
    assert.strictEqual(finishOf("max_tokens").finish, "length")
    const refused = finishOf("refusal", { stop_details: { category: "bio", explanation: "No." } })
    assert.strictEqual(refused.finish, "refusal")
    assert.strictEqual(refused.detail, "bio: No.")
  })

  it("is an error where the context is full, where it is not known, and where it never comes", () => {
    const failureOf = (body: string) => {
      const { failure, response } = decode(body)
      // What was said before counts.
      assert.deepStrictEqual(response.completions[0]?.content, [{ _tag: "Text", text: "x" }])
      assert.strictEqual(response.usage?.inputTokens, 9)
      return failure?._tag
    }
    const begun = begin() + text(0, "x")
    assert.strictEqual(failureOf(begun + end("model_context_window_exceeded")), "ContextWindowExceeded")
    assert.strictEqual(failureOf(begun + end("whatever")), "InvalidResponse")
    assert.strictEqual(failureOf(begun), "Truncated")
    assert.strictEqual(failureOf(begun + event("message_delta", { delta: { stop_reason: "end_turn" } })), "Truncated")
  })

  it("is an error that comes inside the stream", () => {
    const overloaded = event("error", { error: { type: "overloaded_error", message: "Overloaded" } })
    assert.strictEqual(decode(overloaded).failure?._tag, "Server")
    const { failure, response } = decode(begin() + text(0, "x") + overloaded)
    assert.strictEqual(failure?._tag, "Server")
    assert.deepStrictEqual(response.completions[0]?.content, [{ _tag: "Text", text: "x" }])
  })

  it("cuts a call whose arguments are not whole", () => {
    const body = begin() +
      event("content_block_start", { index: 0, content_block: { type: "tool_use", id: "a", name: "w" } }) +
      event("content_block_delta", { index: 0, delta: { type: "input_json_delta", partial_json: "{\"c\":" } })
    assert.strictEqual(decode(body).failure?._tag, "Truncated")
  })
})
