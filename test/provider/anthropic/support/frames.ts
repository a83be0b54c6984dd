/** Answers of Anthropic's Messages, as a server sends them. */
import { assert } from "@effect/vitest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as SizeLimits from "effect-lm/provider/SizeLimits"
import { messages } from "../../../../src/provider/anthropic/protocol.ts"
import { asking } from "../../../support/requests.ts"

/** An event of the stream: its name is its type. */
export const event = (type: string, more: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })} \n\n`

export const begin = (usage: object = { input_tokens: 9, output_tokens: 1 }, id = "msg_1"): string =>
  event("message_start", {
    message: { id, type: "message", role: "assistant", model: "m", content: [], stop_reason: null, usage }
  })

/** A block, in pieces. */
export const block = (index: number, content_block: object, ...deltas: ReadonlyArray<object>): string =>
  [
    event("content_block_start", { index, content_block }),
    ...deltas.map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index })
  ].join("")

export const text = (index: number, ...pieces: ReadonlyArray<string>): string =>
  block(index, { type: "text", text: "" }, ...pieces.map((text) => ({ type: "text_delta", text })))

export const thinking = (index: number, signature: string, ...pieces: ReadonlyArray<string>): string =>
  block(
    index,
    { type: "thinking", thinking: "", signature: "" },
    ...pieces.map((thinking) => ({ type: "thinking_delta", thinking })),
    { type: "signature_delta", signature }
  )

export const tool = (index: number, id: string, name: string, ...pieces: ReadonlyArray<string>): string =>
  block(
    index,
    { type: "tool_use", id, name, input: {} },
    ...pieces.map((partial_json) => ({ type: "input_json_delta", partial_json }))
  )

export const end = (stop_reason = "end_turn", usage: object = { output_tokens: 3 }, more: object = {}): string =>
  event("message_delta", { delta: { stop_reason, stop_sequence: null, ...more }, usage }) + event("message_stop")

/** The whole answer of these blocks. */
export const message = (content: ReadonlyArray<object>, stop_reason = "end_turn", more: object = {}): string =>
  JSON.stringify({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content,
    stop_reason,
    usage: { input_tokens: 9, output_tokens: 3 },
    ...more
  })

/** Reads a body that comes in these pieces. */
export const read = (pieces: ReadonlyArray<Uint8Array>) => {
  const decoder = messages.decoder(asking("?"), {}, SizeLimits.make())
  const events = [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()]
  return { events, failure: decoder.failure(), response: LMResponse.fold(events) }
}

/** What a body means, which is the same wherever it is split. */
export const decode = (body: string) => {
  const bytes = new TextEncoder().encode(body)
  const meant = read([bytes])
  const single = read(Array.from(bytes, (byte) => Uint8Array.of(byte)))
  assert.deepStrictEqual(single.response, meant.response)
  assert.deepStrictEqual(single.failure, meant.failure)
  for (let at = 1; at < bytes.length; at++) {
    const { failure, response } = read([bytes.subarray(0, at), bytes.subarray(at)])
    assert.deepStrictEqual(response, meant.response, `split at ${at}`)
    assert.deepStrictEqual(failure, meant.failure, `split at ${at}`)
  }
  return meant
}
