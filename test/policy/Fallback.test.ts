/** A model in reserve. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  Fallback,
  LM,
  LMError,
  LMReason,
  LMResponse,
  Middleware,
  OpenAI,
  Predict,
  Retry,
  Streaming,
  Usage
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { asked, busy, cut, hurried, ways } from "./support/policies.ts"

describe("a model in reserve", () => {
  it.effect("is asked where the first fails, streamed and not; usage counts both", () =>
    Effect.gen(function*() {
      for (const way of ["stream", "generate"] as const) {
        const first = yield* ScriptedLM.make([
          ScriptedLM.fail(
            new LMError({ model: "a/1", reason: cut, usage: { ...Usage.empty, inputTokens: 7, calls: 1 } })
          )
        ], { model: "a/1" })
        const second = yield* ScriptedLM.make([ScriptedLM.text("hi", { usage: { inputTokens: 5 } })], { model: "b/2" })
        const response = yield* Effect.flatMap(LM, ways[way]).pipe(
          Effect.provide(first.layer.pipe(Fallback.to(second.layer)))
        )
        assert.strictEqual(LMResponse.textOf(response.completions[0]!), "hi")
        assert.deepStrictEqual([response.usage?.inputTokens, response.usage?.calls], [12, 2])
      }
    }))

  it.effect("law 7: what the first had shown is retracted before the reserve begins", () =>
    Effect.gen(function*() {
      const first = yield* ScriptedLM.make([ScriptedLM.fail(cut, ["[[ ## answer ## ]]\nLon", "don"])], { model: "a/1" })
      const second = yield* ScriptedLM.make([ScriptedLM.chat({ answer: "Paris" })], { model: "b/2" })
      const events = yield* Stream.runCollect(
        Streaming.streamify(Predict.make("question -> answer"))({ question: "?" })
      ).pipe(
        Effect.provide(first.layer.pipe(Fallback.to(second.layer)))
      )
      const told = events.map((event) =>
        event._tag === "StreamResponse"
          ? `${event.attempt} ${event.chunk}${event.isLastChunk ? "." : ""}`
          : event._tag === "Retracted"
          ? event.reason
          : event._tag
      )
      assert.deepStrictEqual(told, ["1 Lon", "1 don", "1 .", "a/1: cut", "2 Paris.", "Prediction"])
    }))

  it.effect("retries over it are those of each model; the errors it is for can be chosen", () =>
    Effect.gen(function*() {
      const first = yield* ScriptedLM.make(() => ScriptedLM.fail(busy), { model: "a/1" })
      const second = yield* ScriptedLM.make(() => ScriptedLM.fail(cut), { model: "b/2" })
      const both = first.layer.pipe(Fallback.to(second.layer), Retry.layer({ times: 2 }))
      const error = yield* hurried(Effect.flip(Effect.provide(Effect.flatMap(LM, ways.generate), both)))
      assert.deepStrictEqual([yield* asked(first), yield* asked(second), error.model], [3, 3, "b/2"])

      const third = yield* ScriptedLM.make([ScriptedLM.fail(new LMReason.InvalidRequest({ description: "no" }))])
      const fourth = yield* ScriptedLM.make([])
      const picky = third.layer.pipe(Fallback.to(fourth.layer, { when: ({ isRetryable }) => isRetryable }))
      assert.strictEqual(
        (yield* Effect.flip(Effect.provide(Effect.flatMap(LM, ways.generate), picky))).reason._tag,
        "InvalidRequest"
      )
      assert.strictEqual(yield* asked(fourth), 0)
    }))

  it.effect("its models are described in order", () =>
    Effect.gen(function*() {
      const model = OpenAI.layer({ model: "m", baseUrl: "http://127.0.0.1:1/v1", provider: undefined }).pipe(
        Fallback.to(ScriptedLM.layer([], { model: "b/2" })),
        Middleware.layer(Middleware.make({ name: "plain", stream: (request, next) => next(request) }))
      )
      assert.deepStrictEqual(yield* Effect.provide(Effect.map(LM, LM.describe), model), [
        "plain",
        "fallback (b/2)",
        "1: retry (3 times)",
        "1: timeouts (first event 5m, silence 2m)",
        "1: 127.0.0.1:1/m",
        "2: b/2"
      ])
    }))
})
