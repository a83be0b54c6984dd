/** A key that is asked for at each request. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import { OpenAI, Predict, Providers } from "effect-lm"
import { TestClock } from "effect/testing"
import * as WireServer from "../support/wireServer.ts"
import { connectLayer, whole } from "./support/layers.ts"
import * as Senders from "./support/senders.ts"

const qa = Predict.make("question -> answer")

describe.each(Object.entries(Senders.all))("a key that expires, over %s", (_, sending) => {
  const connect = connectLayer(sending)

  it.effect("a key that expires is asked for per request, and its failure is an error of the call", () =>
    Effect.gen(function*() {
      let number = 0
      const apiKey = Effect.suspend(() =>
        ++number === 3
          ? Effect.fail(new Error("the vault is closed"))
          : Effect.succeed(Redacted.make(`key-number-${number}`))
      )
      const { layer, server } = yield* connect(
        { apiKey, provider: Providers.find("groq"), retry: false },
        whole,
        WireServer.json(401, { error: { message: "who is key-number-2?" } })
      )
      yield* Effect.gen(function*() {
        yield* qa({ question: "?" })
        const refused = yield* Effect.flip(qa({ question: "?" }))
        assert.include(refused.message, "who is <redacted>?")
        const closed = yield* Effect.flip(qa({ question: "?" }))
        assert.isTrue(closed._tag === "LMError" && closed.reason._tag === "Authentication")
        assert.include(closed.message, "the vault is closed")
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(
        server.requests.map(({ headers }) => headers["authorization"]),
        ["Bearer key-number-1", "Bearer key-number-2"]
      )
    }))

  it.effect("law 12: a key that is asked for is hidden too, where a refusal repeats it", () =>
    Effect.gen(function*() {
      const { layer } = yield* connect(
        { apiKey: Effect.succeed(Redacted.make("expiring-key-1")) },
        WireServer.json(200, WireServer.completion({ content: "", refusal: "no, Bearer expiring-key-1" }))
      )
      const error = yield* Effect.flip(Effect.provide(qa({ question: "?" }), layer))
      assert.include(error.message, "no, Bearer <redacted>")
    }))

  it.effect("a key that never comes is waited for as long as the limits say", () =>
    Effect.gen(function*() {
      const model = OpenAI.layer({
        ...sending,
        model: "m",
        baseUrl: "http://127.0.0.1:1/v1",
        apiKey: Effect.never,
        timeouts: { reply: "3 seconds" },
        retry: false
      })
      const fiber = yield* Effect.forkChild(Effect.flip(Effect.provide(qa({ question: "?" }), model)))
      yield* TestClock.adjust("3 seconds")
      assert.include((yield* Fiber.join(fiber)).message, "waited 3s for the API key")
    }))
})
