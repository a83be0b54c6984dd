/** A protocol of a third party: what it writes, and what the transport under all of them does. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import { LM, LMReason, LMRequest, LMResponse, Predict, Protocol, Streaming } from "effect-lm"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"

const request = asking("Why?")

const qa = Predict.make("question -> answer")

/** Speaks of "parts": `{ "part": "text" }`, and at last `{ "over": { "in": 3, "out": 4 } }`, or `{ "wrong": "..." }`. */
const parts = Protocol.make({
  name: "parts",
  path: ({ mode, model }) => `/models/${model}/${mode}`,
  body: ({ config, messages }) => ({
    said: messages.map((message) => [message.role, LMRequest.textOf(message)]),
    ...(config.temperature === undefined ? {} : { heat: config.temperature })
  }),
  authorization: (key) => ({ "x-parts-key": key }),
  reader: () => {
    let isOver = false
    return {
      push: (chunk, out) => {
        if (typeof chunk !== "object" || chunk === null) return undefined
        if ("wrong" in chunk) return new LMReason.Server({ description: String(chunk.wrong) })
        if ("part" in chunk) out.push({ _tag: "TextDelta", index: 0, text: String(chunk.part) })
        if ("over" in chunk) isOver = true
        return undefined
      },
      end: (out) => {
        if (!isOver) return new LMReason.Truncated({ description: "it broke off" })
        out.push({ _tag: "Finish", index: 0, reason: "stop" })
        return undefined
      }
    }
  }
})

const lines = (...chunks: ReadonlyArray<unknown>) => chunks.map((chunk) => `${JSON.stringify(chunk)}\n`)
const frames = (...chunks: ReadonlyArray<unknown>) => chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)

const parisParts = [{ part: "[[ ## answer ## ]]\nPa" }, { part: "ris\n\n[[ ## completed ## ]]" }, { over: true }]

describe.each(Object.entries(Senders.all))("a protocol of a third party, over %s", (_, sending) => {
  const connect = (...handlers: ReadonlyArray<WireServer.Handler>) =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(handlers)
      const layer = Protocol.layer(parts, {
        ...sending,
        provider: "acme",
        model: "one",
        baseUrl: `${server.baseUrl}/?version=3`,
        apiKey: Redacted.make("acme-secret-key"),
        headers: { "x-team": "blue" },
        retry: false
      })
      return { server, layer }
    })

  for (
    const [how, write] of [
      ["server-sent events", (...chunks: ReadonlyArray<unknown>) => WireServer.events(...frames(...chunks))],
      ["lines of JSON", (...chunks: ReadonlyArray<unknown>) => WireServer.reply(200, {}, ...lines(...chunks))]
    ] as const
  ) {
    it.effect(`streams programs over ${how}`, () =>
      Effect.gen(function*() {
        const { layer, server } = yield* connect(write(...parisParts), write(...parisParts))
        const events = yield* Stream.runCollect(Streaming.streamify(qa)({ question: "?" })).pipe(Effect.provide(layer))
        const text = events.flatMap((event) => event._tag === "StreamResponse" ? [event.chunk] : []).join("")
        assert.strictEqual(text, "Paris")
        const { answer } = yield* Effect.provide(qa({ question: "?" }, { config: { temperature: 0 } }), layer)
        assert.strictEqual(answer, "Paris")
        const [first, second] = server.requests
        assert.match(first!.path, /\/models\/one\/stream\?version=3$/)
        assert.match(second!.path, /\/models\/one\/generate\?version=3$/)
        assert.deepStrictEqual([first!.json.heat, second!.json.heat], [undefined, 0])
        assert.include(first!.headers, { "x-parts-key": "acme-secret-key", "x-team": "blue" })
        assert.isUndefined(first!.headers["authorization"])
      }))
  }

  it.effect("what it says is wrong is; a broken answer is an error; what is no JSON is told", () =>
    Effect.gen(function*() {
      const { layer } = yield* connect(
        WireServer.events(...frames({ part: "a" }, { wrong: "out of paper, acme-secret-key" })),
        WireServer.events(...frames({ part: "a" })),
        WireServer.reply(200, {}, "<html>"),
        WireServer.json(429, { error: { message: "too many" } }, { "retry-after": "7", "x-request-id": "r-1" })
      )
      const ask = Effect.flip(Effect.flatMap(LM, (lm) => LMResponse.collect(lm.stream(request)))).pipe(
        Effect.provide(layer)
      )
      assert.deepStrictEqual((yield* ask).message, "acme/one: out of paper, <redacted>")
      assert.strictEqual((yield* ask).reason._tag, "Truncated")
      assert.include((yield* ask).message, "neither JSON nor an event: <html>")
      const limited = yield* ask
      assert.deepStrictEqual(
        [limited.reason._tag, limited.requestId, limited.headers?.["retry-after"]],
        ["RateLimited", "r-1", "7"]
      )
    }))
})
