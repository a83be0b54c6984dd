/**
 * What an answer cost is told, whatever comes after it.
 */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { bytes, read } from "../../support/decoding.ts"

const { chunk, data, done } = WireServer

const spent = (body: string) => {
  const usage = read([bytes(body)]).events.find((event) => event._tag === "Usage")?.usage
  return usage === undefined ? undefined : [usage.inputTokens, usage.outputTokens, usage.cachedInputTokens]
}

const answer = chunk({ content: "a" }, { finish_reason: "stop" })

describe("usage", () => {
  it("in the words of Bedrock", () => {
    const usage = { inputTokens: 10, outputTokens: 5, totalTokens: 18, cacheReadInputTokens: 3 }
    assert.deepStrictEqual(spent(answer + data({ choices: [], usage }) + done), [13, 5, 3])
  })

  it("in a delta, and in a message", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5 }
    assert.deepStrictEqual(spent(chunk({ content: "a" }) + chunk({ usage }, { finish_reason: "stop" }) + done), [
      10,
      5,
      0
    ])
    assert.deepStrictEqual(spent(chunk({ content: "a", usage }) + answer + done), [10, 5, 0])
    assert.deepStrictEqual(spent(JSON.stringify(WireServer.completion({ content: "a", usage }))), [10, 5, 0])
  })

  it("is not taken back by one that counts nothing", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5 }
    for (const later of [{}, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, null]) {
      const body = answer + data({ choices: [{ index: 0, delta: {} }], usage }) +
        data({ choices: [{ index: 0, delta: {} }], usage: later }) + data({ choices: [], usage: later }) + done
      assert.deepStrictEqual(spent(body), [10, 5, 0])
    }
  })

  it("may come in parts, and the later one counts", () => {
    const rows: ReadonlyArray<readonly [parts: ReadonlyArray<object>, spent: ReadonlyArray<number>]> = [
      [[{ prompt_tokens: 7 }, { completion_tokens: 3 }], [7, 3, 0]],
      [[{ input_tokens: 7, output_tokens: 1, cache_read_input_tokens: 90 }, { output_tokens: 30 }], [97, 30, 90]],
      [[{ prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 }, { prompt_tokens: 7, completion_tokens: 3 }], [
        7,
        3,
        0
      ]],
      [[{ prompt_tokens: 7, total_tokens: 40 }, { completion_tokens: 3 }], [7, 3, 0]],
      [[{ prompt_tokens: 7, completion_tokens: 3 }, { total_tokens: 15 }], [7, 8, 0]],
      [[{ prompt_tokens: 7, completion_tokens: 3 }, { prompt_tokens: 0, completion_tokens: 5 }], [7, 5, 0]]
    ]
    for (const [parts, expected] of rows) {
      const body = parts.map((usage) => data({ choices: [{ index: 0, delta: { content: "a" } }], usage })).join("")
      assert.deepStrictEqual(spent(body + answer + done), expected, JSON.stringify(parts))
    }
  })

  it("in other words, as text, and without what is no count", () => {
    const rows: ReadonlyArray<readonly [members: object, spent: ReadonlyArray<number> | undefined]> = [
      [{ usage: { prompt_tokens: "7", completion_tokens: "3" } }, [7, 3, 0]],
      [{ usage: { prompt_tokens: -7, input_tokens: 8, completion_tokens: 3 } }, [8, 3, 0]],
      [{ usage: { prompt_tokens: "many", completion_tokens: null } }, undefined],
      [{ usage: null, prompt_eval_count: 7, eval_count: 3, total_duration: 5 }, [7, 3, 0]],
      [{ usage: { prompt_eval_count: 7, eval_count: 3 } }, [7, 3, 0]],
      [
        { usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 3, thoughtsTokenCount: 5, totalTokenCount: 15 } },
        [7, 8, 0]
      ],
      [{ usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 3, thoughtsTokenCount: 5 } }, [7, 8, 0]]
    ]
    for (const [members, expected] of rows) {
      for (const body of [answer + data({ choices: [], ...members }), answer + data(members)]) {
        assert.deepStrictEqual(spent(body + done), expected, JSON.stringify(members))
        assert.isUndefined(read([bytes(chunk({ content: "a" }) + data(members) + done)]).failure)
      }
    }
  })

  it("beside an error counts", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5 }
    assert.deepStrictEqual(spent(chunk({ content: "a" }) + data({ error: { message: "broke" }, usage })), [10, 5, 0])
    assert.deepStrictEqual(spent(JSON.stringify({ error: { message: "broke" }, usage })), [10, 5, 0])
  })
})
