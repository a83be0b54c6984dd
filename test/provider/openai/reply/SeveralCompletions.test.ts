/**
 * Completions beside each other are told apart, and each is over only when it was said to be.
 */
import { assert, describe, it } from "@effect/vitest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as ChatDecoder from "../../../../src/provider/openai/reply/decoder.ts"
import { said } from "../../../support/said.ts"
import * as WireServer from "../../../support/wireServer.ts"
import { bytes } from "../../support/decoding.ts"

const { data, done } = WireServer

const read = (body: string, completions = 2) => {
  const decoder = ChatDecoder.make({ thinkTags: false, completions })
  const events = [...decoder.push(bytes(body)), ...decoder.end()]
  const texts = LMResponse.fold(events).completions.map(said).map(({ finish, text }) => [text, finish])
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

  it("of one index in each chunk are told apart by their places, where each has one", () => {
    const both_ = (...pieces: ReadonlyArray<string>) =>
      data({ choices: pieces.map((content) => ({ index: 0, delta: { content } })) })
    const stops = data({ choices: [0, 0].map((index) => ({ index, delta: {}, finish_reason: "stop" })) })
    assert.deepStrictEqual(read(both_("a", "b") + stops + done), both)
    // As pieces of one completion they would be these as well.
    for (const rest of [stops + delta(1, "x"), delta(0, "", "stop") + done, done, delta(0, "x")]) {
      assert.isDefined(read(both_("a", "b") + rest).failure)
    }
    assert.strictEqual(read(both_("a", "b"), 3).failure, "InvalidResponse")
    assert.strictEqual(
      read(both_("a", "b") + data({ choices: [{ index: 1 }, { index: 1 }] })).failure,
      "InvalidResponse"
    )
  })

  it("that their indexes tell apart may have several pieces in a chunk, and so may the only one", () => {
    const pieces = (index: number, ...contents: ReadonlyArray<string>) =>
      data({ choices: contents.map((content) => ({ index, delta: { content } })) })
    const ends = delta(0, "", "stop") + delta(1, "", "stop") + done
    assert.deepStrictEqual(read(delta(1, "b") + pieces(0, "a", "a") + pieces(1, "b", "b") + ends), {
      texts: [["aa", "stop"], ["bbb", "stop"]],
      failure: undefined
    })
    assert.deepStrictEqual(read(pieces(0, "a", "b") + delta(0, "c", "stop") + done, 1).texts, [["abc", "stop"]])
  })

  it("are no whole answers where one of them was not finished", () => {
    const { failure, texts } = read(delta(0, "a", "stop") + delta(1, "the first ha") + done)
    assert.strictEqual(failure, "Truncated")
    assert.deepStrictEqual(texts[1], ["the first ha", undefined])
  })
})
