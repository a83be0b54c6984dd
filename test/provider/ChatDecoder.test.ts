/**
 * What servers really send, row by row: each body is read at every split of its bytes, and has to mean the same.
 */
import { assert, describe, it } from "@effect/vitest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import { textOfFirst } from "../support/said.ts"
import * as WireServer from "../support/wireServer.ts"
import { atOnce, bytes, decode, description, only, read } from "./support/decoding.ts"

const { chunk, data, done } = WireServer
const stop = chunk({}, { finish_reason: "stop" })

const call = (fragment: Readonly<Record<string, unknown>>) => chunk({ tool_calls: [fragment] })
const calls = (body: string) => only(body + chunk({}, { finish_reason: "tool_calls" }) + done).toolCalls
const fn = (name: string | null | undefined, args: unknown) => ({ function: { name, arguments: args } })

describe("ChatDecoder", () => {
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

  it("rows 1 to 3: no space after data:, CRLF and CR, comments and empty data", () => {
    const plain = chunk({ content: "a\nb" }) + stop + done
    const odd = `: OPENROUTER PROCESSING\n\n:\n\ndata:\n\n${plain}`
    for (
      const body of [odd, odd.replaceAll("data: ", "data:"), odd.replaceAll("\n", "\r\n"), odd.replaceAll("\n", "\r")]
    ) {
      assert.strictEqual(only(body).text, "a\nb")
    }
  })

  it("row 4 and row 24: a whole completion, after blank lines, is one completion", () => {
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

  it("row 4: a whole completion is over without a finish reason, because the body says so", () => {
    const body = JSON.stringify(WireServer.completion({ content: "Paris" }, { finish_reason: null }))
    assert.strictEqual(only(body).finish, "stop")
  })

  it("row 24: a body that is no completion is no answer", () => {
    assert.strictEqual(decode("<!doctype html><html></html>").failure, "InvalidResponse")
    assert.include(description("<html>"), "base URL")
    assert.strictEqual(decode("{\"object\":\"list\"}").failure, "InvalidResponse")
    assert.strictEqual(decode("{choices: 1").failure, "InvalidResponse")
    assert.strictEqual(decode("{\"choices\":[").failure, "Truncated")
    assert.strictEqual(decode("").failure, "Truncated")
    assert.strictEqual(decode("\n\n").failure, "Truncated")
  })

  it("row 5: characters that are split over reads", () => {
    assert.strictEqual(only(chunk({ content: "é 漢字 😀🇫🇷" }) + stop + done).text, "é 漢字 😀🇫🇷")
  })

  it("row 6: chunks without choices", () => {
    const filters = data({ id: "", model: "", choices: [], prompt_filter_results: [{ prompt_index: 0 }] })
    const result = decode(
      filters + chunk({ content: "a" }) + stop + data({ choices: [], usage: { prompt_tokens: 1 } }) + done
    )
    assert.strictEqual(result.completions[0]!.text, "a")
    assert.strictEqual(result.model, "wire-1")
    assert.strictEqual(result.usage?.inputTokens, 1)
  })

  it("row 7: choices without a delta, or null", () => {
    const odd = data({ choices: [{ index: 0, finish_reason: null, content_filter_results: {} }] }) +
      data({ choices: [{ index: 0, delta: null }] }) + data({ choices: [null] }) + data({ choices: null })
    assert.strictEqual(only(odd + chunk({ content: "a" }) + odd + stop + odd + done).text, "a")
  })

  it("row 8: usage is optional, wherever it is, and the last one counts", () => {
    const text = chunk({ content: "a" })
    const finish = (extra: object) => data({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], ...extra })
    const usage = (completion_tokens: number) => ({ prompt_tokens: 7, completion_tokens })
    assert.isUndefined(decode(text + stop + done).usage)
    assert.strictEqual(decode(text + finish({ x_groq: { id: "r", usage: usage(2) } }) + done).usage?.outputTokens, 2)
    assert.strictEqual(decode(text + finish({ usage: usage(3) }) + done).usage?.outputTokens, 3)
    const twice = text + finish({ usage: usage(3) }) + data({ choices: [], usage: usage(4) }) +
      data({ choices: [], usage: null }) + done
    assert.deepStrictEqual(decode(twice).usage, {
      inputTokens: 7,
      outputTokens: 4,
      reasoningTokens: 0,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      calls: 1
    })
  })

  it("row 8: usage with details, in each provider's count", () => {
    const of = (usage: object) => decode(stop + data({ choices: [], usage }) + done).usage
    const details = { prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 5 } }
    const expected = {
      inputTokens: 10,
      outputTokens: 8,
      reasoningTokens: 5,
      cachedInputTokens: 4,
      cacheWriteTokens: 0,
      calls: 1
    }
    assert.deepStrictEqual(of({ prompt_tokens: 10, completion_tokens: 8, total_tokens: 18, ...details }), expected)
    assert.deepStrictEqual(of({ prompt_tokens: 10, completion_tokens: 3, total_tokens: 18, ...details }), expected)
    assert.strictEqual(
      of({ prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 6 })?.cachedInputTokens,
      6
    )
  })

  it("row 8: usage in the choice or in the message", () => {
    const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
    const expected = {
      inputTokens: 5,
      outputTokens: 2,
      reasoningTokens: 0,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      calls: 1
    }
    assert.deepStrictEqual(decode(chunk({}, { finish_reason: "stop", usage }) + done).usage, expected)
    assert.deepStrictEqual(
      decode(chunk({ content: "a" }) + chunk({ content: "b" }, { usage }) + stop + done).usage,
      expected
    )
    assert.deepStrictEqual(decode(JSON.stringify(WireServer.completion({ content: "a", usage }))).usage, expected)
    assert.deepStrictEqual(decode(JSON.stringify(WireServer.completion({ content: "a" }, { usage }))).usage, expected)
  })

  it("row 8: thinking that only the total counts, and other words for the counts", () => {
    const rows: ReadonlyArray<
      readonly [usage: object, input: number, output: number, reasoning: number, cached: number, written?: number]
    > = [
      [{ prompt_tokens: 10, completion_tokens: 3, total_tokens: 20 }, 10, 10, 7, 0],
      [{ prompt_tokens: 10, completion_tokens: 0, total_tokens: 20 }, 10, 10, 10, 0],
      [{ prompt_tokens: 10, total_tokens: 12 }, 10, 2, 0, 0],
      [{ prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 }, 10, 3, 0, 0],
      [{ prompt_tokens: 10, completion_tokens: 3, total_tokens: 5 }, 10, 3, 0, 0],
      [{ input_tokens: 10, output_tokens: 3 }, 10, 3, 0, 0],
      [
        {
          input_tokens: 10,
          output_tokens: 8,
          total_tokens: 18,
          input_tokens_details: { cached_tokens: 4 },
          output_tokens_details: { reasoning_tokens: 5 }
        },
        10,
        8,
        5,
        4
      ],
      [{ promptTokens: 10, completionTokens: 3, totalTokens: 13 }, 10, 3, 0, 0],
      [
        { promptTokenCount: 10, candidatesTokenCount: 3, thoughtsTokenCount: 7, totalTokenCount: 20 },
        10,
        10,
        7,
        0
      ],
      [{ input_tokens: 10, output_tokens: 3, cache_read_input_tokens: 90 }, 100, 3, 0, 90],
      [
        { prompt_tokens: 100, completion_tokens: 3, total_tokens: 103, cache_read_input_tokens: 90 },
        100,
        3,
        0,
        90
      ],
      [{ prompt_tokens: 10, completion_tokens: 3, cached_tokens: 6 }, 10, 3, 0, 6],
      [
        { input_tokens: 10, output_tokens: 3, cache_read_input_tokens: 90, cache_creation_input_tokens: 50 },
        150,
        3,
        0,
        90,
        50
      ],
      [
        { prompt_tokens: 100, completion_tokens: 3, total_tokens: 103, cache_creation_input_tokens: 50 },
        100,
        3,
        0,
        0,
        50
      ]
    ]
    for (const [usage, inputTokens, outputTokens, reasoningTokens, cachedInputTokens, cacheWriteTokens = 0] of rows) {
      assert.deepStrictEqual(
        decode(stop + data({ choices: [], usage }) + done).usage,
        { inputTokens, outputTokens, reasoningTokens, cachedInputTokens, cacheWriteTokens, calls: 1 },
        JSON.stringify(usage)
      )
    }
    assert.isUndefined(decode(stop + data({ choices: [], usage: {} }) + done).usage)
  })

  it("row 9: chunks that say nothing make no events", () => {
    const nothing = chunk({ role: "assistant", content: null }) + chunk({ role: "assistant", content: "" }) +
      chunk({}) +
      chunk({ role: "assistant", tool_calls: [], refusal: null, reasoning_content: "", reasoning: null })
    const { events } = read([bytes(nothing)])
    assert.deepStrictEqual(events, [{ _tag: "ResponseInfo", id: "chatcmpl-1", model: "wire-1" }])
    assert.strictEqual(only(nothing + chunk({ role: "assistant", content: "a" }) + nothing + stop + done).text, "a")
  })

  it("row 10: an empty finish reason is none", () => {
    const text = (text: string) => chunk({ content: text }, { finish_reason: "" })
    assert.strictEqual(only(text("a") + text("b") + stop + done).text, "ab")
    assert.strictEqual(decode(text("a") + text("b")).failure, "Truncated")
  })

  it("row 11: no finish reason until the end, and text in the chunk that has it", () => {
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

  describe("row 12: reasoning", () => {
    it("under either name, never both", () => {
      const body = chunk({ reasoning_content: "a" }) + chunk({ reasoning: "b" }) +
        chunk({ reasoning_content: "c", reasoning: "c" }) +
        chunk({ reasoning_content: "", reasoning: "d", content: "" }) +
        chunk({ content: "e" }) + stop + done
      const completion = only(body)
      assert.strictEqual(completion.reasoning, "abcd")
      assert.strictEqual(completion.text, "e")
    })

    const tagged = (...pieces: ReadonlyArray<string>) =>
      atOnce(pieces.map((content) => chunk({ content })).join("") + stop + done)

    it("between <think> tags at the very start, however they are cut", () => {
      const text = "<think>\nHm, <b> </think\nwell</think>\n\nParis </think> <think>x"
      for (let at = 0; at <= text.length; at++) {
        const { reasoning, text: rest } = tagged(text.slice(0, at), text.slice(at))
        assert.strictEqual(reasoning, "\nHm, <b> </think\nwell")
        assert.strictEqual(rest, "Paris </think> <think>x")
      }
      const single = tagged(...text.split(""))
      assert.strictEqual(single.reasoning, "\nHm, <b> </think\nwell")
      assert.strictEqual(single.text, "Paris </think> <think>x")
    })

    it("and nowhere else", () => {
      for (
        const text of ["a <think>b</think>", "<thin", "<thinker>a</thinker>", "<", " \n<", " a", "\n</thin", "  "]
      ) {
        const { reasoning, text: rest } = tagged(...text.split(""))
        assert.strictEqual(reasoning, "")
        assert.strictEqual(rest, text)
      }
    })

    it("a thought that is never closed is all reasoning", () => {
      const { reasoning, text } = tagged("<think>a", "b</thi")
      assert.strictEqual(reasoning, "ab</thi")
      assert.strictEqual(text, "")
    })

    it("tags are text where the provider uses none, or tells the reasoning apart", () => {
      assert.strictEqual(only(chunk({ content: "<think>a</think>b" }) + stop + done, false).text, "<think>a</think>b")
      const told = only(chunk({ reasoning: "r" }) + chunk({ content: "<think>a</think>b" }) + stop + done)
      assert.strictEqual(told.text, "<think>a</think>b")
      assert.strictEqual(told.reasoning, "r")
    })

    it("a held back start of a tag is shown when the stream ends or fails", () => {
      const cut = decode(chunk({ content: "<thi" }))
      assert.strictEqual(cut.completions[0]!.text, "<thi")
      assert.strictEqual(cut.failure, "Truncated")
      const failed = decode(chunk({ content: "<thi" }) + data({ error: { message: "x" } }))
      assert.strictEqual(failed.completions[0]!.text, "<thi")
      assert.strictEqual(failed.failure, "Server")
    })
  })

  it("row 13: content in parts", () => {
    const body = chunk({
      content: [{ type: "thinking", thinking: [{ type: "text", text: "Well" }, { type: "text", text: "," }] }]
    }) +
      chunk({
        content: [{ type: "thinking", thinking: " so" }, { type: "text", text: "Par" }, null, { type: "image" }]
      }) +
      chunk({ content: [{ type: "text", text: "is" }] }) + chunk({ content: ["!"] }) + stop + done
    const completion = only(body)
    assert.strictEqual(completion.reasoning, "Well, so")
    assert.strictEqual(completion.text, "Paris!")
  })

  describe("rows 14 and 15: tool calls", () => {
    const both = [{ id: "a", name: "f", arguments: "{\"x\":1}" }, { id: "b", name: "g", arguments: "{\"y\":2}" }]

    it("as the protocol has them", () => {
      assert.deepStrictEqual(
        calls(
          call({ index: 0, id: "a", type: "function", ...fn("f", "") }) +
            call({ index: 0, function: { arguments: "{\"x\"" } }) +
            call({ index: 0, function: { arguments: ":1}" } }) + call({ index: 1, id: "b", ...fn("g", "") }) +
            call({ index: 1, function: { arguments: "{\"y\":2}" } })
        ),
        both
      )
    })

    it("interleaved by index", () => {
      assert.deepStrictEqual(
        calls(
          call({ index: 0, id: "a", ...fn("f", "{\"x\"") }) + call({ index: 1, id: "b", ...fn("g", "{\"y\"") }) +
            chunk({
              tool_calls: [{ index: 1, function: { arguments: ":2}" } }, { index: 0, function: { arguments: ":1}" } }]
            })
        ),
        both
      )
    })

    it("without an index, by id", () => {
      assert.deepStrictEqual(
        calls(
          call({ id: "a", ...fn("f", "{\"x\"") }) + call({ id: "b", ...fn("g", "{\"y\"") }) +
            call({ id: "a", ...fn(null, ":1}") }) +
            call({ id: "b", ...fn("", ":2}") })
        ),
        both
      )
    })

    it("without an index, by position, and otherwise to the last open call", () => {
      const parts = (...args: ReadonlyArray<string>) => ({
        tool_calls: args.map((text) => ({ function: { arguments: text } }))
      })
      assert.deepStrictEqual(
        calls(
          chunk({ tool_calls: [{ id: "a", ...fn("f", "{\"x\"") }, { id: "b", ...fn("g", "{\"y\"") }] }) +
            chunk(parts(":1}", ":2")) +
            call({ function: { arguments: "}" } })
        ),
        both
      )
      assert.deepStrictEqual(
        calls(
          call({ id: "a", ...fn("f", "{\"x\"") }) + call(fn(null, ":1}")) + call({ id: "b", ...fn("g", "") }) +
            call(fn(undefined, "{\"y\":2}"))
        ),
        both
      )
    })

    it("whole, with neither index nor id", () => {
      const twice = calls(call(fn("f", "{\"x\":1}")) + call(fn("f", "{\"x\":2}")) + call(fn("g", "{}")))
      assert.deepStrictEqual(twice, [
        { id: "call_0_0", name: "f", arguments: "{\"x\":1}" },
        { id: "call_0_1", name: "f", arguments: "{\"x\":2}" },
        { id: "call_0_2", name: "g", arguments: "{}" }
      ])
      const together = calls(chunk({ tool_calls: [fn("f", "{\"x\":1}"), fn("f", "{\"x\":2}")] }))
      assert.deepStrictEqual(together, twice.slice(0, 2))
    })

    it("with neither index nor id, the name repeated each time", () => {
      assert.deepStrictEqual(calls(call(fn("f", "{\"x\"")) + call(fn("f", ":1}"))), [
        { id: "call_0_0", name: "f", arguments: "{\"x\":1}" }
      ])
    })

    it("with quotes and braces in the arguments", () => {
      const args = "{\"x\":\"\\\"}]\",\"y\":\"\\\\\"}"
      JSON.parse(args)
      for (let at = 1; at < args.length; at++) {
        const parts = call({ index: 0, ...fn("f", args.slice(0, at)) }) + call({ index: 0, ...fn("f", args.slice(at)) })
        assert.deepStrictEqual(atOnce(parts + done).toolCalls.map((call) => call.arguments), [args])
      }
    })

    it("all with index 0", () => {
      assert.deepStrictEqual(
        calls(
          call({ index: 0, id: "a", ...fn("f", "{\"x\":1}") }) + call({ index: 0, id: "b", ...fn("g", "{\"y\"") }) +
            call({ index: 0, ...fn(null, ":2}") })
        ),
        both
      )
      assert.deepStrictEqual(
        calls(call({ index: 0, ...fn("f", "{\"x\":\"}\"}") }) + call({ index: 0, ...fn("f", "{}") })).map((call) =>
          call.arguments
        ),
        ["{\"x\":\"}\"}", "{}"]
      )
    })

    it("with a new index and id on each fragment", () => {
      const fragment = (index: number, name: string, args: string) =>
        call({ index, id: `id${index}`, ...fn(name, args) })
      assert.deepStrictEqual(
        calls(fragment(0, "f", "") + fragment(1, "", "{\"x\"") + fragment(2, "", ":") + fragment(3, "", "1}")),
        [
          { id: "id0", name: "f", arguments: "{\"x\":1}" }
        ]
      )
    })

    it("with the name and id repeated each time, or null", () => {
      assert.deepStrictEqual(
        calls(
          call({ index: 0, id: "a", ...fn("f", "{\"x\"") }) + call({ index: 0, id: "a", ...fn("f", ":") }) +
            call({ index: 0, id: null, ...fn("f", "1") }) +
            call({ index: 0, id: null, type: null, ...fn(null, null) }) + call({ index: 0 }) +
            call({ index: 0, ...fn(null, "}") })
        ),
        [both[0]!]
      )
    })

    it("with arguments as an object, as custom input, or in the old function_call", () => {
      assert.deepStrictEqual(calls(call({ index: 0, id: "a", ...fn("f", { x: 1 }) })), [both[0]!])
      assert.deepStrictEqual(
        calls(
          call({ index: 0, id: "a", type: "custom", custom: { name: "f", input: "ab" } }) +
            call({ index: 0, custom: { input: "c" } })
        ),
        [{ id: "a", name: "f", arguments: "abc" }]
      )
      const old = chunk({ function_call: { name: "f", arguments: "{\"x\"" } }) +
        chunk({ function_call: { arguments: ":1}" } }) +
        chunk({}, { finish_reason: "function_call" }) + done
      assert.deepStrictEqual(only(old).toolCalls, [{ id: "call_0_0", name: "f", arguments: "{\"x\":1}" }])
      assert.strictEqual(only(old).finish, "tool-calls")
    })

    it("named like what plain objects inherit, and with arguments of any kind", () => {
      const odd = calls(
        call({ index: 0, id: "__proto__", ...fn("constructor", "{\"__proto__\":{}}") }) +
          call({ index: 1, id: "toString", ...fn("hasOwnProperty", "[") })
      )
      assert.deepStrictEqual(odd, [
        { id: "__proto__", name: "constructor", arguments: "{\"__proto__\":{}}" },
        { id: "toString", name: "hasOwnProperty", arguments: "[" }
      ])
    })
  })

  it("row 16: collected calls count, whatever the reason says", () => {
    const whole = call({ index: 0, id: "a", ...fn("f", "{}") })
    assert.strictEqual(only(whole + stop + done).finish, "tool-calls")
    assert.strictEqual(only(whole + chunk({}, { finish_reason: "length" }) + done).finish, "length")
    assert.strictEqual(only(chunk({ content: "a" }) + chunk({}, { finish_reason: "tool_calls" }) + done).finish, "stop")
  })

  describe("row 17: an error inside the stream", () => {
    const text = chunk({ content: "Par" })

    it("comes after what was there, in every form", () => {
      const forms: ReadonlyArray<readonly [body: string, tag: string]> = [
        [data({ error: { message: "boom", type: "server_error" } }), "Server"],
        [data({ error: { code: 429, message: "slow down" } }), "RateLimited"],
        [
          data({
            error: { code: "502", message: "upstream", metadata: {} },
            choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }]
          }),
          "Server"
        ],
        [
          data({
            error: {
              code: 400,
              message: "the request exceeds the available context size",
              type: "exceed_context_size_error"
            }
          }),
          "ContextWindowExceeded"
        ],
        [data({ error: "boom" }), "Server"],
        [data({ choices: [{ index: 0, delta: {}, error: { code: 503, message: "x" } }] }), "Server"],
        ["error: {\"code\":500,\"message\":\"boom\",\"type\":\"server_error\"}\n\n", "Server"],
        ["event: error\ndata: {\"message\":\"boom\"}\n\n", "Server"],
        [
          "event: error\ndata: {\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\"}}\n\n",
          "InvalidRequest"
        ],
        ["event: error\ndata: boom\n\n", "Server"],
        [chunk({}, { finish_reason: "error" }), "Server"]
      ]
      for (const [body, tag] of forms) {
        const result = decode(text + body + stop + done)
        assert.strictEqual(result.failure, tag, body)
        assert.strictEqual(result.completions[0]!.text, "Par")
        assert.isUndefined(result.completions[0]!.finish)
      }
    })

    it("says what the provider said", () => {
      assert.include(description(text + data({ error: { code: 503, message: "overloaded" } })), "503 overloaded")
      assert.include(description("event: error\ndata: boom\n\n"), "boom")
    })

    it("is none where `error` is null", () => {
      assert.strictEqual(
        only(data({ error: null, choices: [{ index: 0, delta: { content: "a" }, finish_reason: "stop" }] }) + done)
          .text,
        "a"
      )
    })

    it("is a failure of its own where the data is not JSON", () => {
      const result = decode(text + "data: {\"choices\":[{\"delta\"\n\n" + stop + done)
      assert.strictEqual(result.failure, "InvalidResponse")
      assert.strictEqual(result.completions[0]!.text, "Par")
    })
  })

  describe("row 18: complete or an error", () => {
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
  })

  it("row 19: a length stop before the first word means that the messages fill the context", () => {
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

  it("row 23: the response says which model answered", () => {
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

  describe("the short way through chunks of text", () => {
    const long = (id: string, data: (chunk: string) => string, ...texts: ReadonlyArray<string>) =>
      texts.map((content) =>
        data(
          JSON.stringify({
            id,
            model: "m",
            choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }],
            usage: null
          })
        )
      ).join("")
    const frame = (json: string) => `data: ${json}\n\n`
    const ascii = (json: string) =>
      frame(json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`))

    it("means what the long way means, whatever the text", () => {
      const texts = [
        "a",
        "",
        "\"",
        "\\",
        "\\\"",
        "\n\r\t",
        "é漢😀",
        "\"}}]}",
        "\",\"finish_reason\":\"stop",
        "</think>",
        "\u2028",
        "\u0000\u001f",
        "{",
        "b"
      ]
      for (const encode of [frame, ascii]) {
        assert.strictEqual(only(long("x", encode, ...texts) + stop + done).text, texts.join(""))
      }
    })

    it("for every text, by comparison with JSON.parse", () => {
      const alphabet = ["a", "\"", "\\", "\n", "é", "{", "}", ",", ":", "content"]
      for (let n = 0; n < alphabet.length ** 3; n++) {
        const text = [n, Math.floor(n / alphabet.length), Math.floor(n / alphabet.length ** 2)].map((at) =>
          alphabet[at % alphabet.length]
        ).join("")
        const { events } = read([bytes(long("x", frame, "first", text, "last") + stop + done)])
        assert.strictEqual(textOfFirst(LMResponse.fold(events)), `first${text}last`)
      }
    })

    it("is not taken by what only looks alike", () => {
      const first = long("x", frame, "first")
      const raw = (middle: string) => first.replace("first", () => middle)
      // Not JSON at all: a bare quote, a bare backslash, a control character, a cut escape.
      for (const middle of ["a\"b", "a\\", "a\\q", "a\\u12", "a\tb"]) {
        const result = decode(first + raw(middle) + stop + done)
        assert.strictEqual(result.failure, "InvalidResponse", middle)
        assert.strictEqual(result.completions[0]!.text, "first")
      }
      // JSON that closes the string and opens another member.
      const finish = decode(first + raw("a\",\"refusal\":\"no") + stop + done)
      assert.strictEqual(finish.completions[0]!.text, "firsta")
      assert.strictEqual(finish.completions[0]!.detail, "no")
    })

    it("follows the completion, the model and the shape when they change", () => {
      const choice = (index: number, content: string, more: object = {}) =>
        data({ id: "x", model: "m", choices: [{ index, delta: { content, ...more }, finish_reason: null }] })
      const body =
        Array.from({ length: 16 }, (_, n) => choice(n % 2, `${n % 2}`, n % 3 === 0 ? { role: "assistant" } : {})).join(
          ""
        ) +
        data({
          choices: [{ index: 0, delta: {}, finish_reason: "stop" }, { index: 1, delta: {}, finish_reason: "stop" }]
        }) + done
      assert.deepStrictEqual(decode(body).completions.map(({ text }) => text), ["0".repeat(8), "1".repeat(8)])
    })

    it("is not fooled by another content of the chunk", () => {
      const before = (content: string, other: string) =>
        data({ logprobs: { content: other }, choices: [{ delta: { content }, index: 0 }] })
      const after = (content: string, other: string) =>
        data({ choices: [{ index: 0, delta: { content }, logprobs: { content: other } }] })
      for (const frame of [before, after]) {
        const body = frame("a", "x") + frame("a", "y") + frame("b", "x") + frame("a", "x") + stop + done
        assert.strictEqual(only(body).text, "aaba")
      }
    })

    it("is not taken by a chunk that ends otherwise", () => {
      const ending = (content: string, finish_reason: string | null) =>
        data({ choices: [{ index: 0, delta: { content }, finish_reason }] })
      const body = ending("first", null) + ending("second", "") + ending("third", null) + ending("fourth", "stop") +
        done
      assert.strictEqual(only(body).text, "firstsecondthirdfourth")
    })
  })
})
