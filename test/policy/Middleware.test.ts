/** Middleware that others write: a service over another one, and a cache, alone and with every policy. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref, Schema, Stream } from "effect"
import {
  Fallback,
  LM,
  LMError,
  type LMEvent,
  LMRequest,
  LMResponse,
  Middleware,
  Predict,
  Prediction,
  Retry,
  Streaming,
  Timeouts,
  Usage
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { asked, busy, cut, hurried, ways } from "./support/policies.ts"

describe("a service written by hand over another one", () => {
  it.effect("stays where it is: policies stand above it", () =>
    Effect.gen(function*() {
      let seen = 0
      const watched = Layer.effect(
        LM,
        Effect.map(LM, (inner) => ({
          ...inner,
          generate: (request: LMRequest.LMRequest) => {
            seen++
            return inner.generate(request)
          }
        }))
      )
      const lm = yield* ScriptedLM.make(() => ScriptedLM.fail(busy))
      const layer = watched.pipe(Layer.provide(lm.layer.pipe(Retry.layer({ times: 1 }))), Retry.layer({ times: 2 }))
      yield* hurried(Effect.exit(Effect.provide(Effect.flatMap(LM, ways.generate), layer)))
      assert.deepStrictEqual([seen, yield* asked(lm)], [3, 6])
    }))
})

describe("a cache of a third party", () => {
  /** Answers are kept by what was asked, as JSON, and given again as the events that they are. */
  const cache = Effect.map(Ref.make<ReadonlyMap<string, string>>(new Map()), (store) => {
    const keys = Schema.toCodecJson(LMRequest.LMRequest)
    const values = Schema.fromJsonString(Schema.toCodecJson(LMResponse.LMResponse))
    return Middleware.make({
      name: "cache",
      stream: (request, next) =>
        Stream.unwrap(Effect.map(Ref.get(store), (kept) => {
          const key = JSON.stringify(Schema.encodeSync(keys)(request))
          const found = kept.get(key)
          if (found !== undefined) {
            const events = LMResponse.toEvents(Schema.decodeSync(values)(found))
            return Stream.fromIterable<LMEvent.LMEvent>([{ _tag: "GivenAgain" }, ...events])
          }
          const response = LMResponse.builder()
          return next(request).pipe(
            Stream.tap((event) => Effect.sync(() => response.push([event]))),
            Stream.onEnd(
              Effect.suspend(() =>
                Ref.update(store, (kept) => new Map(kept).set(key, Schema.encodeSync(values)(response.result())))
              )
            )
          )
        }))
    })
  })

  it.effect("what the first model was paid counts, though its reserve gives its answer again", () =>
    Effect.gen(function*() {
      for (const way of ["stream", "generate"] as const) {
        const first = yield* ScriptedLM.make(() =>
          ScriptedLM.fail(
            new LMError({ model: "a/1", reason: cut, usage: { ...Usage.empty, inputTokens: 100, calls: 1 } })
          )
        )
        const second = yield* ScriptedLM.make(() => ScriptedLM.text("hi", { usage: { inputTokens: 5 } }))
        yield* Effect.gen(function*() {
          const ask = Effect.flatMap(LM, ways[way])
          assert.strictEqual((yield* ask).usage?.inputTokens, 105)
          const again = yield* ask
          assert.deepStrictEqual([again.usage?.inputTokens, again.givenAgain], [100, undefined])
        }).pipe(
          Effect.provide(
            first.layer.pipe(Retry.layer(false), Fallback.to(second.layer.pipe(Middleware.layerEffect(cache))))
          )
        )
      }
    }))

  it.effect("law 14: alone and in pairs, in either order, policies keep the answer, and count what was paid once", () =>
    Effect.gen(function*() {
      type Policy = <E>(layer: Layer.Layer<LM, E>) => Layer.Layer<LM, E>
      const reserve = ScriptedLM.layer(() =>
        ScriptedLM.chat({ answer: "Paris" }, { usage: { inputTokens: 5 }, tokens: true })
      )
      const policies: Readonly<Record<string, Policy>> = {
        retry: Retry.layer({ times: 1, restart: true }),
        timeouts: Timeouts.layer({ reply: "1 minute" }),
        cache: Middleware.layerEffect(cache),
        fallback: Fallback.to(reserve),
        plain: Middleware.layer(Middleware.make({ name: "plain", stream: (request, next) => next(request) }))
      }
      const failing = () =>
        ScriptedLM.fail(
          new LMError({ model: "a/1", reason: cut, usage: { ...Usage.empty, inputTokens: 10, calls: 1 } }),
          ["[[ ## answer ## ]]\nLon"]
        )
      const qa = Predict.make("question -> answer")
      const names = Object.keys(policies)
      for (const outer of names) {
        for (const inner of [undefined, ...names]) {
          for (const isStreamed of [true, false]) {
            // The first request fails, the others do not.
            let asked = 0
            const lm = yield* ScriptedLM.make(() =>
              asked++ === 0 ? failing() : ScriptedLM.chat({ answer: "Paris" }, { usage: { inputTokens: 7 } })
            )
            const base: Layer.Layer<LM> = lm.layer
            const layer = policies[outer]!(inner === undefined ? base : policies[inner]!(base))
            const used = new Set([outer, inner])
            const retries = used.has("retry")
            const falls = used.has("fallback")
            const expected = retries || falls
            const what = `${outer} over ${inner ?? "nothing"}, ${isStreamed ? "streamed" : "whole"}`
            yield* hurried(
              Effect.gen(function*() {
                const once = isStreamed
                  ? Effect.gen(function*() {
                    const events = yield* Stream.runCollect(Streaming.streamify(qa)({ question: "?" }))
                    // Laws 2 and 7: a field ends once in an attempt, and what a failed one has shown is taken back.
                    const shown: Array<string> = []
                    for (const event of events) {
                      if (event._tag === "Retracted") shown.length = 0
                      else if (event._tag === "StreamResponse") shown.push(event.chunk)
                    }
                    assert.strictEqual(shown.join(""), "Paris", what)
                    return events.at(-1) as Prediction.Prediction<{ readonly answer: string }>
                  })
                  : qa({ question: "?" })
                const first = yield* Effect.exit(once)
                assert.strictEqual(first._tag, expected ? "Success" : "Failure", what)
                if (first._tag === "Failure") return
                assert.strictEqual(first.value.answer, "Paris", what)
                assert.strictEqual(Prediction.usage(first.value).inputTokens, 10 + (retries ? 7 : 5), what)
                const again = Prediction.usage(yield* once).inputTokens
                // A cache around everything gives all of it again; one below a fallback never had an answer to keep.
                const isKept = used.has("cache")
                assert.strictEqual(again, isKept && (outer === "cache" || retries) ? 0 : 7, what)
              }).pipe(Effect.provide(layer))
            )
          }
        }
      }
    }))

  it.effect("gives an answer again, streamed and not, at no cost", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ScriptedLM.chat({ answer: "Paris" }, { tokens: true, usage: { inputTokens: 10 } })
      ])
      const qa = Predict.make("question -> answer")
      yield* Effect.gen(function*() {
        const streamed = Stream.runCollect(Streaming.streamify(qa)({ question: "?" }))
        for (const isFirst of [true, false]) {
          const events = yield* streamed
          const prediction = events.at(-1) as Prediction.Prediction<{ readonly answer: string }>
          assert.strictEqual(prediction.answer, "Paris")
          assert.deepStrictEqual(
            [Prediction.details(prediction).givenAgain, Prediction.usage(prediction).calls],
            isFirst ? [false, 1] : [true, 0]
          )
        }
        const whole = yield* qa({ question: "?" })
        assert.deepStrictEqual([whole.answer, Prediction.usage(whole)], ["Paris", Usage.empty])
      }).pipe(Effect.provide(lm.layer.pipe(Middleware.layerEffect(cache))))
      yield* lm.assertComplete
    }))
})
