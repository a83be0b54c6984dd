/**
 * Reads the body of a chat completion by hand, and checks that it means the same however it is cut.
 */
import { assert } from "@effect/vitest"
import type * as LMEvent from "effect-lm/lm/LMEvent"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as ChatDecoder from "../../../src/provider/openai/reply/decoder.ts"
import { type Said, said } from "../../support/said.ts"

export interface Meaning {
  readonly completions: ReadonlyArray<Said>
  readonly usage: LMResponse.LMResponse["usage"]
  readonly model: string | undefined
  readonly failure: string | undefined
}

const meaning = (events: ReadonlyArray<LMEvent.LMEvent>, failure: string | undefined): Meaning => {
  const { completions, model, usage } = LMResponse.fold(events)
  return { completions: completions.map(said), usage, model, failure }
}

/** All that the body means, with the order of its parts. */
const all = (events: ReadonlyArray<LMEvent.LMEvent>, failure: string | undefined): string =>
  JSON.stringify([LMResponse.fold(events), failure])

export const read = (pieces: ReadonlyArray<Uint8Array>, thinkTags = true) => {
  const decoder = ChatDecoder.make({ thinkTags })
  const events = [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()]
  return { events, failure: decoder.failure() }
}

export const bytes = (text: string) => new TextEncoder().encode(text)

/** How long the pieces are that a body is cut into: parts of a frame, and more than one. */
const sizes = [1, 13, 199]

/** What the body means: the same cut at every byte, into pieces of several sizes. */
export const decode = (body: string, thinkTags = true): Meaning => {
  const whole = bytes(body)
  const expected = read([whole], thinkTags)
  const text = all(expected.events, expected.failure?._tag)
  for (const size of sizes) {
    for (let first = 1; first <= Math.min(size, whole.length); first++) {
      const pieces = [whole.subarray(0, first)]
      for (let at = first; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size))
      const { events, failure } = read(pieces, thinkTags)
      assert.strictEqual(all(events, failure?._tag), text, `cut at ${first} and by ${size}`)
    }
  }
  return meaning(expected.events, expected.failure?._tag)
}

/** The only completion of a body that is a whole answer or not, but no failure. */
export const only = (body: string, thinkTags = true): Said => {
  const result = decode(body, thinkTags)
  assert.isUndefined(result.failure)
  assert.strictEqual(result.completions.length, 1)
  return result.completions[0]!
}

/** The only completion of a body that is read at once, for tests that cut the text themselves. */
export const atOnce = (body: string): Said => said(LMResponse.fold(read([bytes(body)]).events).completions[0]!)

export const description = (body: string) => read([bytes(body)]).failure?.description ?? ""
