/** What an answer cost, in the words of each provider. */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { decode } from "../../support/decoding.ts"

const { chunk, data, done, stop } = WireServer

describe("usage", () => {
  it("is optional, wherever it is, and the last one counts", () => {
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

  it("with details, in each provider's count", () => {
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

  it("in the choice or in the message", () => {
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

  it("thinking that only the total counts, and other words for the counts", () => {
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
})
