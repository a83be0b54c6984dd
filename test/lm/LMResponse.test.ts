import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type * as LMEvent from "effect-lm/lm/LMEvent"
import * as LMResponse from "effect-lm/lm/LMResponse"

const events: ReadonlyArray<LMEvent.LMEvent> = [
  { _tag: "ResponseInfo", model: "m" },
  { _tag: "ReasoningDelta", index: 1, text: "Hm" },
  { _tag: "TextDelta", index: 1, text: "Lon" },
  { _tag: "TextDelta", index: 0, text: "Par" },
  { _tag: "ToolCallDelta", index: 0, call: 1, id: "", name: "g", argumentsDelta: "{" },
  { _tag: "ToolCallDelta", index: 0, call: 0, id: "a", name: "", argumentsDelta: "" },
  { _tag: "ToolCallDelta", index: 0, call: 0, id: "", name: "f", argumentsDelta: "1" },
  { _tag: "ToolCallDelta", index: 0, call: 1, id: "", name: "", argumentsDelta: "}" },
  { _tag: "TextDelta", index: 1, text: "don" },
  { _tag: "TextDelta", index: 0, text: "is" },
  {
    _tag: "Usage",
    usage: { inputTokens: 1, outputTokens: 1, reasoningTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, calls: 1 }
  },
  {
    _tag: "Usage",
    usage: { inputTokens: 1, outputTokens: 9, reasoningTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, calls: 1 }
  },
  { _tag: "Finish", index: 0, reason: "stop" },
  { _tag: "ResponseInfo", id: "i" }
]

const expected: LMResponse.LMResponse = {
  completions: [
    {
      index: 0,
      content: [
        { _tag: "Text", text: "Par" },
        { _tag: "ToolCall", id: "call_0_1", name: "g", arguments: "{}" },
        { _tag: "ToolCall", id: "a", name: "f", arguments: "1" },
        { _tag: "Text", text: "is" }
      ],
      finish: "stop"
    },
    { index: 1, content: [{ _tag: "Reasoning", text: "Hm" }, { _tag: "Text", text: "London" }] }
  ],
  usage: { inputTokens: 1, outputTokens: 9, reasoningTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, calls: 1 },
  id: "i",
  model: "m"
}

describe("LMResponse", () => {
  it("fold gathers completions by index and calls by place; the last usage counts", () => {
    const response = LMResponse.fold(events)
    assert.deepStrictEqual(response, expected)
    assert.deepStrictEqual(response.completions.map(LMResponse.textOf), ["Paris", "London"])
    assert.deepStrictEqual(response.completions.map(LMResponse.reasoningOf), ["", "Hm"])
    assert.deepStrictEqual(
      response.completions.map((completion) => LMResponse.toolCallsOf(completion).map(({ name }) => name)),
      [["g", "f"], []]
    )
  })

  it("of nothing is nothing", () => {
    assert.deepStrictEqual(LMResponse.fold([]), { completions: [] })
  })

  it("a builder has the same result at every split, and shows what there is so far", () => {
    for (let at = 0; at <= events.length; at++) {
      const builder = LMResponse.builder()
      builder.push(events.slice(0, at))
      assert.deepStrictEqual(builder.result(), LMResponse.fold(events.slice(0, at)))
      builder.push(events.slice(at))
      assert.deepStrictEqual(builder.result(), expected)
    }
  })

  it("a restart voids all that was said, and what was used stays used", () => {
    const builder = LMResponse.builder()
    builder.push([...events, { _tag: "GivenAgain" }, { _tag: "Restart" }])
    const kept = { ...expected, completions: [], givenAgain: true }
    assert.deepStrictEqual(builder.result(), kept)
    builder.push([{ _tag: "TextDelta", index: 1, text: "Rome" }, { _tag: "Finish", index: 1, reason: "stop" }])
    assert.deepStrictEqual(builder.result(), {
      ...kept,
      completions: [{ index: 1, content: [{ _tag: "Text", text: "Rome" }], finish: "stop" }]
    })
  })

  it("what a provider wants back with the text or the thought ends it; without a text it is the last one's of its kind", () => {
    const data = (signature: string) => ({ providerData: { messages: { signature } } })
    const { completions: [completion] } = LMResponse.fold([
      { _tag: "ReasoningDelta", index: 0, text: "a" },
      { _tag: "ReasoningDelta", index: 0, text: "b", ...data("1") },
      { _tag: "ReasoningDelta", index: 0, text: "c" },
      { _tag: "TextDelta", index: 0, text: "So", ...data("2") },
      { _tag: "TextDelta", index: 0, text: "." },
      { _tag: "ReasoningDelta", index: 0, text: "", ...data("3") },
      { _tag: "ReasoningDelta", index: 0, text: "", ...data("4") }
    ])
    assert.deepStrictEqual(completion!.content, [
      { _tag: "Reasoning", text: "ab", ...data("1") },
      { _tag: "Reasoning", text: "c", ...data("3") },
      { _tag: "Text", text: "So", ...data("2") },
      { _tag: "Text", text: "." },
      { _tag: "Reasoning", text: "", ...data("4") }
    ])
  })

  it.effect("collect folds a stream, and passes its failure on", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* LMResponse.collect(Stream.fromIterable(events, { chunkSize: 3 })), expected)
      const failed = Stream.concat(Stream.fromIterable(events), Stream.fail("boom"))
      assert.strictEqual(yield* Effect.flip(LMResponse.collect(failed)), "boom")
    }))

  it("incomplete tells a whole answer from each other end", () => {
    const reason = (finish: LMEvent.FinishReason | undefined, detail?: string) =>
      LMResponse.incomplete({
        index: 0,
        content: [],
        ...(finish !== undefined && { finish }),
        ...(detail !== undefined && { detail })
      })
    assert.isUndefined(reason("stop"))
    assert.isUndefined(reason("tool-calls"))
    assert.strictEqual(reason("length")?._tag, "OutputLimit")
    assert.strictEqual(reason("content-filter")?._tag, "ContentFiltered")
    assert.strictEqual(reason("refusal")?._tag, "Refused")
    assert.strictEqual(reason(undefined)?._tag, "Truncated")
    assert.include(reason("refusal", "I can't.")?.description, "I can't.")
  })
})
