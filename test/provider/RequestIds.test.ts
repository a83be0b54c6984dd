/** The id of a request and the headers of its response are told of predictions and of errors. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Predict, Prediction, Streaming } from "effect-lm"
import * as WireServer from "../support/wireServer.ts"
import { connectLayer, whole } from "./support/layers.ts"
import * as Senders from "./support/senders.ts"

const qa = Predict.make("question -> answer")

describe.each(Object.entries(Senders.all))("what a response says of itself, over %s", (_, sending) => {
  const connect = connectLayer(sending)

  it.effect("the request's id and the headers are on predictions and errors, but for cookies", () =>
    Effect.gen(function*() {
      const { layer } = yield* connect(
        { retry: false },
        whole,
        WireServer.json(500, { error: { message: "broken" } }, { "cf-ray": "ray-1" })
      )
      const details = Prediction.details(yield* Effect.provide(qa({ question: "?" }), layer))
      assert.strictEqual(details.requestId, "req-1")
      assert.include(details.headers, { "x-ratelimit-remaining-requests": "59" })
      assert.notProperty(details.headers, "set-cookie")
      const error = yield* Effect.flip(Effect.provide(qa({ question: "?" }), layer))
      assert.isTrue(error._tag === "LMError" && error.requestId === "ray-1" && error.headers?.["cf-ray"] === "ray-1")
    }))

  it.effect("and so they are on errors of a response that began well", () =>
    Effect.gen(function*() {
      const id = { "x-request-id": "r-7", "content-type": "text/event-stream" }
      const piece = WireServer.chunk({ content: "[[ ## answer ## ]]\nLon" })
      for (
        const [tag, handler] of [
          ["Truncated", WireServer.reply(200, id, piece)],
          ["Server", WireServer.reply(200, id, piece, WireServer.data({ error: { message: "broke" } }))],
          [
            "OutputLimit",
            WireServer.reply(200, id, piece, WireServer.chunk({}, { finish_reason: "length" }), WireServer.done)
          ],
          ["InvalidResponse", WireServer.reply(200, id, "<html>")]
        ] as const
      ) {
        const { layer } = yield* connect({ retry: false }, handler, handler)
        const streamed = Stream.runDrain(Streaming.streamify(qa)({ question: "?" }))
        for (const ask of [streamed, qa({ question: "?" })]) {
          const error = yield* Effect.flip(Effect.provide(ask, layer))
          assert.isTrue(
            error._tag === "LMError" && error.reason._tag === tag && error.requestId === "r-7",
            String(error)
          )
        }
      }
      const unread = WireServer.json(200, WireServer.completion({ content: "no form" }), { "x-request-id": "r-8" })
      const { layer } = yield* connect({}, unread, unread, unread, unread)
      const error = yield* Effect.flip(Effect.provide(qa({ question: "?" }), layer))
      assert.isTrue(error._tag === "AdapterParseError" && error.requestId === "r-8")
    }))
})
