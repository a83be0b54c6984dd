/**
 * Completions beside each other are told apart, and each is over only when it was said to be.
 */
import { assert, describe, it } from "@effect/vitest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as ChatDecoder from "../../src/lm/internal/chatDecoder.ts"
import * as WireServer from "../support/wireServer.ts"
import { bytes } from "./support/decoding.ts"

const { data, done } = WireServer

const read = (body: string, completions = 2) => {
  const decoder = ChatDecoder.make({ thinkTags: false, completions })
  const events = [...decoder.push(bytes(body)), ...decoder.end()]
  const texts = LMResponse.fold(events).completions.map(({ finish, text }) => [text, finish])
  return { texts, failure: decoder.failure()?._tag }
}

const whole = (...indexes: ReadonlyArray<unknown>) =>
  JSON.stringify({
    choices: indexes.map((index, at) => ({ index, message: { content: "ab".charAt(at) }, finish_reason: "stop" }))
  })

const delta = (index: unknown, content: string, finish_reason: unknown = null) =>
  data({ choices: [{ index, delta: { content }, finish_reason }] })

describe("several completions", () => {
  const both = { texts: [["a", "stop"], ["b", "stop"]], failure: undefined }

  it("of a whole reply are told apart where all have the same index", () => {
    for (const indexes of [[0, 0], ["0", "0"], [undefined, undefined], ["0", "1"], [0, 1]]) {
      assert.deepStrictEqual(read(whole(...indexes)), both)
    }
    assert.strictEqual(read(whole(0, 0), 1).failure, "InvalidResponse")
  })

  it("of a stream may have text as their index", () => {
    assert.deepStrictEqual(read(delta("0", "a", "stop") + delta("1", "b", "stop") + done), both)
    assert.deepStrictEqual(read(delta("0", "a") + delta("1", "b") + delta("1", "b") + delta("0", "a") + done), {
      texts: [["aa", "stop"], ["bb", "stop"]],
      failure: undefined
    })
  })

  it("are no whole answers where one of them was not finished", () => {
    const { failure, texts } = read(delta(0, "a", "stop") + delta(1, "the first ha") + done)
    assert.strictEqual(failure, "Truncated")
    assert.deepStrictEqual(texts[1], ["the first ha", undefined])
  })
})
