/** A whole completion, where a stream was asked for or not, and what is no completion at all. */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { decode, description, only } from "../../support/decoding.ts"

describe("a whole completion", () => {
  it("after blank lines is one completion", () => {
    const body = JSON.stringify({
      ...WireServer.completion({
        role: "assistant",
        content: "Paris",
        reasoning_content: "Well",
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }, {
          id: "a",
          type: "function",
          function: { name: "f", arguments: "{\"x\":1}" }
        }]
      }),
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
    })
    for (const text of [body, `\n\n\r\n  ${body}\n`, JSON.stringify(JSON.parse(body), null, 2)]) {
      const result = decode(text)
      assert.deepStrictEqual(result.usage, {
        inputTokens: 3,
        outputTokens: 2,
        reasoningTokens: 0,
        cachedInputTokens: 0,
        cacheWriteTokens: 0,
        calls: 1
      })
      assert.deepStrictEqual(result.completions, [{
        index: 0,
        text: "Paris",
        reasoning: "Well",
        toolCalls: [{ id: "a", name: "f", arguments: "{}" }, { id: "a", name: "f", arguments: "{\"x\":1}" }],
        finish: "tool-calls"
      }])
    }
  })

  it("is over without a finish reason, because the body says so", () => {
    const body = JSON.stringify(WireServer.completion({ content: "Paris" }, { finish_reason: null }))
    assert.strictEqual(only(body).finish, "stop")
  })

  it("a body that is no completion is no answer", () => {
    assert.strictEqual(decode("<!doctype html><html></html>").failure, "InvalidResponse")
    assert.include(description("<html>"), "base URL")
    assert.strictEqual(decode("{\"object\":\"list\"}").failure, "InvalidResponse")
    assert.strictEqual(decode("{choices: 1").failure, "InvalidResponse")
    assert.strictEqual(decode("{\"choices\":[").failure, "Truncated")
    assert.strictEqual(decode("").failure, "Truncated")
    assert.strictEqual(decode("\n\n").failure, "Truncated")
  })
})
