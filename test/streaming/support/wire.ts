/** Events that go over a wire, and what comes out of it. */
import { assert } from "@effect/vitest"
import { Effect, Result } from "effect"
import { EventCodec, Module, type StreamEvent } from "effect-lm"
import * as Assert from "node:assert"

export type Codec = EventCodec.EventCodec<any, any>

/** An event through the text of JSON, and back. */
export const sent = (codec: Codec, event: unknown, reader = codec): any => {
  const text = JSON.stringify(codec.encode(event))
  assert.isTrue(text.startsWith("{\"_tag\":"), text)
  return Result.getOrThrow(reader.decode(JSON.parse(text)))
}

/** A program without a signature: its fields are of any type. */
export const anything = Module.make("Anything", {}, () => (_input: object) => Effect.succeed({}))

export const untyped = EventCodec.make(anything)

export const progress = (value: unknown): StreamEvent.ToolProgress => ({
  _tag: "ToolProgress",
  toolName: "t",
  toolCallId: "c",
  path: "self",
  callId: "self>t",
  value
})

/** A value of no known type through the text of JSON, and back. */
export const valueSent = (value: unknown): unknown => sent(untyped, progress(value)).value

/** The same to the last bit, except for records that have no prototype. */
export const deepStrictEqual = (actual: unknown, expected: unknown): void =>
  Assert.deepStrictEqual(plain(actual), plain(expected))

const plain = (value: unknown): unknown => {
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [plain(key), plain(inner)]))
  if (value instanceof Set) return new Set([...value].map(plain))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  const proto = Object.getPrototypeOf(value)
  return proto === null || proto === Object.prototype
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
    : value
}
