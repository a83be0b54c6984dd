/** The chunks of a stream, as servers really write them: what they say, and what says nothing. */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { bytes, decode, only, read } from "../../support/decoding.ts"

const { chunk, data, done, stop } = WireServer

describe("chunks of a stream", () => {
  it("reads an ordinary stream", () => {
    const body = chunk({ role: "assistant", content: "" }) + chunk({ content: "Hello" }) +
      chunk({ content: ", wörld 👋" }) +
      stop + done
    const result = decode(body)
    assert.deepStrictEqual(result, {
      completions: [{ index: 0, text: "Hello, wörld 👋", reasoning: "", toolCalls: [], finish: "stop" }],
      usage: undefined,
      model: "wire-1",
      failure: undefined
    })
  })

  it("keeps each chunk's text apart, and says who answers once", () => {
    const { events } = read([bytes(chunk({ content: "a" }) + chunk({ content: "b" }) + stop + done)])
    assert.deepStrictEqual(events, [
      { _tag: "ResponseInfo", id: "chatcmpl-1", model: "wire-1" },
      { _tag: "TextDelta", index: 0, text: "a" },
      { _tag: "TextDelta", index: 0, text: "b" },
      { _tag: "Finish", index: 0, reason: "stop" }
    ])
  })

  it("no space after data:, CRLF and CR, comments and empty data", () => {
    const plain = chunk({ content: "a\nb" }) + stop + done
    const odd = `: OPENROUTER PROCESSING\n\n:\n\ndata:\n\n${plain}`
    for (
      const body of [odd, odd.replaceAll("data: ", "data:"), odd.replaceAll("\n", "\r\n"), odd.replaceAll("\n", "\r")]
    ) {
      assert.strictEqual(only(body).text, "a\nb")
    }
  })

  it("characters that are split over reads", () => {
    assert.strictEqual(only(chunk({ content: "é 漢字 😀🇫🇷" }) + stop + done).text, "é 漢字 😀🇫🇷")
  })

  it("chunks without choices", () => {
    const filters = data({ id: "", model: "", choices: [], prompt_filter_results: [{ prompt_index: 0 }] })
    const result = decode(
      filters + chunk({ content: "a" }) + stop + data({ choices: [], usage: { prompt_tokens: 1 } }) + done
    )
    assert.strictEqual(result.completions[0]!.text, "a")
    assert.strictEqual(result.model, "wire-1")
    assert.strictEqual(result.usage?.inputTokens, 1)
  })

  it("choices without a delta, or null", () => {
    const odd = data({ choices: [{ index: 0, finish_reason: null, content_filter_results: {} }] }) +
      data({ choices: [{ index: 0, delta: null }] }) + data({ choices: [null] }) + data({ choices: null })
    assert.strictEqual(only(odd + chunk({ content: "a" }) + odd + stop + odd + done).text, "a")
  })

  it("chunks that say nothing make no events", () => {
    const nothing = chunk({ role: "assistant", content: null }) + chunk({ role: "assistant", content: "" }) +
      chunk({}) +
      chunk({ role: "assistant", tool_calls: [], refusal: null, reasoning_content: "", reasoning: null })
    const { events } = read([bytes(nothing)])
    assert.deepStrictEqual(events, [{ _tag: "ResponseInfo", id: "chatcmpl-1", model: "wire-1" }])
    assert.strictEqual(only(nothing + chunk({ role: "assistant", content: "a" }) + nothing + stop + done).text, "a")
  })

  it("an empty finish reason is none", () => {
    const text = (text: string) => chunk({ content: text }, { finish_reason: "" })
    assert.strictEqual(only(text("a") + text("b") + stop + done).text, "ab")
    assert.strictEqual(decode(text("a") + text("b")).failure, "Truncated")
  })

  it("no finish reason until the end, and text in the chunk that has it", () => {
    const bare = (content: string) => data({ choices: [{ index: 0, delta: { content } }] })
    const last = chunk({ content: "c" }, { finish_reason: "stop" })
    assert.deepStrictEqual(only(bare("a") + bare("b") + last + done), {
      index: 0,
      text: "abc",
      reasoning: "",
      toolCalls: [],
      finish: "stop"
    })
  })

  it("the response says which model answered", () => {
    assert.strictEqual(
      decode(data({ model: "other-2", choices: [{ delta: { content: "a" }, finish_reason: "stop" }] }) + done).model,
      "other-2"
    )
  })

  it("several completions at once, by index", () => {
    const choice = (index: number, content: string, finish_reason: string | null = null) =>
      data({ choices: [{ index, delta: { content }, finish_reason }] })
    const body = choice(1, "B") + choice(0, "A") +
      data({ choices: [{ index: 0, delta: { content: "a" } }, { index: 1, delta: { content: "b" } }] }) +
      choice(0, "", "stop") + choice(1, "", "length") + done
    assert.deepStrictEqual(decode(body).completions.map(({ finish, index, text }) => [index, text, finish]), [
      [0, "Aa", "stop"],
      [1, "Bb", "length"]
    ])
  })
})
