/**
 * Middleware: retries, time limits, a model in reserve, and those that a third party writes.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Random, Ref, Schema, Stream } from "effect"
import {
  Fallback,
  LM,
  LMError,
  type LMEvent,
  LMReason,
  LMRequest,
  LMResponse,
  Middleware,
  Observer,
  OpenAI,
  Predict,
  Prediction,
  Retry,
  type RunEvent,
  Streaming,
  Timeouts,
  Usage
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

const request: LMRequest.LMRequest = {
  messages: [LMRequest.user("Why?")],
  config: {},
  responseFormat: { _tag: "Text" }
}

const busy = new LMReason.RateLimited({ description: "busy" })
const cut = new LMReason.Transport({ description: "cut" })

const asked = (lm: ScriptedLM.ScriptedLM) => Effect.map(lm.requests, (all) => all.length)

/** Both ways to ask, each folded. */
const ways = {
  stream: (service: LM["Service"]) => LMResponse.collect(service.stream(request)),
  generate: (service: LM["Service"]) => service.generate(request)
}

/** Runs with the clock going on by itself, and without chance. */
const hurried = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(self)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  }).pipe(Random.withSeed("retry"))

describe("retries", () => {
  const counts = (script: ScriptedLM.Script, over: (layer: Layer.Layer<LM>) => Layer.Layer<LM>) =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(script)
      yield* hurried(Effect.exit(Effect.provide(Predict.make("question -> answer")({ question: "?" }), over(lm.layer))))
      return yield* asked(lm)
    })

  it.effect("never multiply, in whatever order policies stand: the outer one counts", () =>
    Effect.gen(function*() {
      const always = () => ScriptedLM.fail(busy)
      const cache = Middleware.make({ name: "plain", stream: (request, next) => next(request) })
      const two = Retry.layer({ times: 2 })
      const five = Retry.layer({ times: 5 })
      const plain = Middleware.layer(cache)
      const limited = Timeouts.layer({ reply: "1 hour" })
      for (
        const [over, expected] of [
          [(self) => self.pipe(two), 3],
          [(self) => self.pipe(two, five), 6],
          [(self) => self.pipe(five, two), 3],
          [(self) => self.pipe(two, plain, five), 6],
          [(self) => self.pipe(five, plain, two), 3],
          [(self) => self.pipe(plain, two, plain, five, plain), 6],
          [(self) => self.pipe(limited, two, limited, five), 6],
          [(self) => self.pipe(two, limited), 3],
          [(self) => self.pipe(five, Retry.layer(false)), 1]
        ] satisfies ReadonlyArray<readonly [(self: Layer.Layer<LM>) => Layer.Layer<LM>, number]>
      ) {
        assert.strictEqual(yield* counts(always, over), expected)
      }
    }))

  it.effect("a provider's layer has one, which a policy over it replaces", () =>
    Effect.gen(function*() {
      let requests = 0
      const model = OpenAI.layer({
        model: "m",
        baseUrl: "http://127.0.0.1/v1",
        fetch: () => {
          requests++
          return Promise.resolve(Response.json({ error: { message: "busy" } }, { status: 429 }))
        }
      })
      for (const [layer, expected] of [[model, 4], [model.pipe(Retry.layer({ times: 1 })), 2]] as const) {
        requests = 0
        yield* hurriedLive(Effect.exit(Effect.provide(Effect.flatMap(LM, ways.generate), layer)))
        assert.strictEqual(requests, expected)
      }
    }))

  it.effect("say what they do while they do it, streamed and not", () =>
    Effect.gen(function*() {
      for (const isStreamed of [true, false]) {
        const lm = yield* ScriptedLM.make([
          ScriptedLM.fail(busy),
          ScriptedLM.fail(cut),
          ScriptedLM.chat({ answer: "a" })
        ])
        const told: Array<RunEvent.LMNotice> = []
        const observed = Observer.observe({
          interest: () => isStreamed ? { text: () => true, partial: () => false, toolCalls: false } : undefined,
          onEvents: (events) =>
            Effect.sync(() => void told.push(...events.flatMap((event) => event._tag === "LMNotice" ? [event] : [])))
        })
        yield* hurried(
          Predict.make("question -> answer")({ question: "?" }).pipe(
            observed,
            Effect.provide(lm.layer.pipe(Retry.layer({ times: 2, delay: "1 second" })))
          )
        )
        assert.deepStrictEqual(
          told.map((
            { notice }
          ) => [notice._tag, notice._tag === "Retrying" && notice.attempt, notice.error.reason._tag]),
          [["Retrying", 2, "RateLimited"], ["Retrying", 3, "Transport"]]
        )
        assert.isTrue(
          told.every(({ call, notice }) =>
            call.name === "scripted/test" && notice._tag === "Retrying" && notice.delayMillis > 500
          )
        )
      }
    }))

  it.effect("an answer that was begun begins anew only where the policy says so; what was shown is retracted", () =>
    Effect.gen(function*() {
      const pieces = ["[[ ## answer ## ]]\n", "Lon"]
      const qa = Streaming.streamify(Predict.make("question -> answer"))
      for (const restart of [false, true]) {
        const lm = yield* ScriptedLM.make([
          ScriptedLM.fail(cut, pieces, { usage: { outputTokens: 3 } }),
          ScriptedLM.chat({ answer: "Paris" }, { usage: { outputTokens: 5 } })
        ])
        const events: Array<string> = []
        const exit = yield* hurried(
          qa({ question: "?" }).pipe(
            Stream.runForEach((event) =>
              Effect.sync(() => {
                events.push(
                  event._tag === "StreamResponse"
                    ? `${event.attempt} ${event.chunk}${event.isLastChunk ? "." : ""}`
                    : event._tag
                )
                if (event._tag === "Prediction") assert.strictEqual(Prediction.usage(event).outputTokens, 8)
              })
            ),
            Effect.exit,
            Effect.provide(lm.layer.pipe(Retry.layer({ restart })))
          )
        )
        assert.deepStrictEqual(
          [exit._tag, ...events],
          restart
            ? ["Success", "1 Lon", "1 .", "Retracted", "2 Paris.", "Prediction"]
            : ["Failure", "1 Lon", "1 ."]
        )
      }
    }))
})

/** For requests that go through promises: the clock is moved on until all is over. */
const hurriedLive = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(self)
    while (fiber.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust("1 minute")
    }
    return yield* Fiber.join(fiber)
  })

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

describe("time limits over any model", () => {
  it.effect("to the first word, between two, and for a whole reply", () =>
    Effect.gen(function*() {
      const limits = Timeouts.layer({ firstEvent: "10 seconds", idle: "3 seconds", reply: "20 seconds" })
      for (
        const [way, reply, after, said] of [
          ["stream", ScriptedLM.never, "10 seconds", "waited 10s for the first word"],
          ["stream", ScriptedLM.hang(["a"]), "3 seconds", "waited 3s for the provider to go on"],
          ["generate", ScriptedLM.never, "20 seconds", "waited 20s for the whole reply"]
        ] as const
      ) {
        const lm = yield* ScriptedLM.make([reply])
        const fiber = yield* Effect.flatMap(LM, ways[way]).pipe(
          Effect.flip,
          Effect.provide(lm.layer.pipe(limits)),
          Effect.forkChild
        )
        yield* TestClock.adjust(
          after === "3 seconds" ? "2999 millis" : after === "10 seconds" ? "9999 millis" : "19999 millis"
        )
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        const error = yield* Fiber.join(fiber)
        assert.deepStrictEqual([error.reason._tag, error.reason.description], ["Timeout", said])
        assert.strictEqual(yield* lm.interrupted, 1)
      }
    }))

  it.effect("count only the waiting for the model, however slow the consumer is", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.text("one two three", { tokens: true })])
      const fiber = yield* Effect.flatMap(LM, (service) =>
        Stream.runForEach(service.stream(request), () => Effect.sleep("1 minute"))).pipe(
          Effect.provide(lm.layer.pipe(Timeouts.layer({ firstEvent: "1 second", idle: "1 second" }))),
          Effect.forkChild
        )
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
    }))

  it.effect("a layer of a provider has one set, which another replaces", () =>
    Effect.gen(function*() {
      const model = OpenAI.layer({ model: "m", baseUrl: "http://127.0.0.1/v1", fetch: () => new Promise(() => {}) })
      const fiber = yield* Effect.flatMap(LM, ways.generate).pipe(
        Effect.flip,
        Effect.provide(model.pipe(Retry.layer(false), Timeouts.layer({ reply: "1 second" }))),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      assert.include((yield* Fiber.join(fiber)).message, "waited 1s for the whole reply")
    }))
})

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
