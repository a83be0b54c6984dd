/**
 * The settings of a layer, of a program, of a predictor and of a call: how they meet, and what is refused among them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import { LM, type LMContent, LMRequest, Module, Predict, Prediction, Streaming } from "effect-lm"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import { connectLayer, paris, whole } from "./support/layers.ts"
import * as Senders from "./support/senders.ts"

const request = asking("Why?")

const qa = Predict.make("question -> answer")

describe.each(Object.entries(Senders.all))("settings of a provider's layer, over %s", (_, sending) => {
  const connect = connectLayer(sending)

  it.effect("settings of the layer, of the program, of the predictor and of the call are one; options of other providers stay out", () =>
    Effect.gen(function*() {
      const { layer, server } = yield* connect({
        config: {
          temperature: 0.1,
          topK: 7,
          providerOptions: { openrouter: { body: { route: "fallback", order: ["a"] } }, groq: { body: { x: 1 } } }
        },
        extraBody: { route: "mine", transforms: [] }
      }, whole)
      const predict = Predict.make("question -> answer", {
        temperature: 0.5,
        providerOptions: {
          openrouter: { body: { order: ["b"] }, headers: { "X-Title": "Test", "x-team": "blue" } }
        }
      })
      const call = predict({ question: "?" }, {
        config: { user: "ada", providerOptions: { openrouter: { body: { usage: { include: true } } } } }
      })
      yield* Module.withConfig(call, { serviceTier: "flex", topK: 9 }).pipe(Effect.provide(layer))
      const [sent] = server.requests
      assert.deepInclude(sent!.json, {
        temperature: 0.5,
        top_k: 9,
        service_tier: "flex",
        user: "ada",
        route: "fallback",
        transforms: [],
        order: ["b"],
        usage: { include: true }
      })
      assert.notProperty(sent!.json, "x")
      assert.include(sent!.headers, { "x-title": "Test", "x-team": "blue" })
    }))

  it.effect("a secret in the settings of a call is refused before anything is sent: they are written down", () =>
    Effect.gen(function*() {
      const { layer, server } = yield* connect({})
      for (
        const options of [
          { headers: { "x-api-key": "own-secret-1" } },
          { body: { plugin: { token: Redacted.make("own-secret-1") } } },
          { headers: { "x-title": "two\nlines" } }
        ]
      ) {
        const error = yield* qa({ question: "?" }, { config: { providerOptions: { openrouter: options } } }).pipe(
          Effect.flip,
          Effect.provide(layer)
        )
        assert.isTrue(error._tag === "LMError" && error.reason._tag === "InvalidRequest")
        assert.match(error.message, /is a secret, and settings of a call|cannot be sent in an HTTP header/)
      }
      assert.strictEqual(server.requests.length, 0)
    }))

  it.effect("log probabilities are on the prediction, streamed and whole", () =>
    Effect.gen(function*() {
      const logprobs = {
        content: [{ token: "Pa", logprob: -0.1, top_logprobs: [{ token: "Lo", logprob: -3 }] }, {
          token: "ris",
          logprob: 0
        }]
      }
      const text = paris
      const { layer, server } = yield* connect(
        {},
        WireServer.json(200, { choices: [{ message: { content: text }, logprobs, finish_reason: "stop" }] }),
        WireServer.events(
          WireServer.data({
            choices: [{ delta: { content: text }, logprobs: { content: logprobs.content.slice(0, 1) } }]
          }),
          WireServer.data({
            choices: [{ delta: {}, logprobs: { content: logprobs.content.slice(1) }, finish_reason: "stop" }]
          }),
          WireServer.done
        )
      )
      const expected = [
        { token: "Pa", logprob: -0.1, alternatives: [{ token: "Lo", logprob: -3 }] },
        { token: "ris", logprob: 0, alternatives: [] }
      ]
      const ask = Predict.make("question -> answer", { logprobs: 1 })
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(Prediction.details(yield* ask({ question: "?" })).logprobs, expected)
        const events = yield* Stream.runCollect(Streaming.streamify(ask)({ question: "?" }))
        const last = events.at(-1)!
        assert.isTrue(Prediction.isPrediction(last))
        if (Prediction.isPrediction(last)) assert.deepStrictEqual(Prediction.details(last).logprobs, expected)
      }).pipe(Effect.provide(layer))
      assert.deepInclude(server.requests[0]!.json, { logprobs: true, top_logprobs: 1 })
    }))

  it.effect("audio by its address is refused before anything is sent", () =>
    Effect.gen(function*() {
      const { layer, server } = yield* connect({})
      const audio: LMContent.Audio = { _tag: "Audio", source: { _tag: "Url", url: "http://127.0.0.1/a.wav" } }
      const error = yield* Effect.flatMap(LM, (lm) => lm.generate({ ...request, messages: [LMRequest.user([audio])] }))
        .pipe(
          Effect.flip,
          Effect.provide(layer)
        )
      assert.deepStrictEqual([error.reason._tag, server.requests.length], ["InvalidRequest", 0])
      assert.include(error.message, "takes audio as bytes")
    }))
})
