/** Requests, events and responses are data: what is stored as JSON is the same when it is read, and given again. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { LMError } from "effect-lm/lm/LMError"
import { LMEvent } from "effect-lm/lm/LMEvent"
import { LMRequest } from "effect-lm/lm/LMRequest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import { Usage } from "effect-lm/lm/Usage"

/** A value through the JSON text of its schema, and back. */
const stored = <A, E>(schema: Schema.Codec<A, E>, value: A): A => {
  const codec = Schema.fromJsonString(Schema.toCodecJson(schema))
  return Schema.decodeUnknownSync(codec)(Schema.encodeSync(codec)(value))
}

/**
 * JSON has no minus zero. And keys with an escape are left out: once `JSON.parse` of Node 24 has read `{"a":1,"\\":1}`, it reads the
 * key of `{"a":1,"\t":1}` as a backslash, too.
 */
const isOfJson = (value: unknown): boolean =>
  typeof value === "object" && value !== null
    ? Object.entries(value).every(([key, member]) => !JSON.stringify(key).includes("\\") && isOfJson(member))
    : !Object.is(value, -0)

const any = <A, E>(schema: Schema.Codec<A, E>) => Arbitrary.filter(Arbitrary.schema(schema), isOfJson)

const options = { arbitrary: { runs: 150, size: 8, seed: 1 }, timeout: 20_000 } as const

describe("through the text of JSON", () => {
  it.prop("a request", { request: any(LMRequest) }, ({ request }) => {
    assert.deepStrictEqual(stored(LMRequest, request), request)
  }, options)

  it.prop("an event", { event: any(LMEvent) }, ({ event }) => {
    assert.deepStrictEqual(stored(LMEvent, event), event)
  }, options)

  it.prop("a response", { response: any(LMResponse.LMResponse) }, ({ response }) => {
    assert.deepStrictEqual(stored(LMResponse.LMResponse, response), response)
  }, options)

  it.prop("a usage", { usage: any(Usage) }, ({ usage }) => {
    assert.deepStrictEqual(stored(Usage, usage), usage)
  }, options)

  it.prop("an error, which is one again", { error: any(LMError) }, ({ error }) => {
    const again = stored(LMError, error)
    assert.instanceOf(again, LMError)
    assert.deepStrictEqual({ ...again }, { ...error })
    assert.strictEqual(again.message, error.message)
    assert.strictEqual(again.isRetryable, error.isRetryable)
  }, options)
})

describe("given again", () => {
  /** Few places and indices, so that pieces meet. */
  const Index = Schema.Literals([0, 1])
  const Piece = Schema.Literals(["", "a", "b"])
  const beside = { providerData: Schema.optionalKey(Schema.Struct({ chat: Schema.Literals([1, 2]) })) }
  const Events = Schema.Array(Schema.Union([
    Schema.TaggedStruct("TextDelta", { index: Index, text: Piece, ...beside }),
    Schema.TaggedStruct("ReasoningDelta", { index: Index, text: Piece, ...beside }),
    Schema.TaggedStruct("ToolCallDelta", {
      index: Index,
      call: Index,
      id: Piece,
      name: Piece,
      argumentsDelta: Piece,
      ...beside
    }),
    Schema.TaggedStruct("ThoughtEnd", { index: Index }),
    LMEvent
  ]))

  it.prop(
    "the events of a response make the response, whatever its own events were",
    { events: Events },
    ({ events }) => {
      const response = LMResponse.fold(events)
      assert.deepStrictEqual(LMResponse.fold(LMResponse.toEvents(response)), response)
    },
    { arbitrary: { runs: 1000, size: 12, seed: 1 }, timeout: 20_000 }
  )

  it("parts are told as they are: of one piece, in their order, and no two texts meet", () => {
    const events = LMResponse.toEvents(LMResponse.fold([
      { _tag: "GivenAgain" },
      { _tag: "ReasoningDelta", index: 0, text: "H" },
      { _tag: "ReasoningDelta", index: 0, text: "m" },
      { _tag: "TextDelta", index: 0, text: "So" },
      { _tag: "ToolCallDelta", index: 0, call: 3, id: "a", name: "f", argumentsDelta: "{" },
      { _tag: "TextDelta", index: 0, text: "!" },
      { _tag: "ToolCallDelta", index: 0, call: 3, id: "", name: "", argumentsDelta: "}" },
      { _tag: "ReasoningDelta", index: 0, text: "", providerData: { chat: { reasoningField: "reasoning" } } },
      { _tag: "ResponseInfo", requestId: "r" },
      { _tag: "Logprobs", index: 0, tokens: [{ token: "So", logprob: -1, alternatives: [] }] },
      { _tag: "Logprobs", index: 0, tokens: [{ token: "!", logprob: -2, alternatives: [] }] },
      { _tag: "Finish", index: 0, reason: "refusal", detail: "no" }
    ]))
    assert.deepStrictEqual(events, [
      { _tag: "GivenAgain" },
      { _tag: "ResponseInfo", requestId: "r" },
      { _tag: "ReasoningDelta", index: 0, text: "Hm", providerData: { chat: { reasoningField: "reasoning" } } },
      { _tag: "TextDelta", index: 0, text: "So" },
      { _tag: "ToolCallDelta", index: 0, call: 0, id: "a", name: "f", argumentsDelta: "{}" },
      { _tag: "TextDelta", index: 0, text: "!" },
      {
        _tag: "Logprobs",
        index: 0,
        tokens: [{ token: "So", logprob: -1, alternatives: [] }, { token: "!", logprob: -2, alternatives: [] }]
      },
      { _tag: "Finish", index: 0, reason: "refusal", detail: "no" }
    ])
  })
})
