/**
 * How much of an answer is taken in, and what is kept of it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as OpenAI from "effect-lm/provider/OpenAI"
import * as SizeLimits from "effect-lm/provider/SizeLimits"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as ChatDecoder from "../../src/provider/openai/reply/decoder.ts"
import { asking } from "../support/requests.ts"
import { textOfFirst } from "../support/said.ts"
import * as WireServer from "../support/wireServer.ts"
import { bytes } from "./support/decoding.ts"
import * as Senders from "./support/senders.ts"

const { chunk, data, done, stop } = WireServer
const request = asking("?")

const read = (body: string, size: number, options: Partial<ChatDecoder.Options> = {}) => {
  const whole = bytes(body)
  const decoder = ChatDecoder.make({ thinkTags: true, completions: 1, ...options })
  const events = []
  for (let at = 0; at < whole.length; at += size) events.push(...decoder.push(whole.subarray(at, at + size)))
  events.push(...decoder.end())
  return { text: textOfFirst(LMResponse.fold(events)), failure: decoder.failure() }
}

describe("size limits", () => {
  const rows: ReadonlyArray<readonly [limit: keyof SizeLimits.SizeLimits, limits: object, body: string]> = [
    ["line", { line: 400 }, chunk({ content: "a" }) + chunk({ content: "x".repeat(400) }) + stop + done],
    ["line", { line: 400 }, `${chunk({ content: "a" })}: ${"x".repeat(400)}\n\n${stop}${done}`],
    ["event", { event: 400 }, `${chunk({ content: "a" })}${"data: xxxxxxxx\n".repeat(100)}\n${stop}${done}`],
    ["reply", { reply: 1000 }, chunk({ content: "a" }) + chunk({ content: "b" }).repeat(10) + stop + done]
  ]
  for (const [limit, changes, body] of rows) {
    it(`${limit}: a breach is an InvalidResponse that names it, after what came before, however it is cut`, () => {
      const limits = SizeLimits.make(changes)
      for (const size of [1, 7, 100_000]) {
        const { failure, text } = read(body, size, { limits })
        assert.strictEqual(failure?._tag, "InvalidResponse")
        assert.include(failure?.description, `limits.${limit}`)
        assert.include(failure?.description, String(limits[limit]))
        assert.strictEqual(text?.[0], "a")
      }
      assert.notInclude(read(body, 7).failure?.description ?? "", "limits.")
    })
  }

  it("a reply that is as large as the limit is taken", () => {
    const body = chunk({ content: "a" }) + stop + done
    assert.isUndefined(read(body, 7, { limits: SizeLimits.make({ reply: bytes(body).length }) }).failure)
    const json = JSON.stringify(WireServer.completion({ content: "é".repeat(100) }))
    assert.isUndefined(read(json, 7, { limits: SizeLimits.make({ reply: bytes(json).length }) }).failure)
    const failure = read(json, 7, { limits: SizeLimits.make({ reply: bytes(json).length - 1 }) }).failure
    assert.include(failure?.description, "limits.reply")
  })

  it("more completions than were asked for are an error", () => {
    const two = data({ choices: [0, 1].map((index) => ({ index, delta: { content: "a" }, finish_reason: "stop" })) })
    assert.isUndefined(read(two + done, 50, { completions: 2 }).failure)
    assert.include(read(two + done, 50).failure?.description, "more completions than were asked for (1)")
    const endless = Array.from({ length: 50 }, (_, index) => chunk({ content: "a" }, { index })).join("")
    assert.strictEqual(read(endless, 50).failure?._tag, "InvalidResponse")
  })

  describe.each(Object.entries(Senders.all))("over %s", (_, sending) => {
    it.effect("are options of the layer, and a breach is not asked for again", () =>
      Effect.gen(function*() {
        const long = "x".repeat(5000)
        const server = yield* WireServer.make([
          WireServer.events(chunk({ content: long }), stop, done),
          WireServer.json(200, WireServer.completion({ content: long })),
          WireServer.reply(503, {}, long),
          WireServer.reply(401, {}, long)
        ])
        const limits = { line: 1000, reply: 2000, errorBody: 1000 }
        const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, ...sending, limits })
        for (const limit of ["limits.line", "limits.reply", "limits.errorBody", "limits.errorBody"]) {
          const call = limit === "limits.reply" ? lm.generate(request) : LMResponse.collect(lm.stream(request))
          const error = yield* Effect.flip(call)
          assert.strictEqual(error.reason._tag, "InvalidResponse")
          assert.include(error.message, limit)
        }
        assert.strictEqual(server.requests.length, 4)
      }))

    it.effect("an error's body within the limit is read as ever", () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make(WireServer.json(400, { error: { message: "Invalid value: n" } }))
        const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, ...sending, limits: { errorBody: 1000 } })
        const error = yield* Effect.flip(lm.generate(request))
        assert.strictEqual(error.reason._tag, "InvalidRequest")
        assert.include(error.message, "Invalid value: n")
      }))

    it.effect("n that only the body knows counts", () =>
      Effect.gen(function*() {
        const choices = [0, 1].map((index) => ({ index, message: { content: "a" }, finish_reason: "stop" }))
        const server = yield* WireServer.make(WireServer.json(200, { choices }))
        const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, ...sending, extraBody: { n: 2 } })
        assert.strictEqual((yield* lm.generate(request)).completions.length, 2)
      }))
  })
})

describe("what is kept", () => {
  it("deltas that are kept keep no more than themselves", () => {
    setFlagsFromString("--expose-gc")
    const gc: () => void = runInNewContext("gc")
    const used = () => {
      gc()
      gc()
      return process.memoryUsage().heapUsed
    }
    for (const size of [32, 256]) {
      const kept: Array<string> = []
      const decoder = ChatDecoder.make({ thinkTags: true, completions: 1 })
      const before = used()
      let length = 0
      for (let n = 0; length < 4_000_000;) {
        let read = ""
        for (; read.length < 16_384; n++) {
          const content = `${n} `.padEnd(size, "abcdefgh ")
          length += content.length
          read += chunk({ content })
        }
        for (const event of decoder.push(bytes(read))) if (event._tag === "TextDelta") kept.push(event.text)
      }
      const ratio = (used() - before) / length
      assert.isBelow(ratio, 3, `deltas of ${size}`)
      assert.isAbove(kept.length, 0)
      assert.isUndefined(decoder.failure())
    }
  })
})
