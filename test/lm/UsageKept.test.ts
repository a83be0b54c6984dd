/**
 * What an answer cost is told, whatever comes after it.
 */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../support/wireServer.ts"
import { bytes, read } from "./support/decoding.ts"

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

  it("is not taken back by one that counts nothing", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5 }
    for (const later of [{}, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, null]) {
      const body = answer + data({ choices: [{ index: 0, delta: {} }], usage }) +
        data({ choices: [{ index: 0, delta: {} }], usage: later }) + data({ choices: [], usage: later }) + done
      assert.deepStrictEqual(spent(body), [10, 5, 0])
    }
  })

  it("beside an error counts", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5 }
    assert.deepStrictEqual(spent(chunk({ content: "a" }) + data({ error: { message: "broke" }, usage })), [10, 5, 0])
    assert.deepStrictEqual(spent(JSON.stringify({ error: { message: "broke" }, usage })), [10, 5, 0])
  })
})
