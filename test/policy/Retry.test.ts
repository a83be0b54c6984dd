import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Random, Stream } from "effect"
import type * as LM from "effect-lm/lm/LM"
import * as LMError from "effect-lm/lm/LMError"
import type { LMEvent } from "effect-lm/lm/LMEvent"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as Retry from "effect-lm/policy/Retry"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { TestClock } from "effect/testing"
import { asking } from "../support/requests.ts"
import { textOfFirst } from "../support/said.ts"
import * as WireServer from "../support/wireServer.ts"

const request = asking("q")

const info: LMEvent = { _tag: "ResponseInfo", model: "m" }
const delta: LMEvent = { _tag: "TextDelta", index: 0, text: "Paris" }
const finish: LMEvent = { _tag: "Finish", index: 0, reason: "stop" }

const fail = (reason: LMError.Reason) => new LMError.LMError({ model: "test/m", reason })
const down = fail(new LMError.Server({ description: "down" }))
const limited = (retryAfter: Duration.Input) =>
  fail(new LMError.RateLimited({ description: "slow down", retryAfter: Duration.fromInputUnsafe(retryAfter) }))

/** An attempt: the events it delivers, and the error that it ends with, if any. */
type Attempt = readonly [events: ReadonlyArray<LMEvent>, error?: LMError.LMError]

/** A model whose nth call does the nth of these, the last one from then on. */
const make = (...attempts: ReadonlyArray<Attempt>) => {
  let calls = 0
  const next = (): Stream.Stream<LMEvent, LMError.LMError> =>
    Stream.suspend(() => {
      const [events, error] = attempts[Math.min(calls, attempts.length - 1)]!
      calls++
      return Stream.concat(Stream.fromIterable(events), error === undefined ? Stream.empty : Stream.fail(error))
    })
  const service: LM.Service = {
    model: "test/m",
    capabilities: { tools: true },
    stream: next,
    generate: () => LMResponse.collect(next())
  }
  return { service, calls: () => calls }
}

const kinds = [
  ["stream", (lm: LM.Service) => Effect.map(Stream.runCollect(lm.stream(request)), LMResponse.fold)],
  ["generate", (lm: LM.Service) => lm.generate(request)]
] as const

for (const [kind, call] of kinds) {
  describe(`Retry: ${kind}`, () => {
    const text = (lm: LM.Service) => Effect.map(call(lm), textOfFirst)

    it.effect("what failed attempts have used is used", () =>
      Effect.gen(function*() {
        const usage: LMEvent = {
          _tag: "Usage",
          usage: {
            inputTokens: 10,
            outputTokens: 1,
            reasoningTokens: 0,
            cachedInputTokens: 0,
            cacheWriteTokens: 0,
            calls: 1
          }
        }
        const told = kind === "stream" ? down : new LMError.LMError({ ...down, usage: usage.usage })
        const policy = Retry.make({ times: 2, delay: 0 })
        const run = <A, E>(self: Effect.Effect<A, E>) =>
          Effect.gen(function*() {
            const fiber = yield* Effect.forkChild(self)
            yield* TestClock.adjust("1 minute")
            return yield* Fiber.join(fiber)
          })
        const good = make([[usage], told], [[usage], told], [[delta, finish, usage]])
        assert.strictEqual((yield* run(call(Retry.apply(good.service, policy)))).usage?.inputTokens, 30)
        const silent = make([[usage], told], [[delta, finish]])
        assert.strictEqual((yield* run(call(Retry.apply(silent.service, policy)))).usage?.inputTokens, 10)
        const bad = make([[usage], told])
        assert.strictEqual((yield* run(Effect.flip(call(Retry.apply(bad.service, policy))))).usage?.inputTokens, 30)
        const free = make([[], down])
        assert.strictEqual(yield* run(Effect.flip(call(Retry.apply(free.service, policy)))), down)
      }))

    it.effect("doubles the wait each time, takes off up to a quarter, and gives up after the last retry", () =>
      Effect.gen(function*() {
        for (const seed of ["a", "b", "c", "d"]) {
          const { calls, service } = make([[], down])
          const policy = Retry.make({ times: 4, delay: "1 second", maxDelay: "3 seconds" })
          const fiber = yield* Effect.forkChild(Effect.flip(Random.withSeed(text(Retry.apply(service, policy)), seed)))
          yield* TestClock.adjust(0)
          for (const [attempt, longest] of [1000, 2000, 3000, 3000].entries()) {
            const least = longest * 0.75
            assert.strictEqual(calls(), attempt + 1)
            yield* TestClock.adjust(least - 1)
            assert.strictEqual(calls(), attempt + 1)
            // Each wait begins when the one before has ended, so the clock is moved in steps up to the next attempt.
            let waited = least - 1
            while (calls() === attempt + 1) {
              yield* TestClock.adjust(1)
              waited++
            }
            assert.isAtMost(waited, longest)
          }
          assert.strictEqual(yield* Fiber.join(fiber), down)
          assert.strictEqual(calls(), 5)
        }
      }))

    it.effect("succeeds with the first attempt that does", () =>
      Effect.gen(function*() {
        const { calls, service } = make([[], down], [[info], down], [[info, delta, finish]])
        const fiber = yield* Effect.forkChild(text(Retry.apply(service, Retry.defaults)))
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(yield* Fiber.join(fiber), "Paris")
        assert.strictEqual(calls(), 3)
      }))

    it.effect("waits as long as the provider asks for, to the millisecond", () =>
      Effect.gen(function*() {
        const { calls, service } = make([[], limited("20 seconds")], [[delta, finish]])
        const fiber = yield* Effect.forkChild(text(Retry.apply(service, Retry.defaults)))
        yield* TestClock.adjust("19999 millis")
        assert.strictEqual(calls(), 1)
        yield* TestClock.adjust("1 milli")
        assert.strictEqual(yield* Fiber.join(fiber), "Paris")
      }))

    it.effect("a longer wait than is allowed fails at once, with the provider's error", () =>
      Effect.gen(function*() {
        const error = limited("61 seconds")
        const { calls, service } = make([[], error])
        assert.strictEqual(yield* Effect.flip(text(Retry.apply(service, Retry.defaults))), error)
        assert.strictEqual(calls(), 1)
      }))

    it.effect("what cannot pass is not tried again", () =>
      Effect.gen(function*() {
        for (
          const reason of [
            new LMError.Authentication({ description: "" }),
            new LMError.QuotaExceeded({ description: "" }),
            new LMError.InvalidRequest({ description: "" }),
            new LMError.ContextWindowExceeded({ description: "" }),
            new LMError.InvalidResponse({ description: "" })
          ]
        ) {
          const { calls, service } = make([[], fail(reason)])
          assert.strictEqual((yield* Effect.flip(text(Retry.apply(service, Retry.defaults)))).reason, reason)
          assert.strictEqual(calls(), 1)
        }
      }))

    it.effect("zero times is never", () =>
      Effect.gen(function*() {
        const { calls, service } = make([[], down])
        assert.strictEqual(yield* Effect.flip(text(Retry.apply(service, Retry.make({ times: 0 })))), down)
        assert.strictEqual(calls(), 1)
      }))

    it.effect("is the same in a pipe", () =>
      Effect.gen(function*() {
        const { calls, service } = make([[], limited(0)], [[delta, finish]])
        const fiber = yield* Effect.forkChild(text(Retry.apply(Retry.defaults)(service)))
        yield* TestClock.adjust(0)
        assert.strictEqual(yield* Fiber.join(fiber), "Paris")
        assert.strictEqual(calls(), 2)
      }))

    it.effect("an interruption ends the wait, and no call follows", () =>
      Effect.gen(function*() {
        const { calls, service } = make([[], down])
        const fiber = yield* Effect.forkChild(text(Retry.apply(service, Retry.defaults)))
        yield* TestClock.adjust(0)
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(calls(), 1)
      }))
  })
}

describe("Retry: stream", () => {
  const contents: ReadonlyArray<LMEvent> = [
    delta,
    { _tag: "ReasoningDelta", index: 0, text: "Hm" },
    { _tag: "ToolCallDelta", index: 0, call: 0, id: "a", name: "f", argumentsDelta: "" },
    finish
  ]
  for (const event of contents) {
    it.effect(`not after a ${event._tag}: what was shown stays, then the error`, () =>
      Effect.gen(function*() {
        const { calls, service } = make([[info, event], down])
        const seen: Array<LMEvent> = []
        const error = yield* Retry.apply(service, Retry.defaults).stream(request).pipe(
          Stream.runForEach((event) => Effect.sync(() => seen.push(event))),
          Effect.flip
        )
        assert.strictEqual(error, down)
        assert.deepStrictEqual(seen, [info, event])
        assert.strictEqual(calls(), 1)
      }))
  }

  it.effect("leaves the arrays of the network reads whole", () =>
    Effect.gen(function*() {
      const { service } = make([[info, delta, delta, finish]])
      const arrays: Array<number> = []
      yield* Stream.runForEachArray(
        Retry.apply(service, Retry.defaults).stream(request),
        (events) => Effect.sync(() => arrays.push(events.length))
      )
      assert.deepStrictEqual(arrays, [4])
    }))

  it.effect("each run of a stream has its own attempts", () =>
    Effect.gen(function*() {
      const { calls, service } = make([[], limited(0)])
      const stream = Retry.apply(service, Retry.make({ times: 1 })).stream(request)
      for (const total of [2, 4]) {
        const fiber = yield* Effect.forkChild(Effect.flip(Stream.runDrain(stream)))
        yield* TestClock.adjust(0)
        yield* Fiber.join(fiber)
        assert.strictEqual(calls(), total)
      }
    }))
})

describe("Retry: OpenAI", () => {
  it.effect("a layer retries unless told not to, and each failed attempt is over before the next", () =>
    Effect.gen(function*() {
      const loading = WireServer.json(503, { error: { message: "Loading model" } }, { "retry-after": "0" })
      const early = WireServer.events(WireServer.chunk({ role: "assistant", content: "" }))
      const server = yield* WireServer.make([loading, early, WireServer.answer("Paris")])
      const options = { model: "m", baseUrl: server.baseUrl }
      const lm = yield* OpenAI.make(options)
      const fiber = yield* Effect.forkChild(LMResponse.collect(lm.stream(request)))
      while (fiber.pollUnsafe() === undefined) {
        yield* TestClock.adjust("1 second")
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      }
      assert.strictEqual(textOfFirst(yield* Fiber.join(fiber)), "Paris")
      assert.strictEqual(server.requests.length, 3)

      const broken = yield* WireServer.make(loading)
      const once = yield* OpenAI.make({ ...options, baseUrl: broken.baseUrl, retry: false })
      assert.strictEqual((yield* Effect.flip(once.generate(request))).reason._tag, "Server")
      assert.strictEqual(broken.requests.length, 1)
    }))
})
