/** A reply is complete when its provider said so, and is an error otherwise. */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { decode, description, only } from "../../support/decoding.ts"

const { chunk, data, done, stop } = WireServer

describe("complete or an error", () => {
  const text = chunk({ content: "Paris" })

  it("a finish reason without [DONE] is complete", () => {
    assert.strictEqual(only(text + stop).finish, "stop")
    assert.strictEqual(only(text + stop.trimEnd()).finish, "stop")
  })

  it("[DONE] without a finish reason is complete", () => {
    assert.strictEqual(only(text + done).finish, "stop")
    assert.strictEqual(only(text + "data:[DONE]").finish, "stop")
  })

  it("neither is a truncated response, with what came", () => {
    const result = decode(text + data({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }))
    assert.strictEqual(result.failure, "Truncated")
    assert.strictEqual(result.completions[0]!.text, "Paris")
    assert.strictEqual(result.usage?.outputTokens, 2)
  })

  it("and so is one whose other completion was not over", () => {
    const second = data({ choices: [{ index: 1, delta: { content: "London" } }] })
    assert.strictEqual(decode(text + second + stop).failure, "Truncated")
    assert.strictEqual(decode(text + second + stop + done).failure, "Truncated")
    assert.isUndefined(decode(text + second + done).failure)
  })

  it("what follows [DONE] is not looked at", () => {
    assert.strictEqual(only(text + done + "data: nonsense\n\n" + text).text, "Paris")
  })

  it("each unwelcome end is told apart", () => {
    const end = (finish_reason: string) => only(text + chunk({}, { finish_reason }) + done).finish
    assert.strictEqual(end("length"), "length")
    assert.strictEqual(end("content_filter"), "content-filter")
    assert.strictEqual(end("MAX_TOKENS"), "length")
    assert.strictEqual(end("eos_token"), "stop")
  })

  it("a refusal is one, whatever the reason says", () => {
    const refused = only(chunk({ refusal: "I can't " }) + chunk({ refusal: "help with that." }) + stop + done)
    assert.deepStrictEqual(refused, {
      index: 0,
      text: "",
      reasoning: "",
      toolCalls: [],
      finish: "refusal",
      detail: "I can't help with that."
    })
  })

  it("a length stop before the first word means that the messages fill the context", () => {
    const length = chunk({}, { finish_reason: "length" })
    assert.strictEqual(decode(length + done).failure, "ContextWindowExceeded")
    assert.include(description(length + done), "num_ctx")
    assert.strictEqual(
      decode(length + data({ choices: [], usage: { prompt_tokens: 2048, completion_tokens: 0 } }) + done).failure,
      "ContextWindowExceeded"
    )
    // Hidden reasoning used up the tokens: that is an ordinary limit.
    const hidden = { prompt_tokens: 20, completion_tokens: 64, completion_tokens_details: { reasoning_tokens: 64 } }
    assert.strictEqual(only(length + data({ choices: [], usage: hidden }) + done).finish, "length")
    assert.strictEqual(only(chunk({ content: "a" }) + length + done).finish, "length")
  })
})
