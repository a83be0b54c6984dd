/** When a circuit opens, what it lets through, and which failures count. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer } from "effect"
import { Breaker, Fallback, LM, LMError, LMReason, Middleware } from "effect-lm"
import { TestClock } from "effect/testing"
import { ways } from "./support/policies.ts"
import * as Timed from "./support/timed.ts"

const of = (reason: LMReason.Reason) => new LMError({ model: "timed/test", reason })
const down = of(new LMReason.Server({ description: "down" }))

/** What became of so many calls, one after the other. */
const outcomes = (lm: LM["Service"], count: number, way: "stream" | "generate") =>
  Effect.forEach(Array.from({ length: count }), () =>
    Effect.match(ways.of(way)(lm, Timed.request("?")), {
      onSuccess: () => "answer",
      onFailure: ({ reason }) => reason._tag
    }))

const over = (server: { readonly service: LM["Service"] }, options?: Breaker.Options) =>
  Effect.map(Breaker.make(options), (breaker) => Middleware.apply(server.service, breaker))

for (const way of ["stream", "generate"] as const) {
  describe(`Breaker: ${way}`, () => {
    it.effect("opens after failures in a row, lets one call through when its time has passed, and closes where that is answered", () =>
      Effect.gen(function*() {
        let isDown = true
        const server = Timed.make(() => isDown ? { error: down } : {})
        const lm = yield* over(server, { failures: 3, openFor: "10 seconds" })
        assert.deepStrictEqual(yield* outcomes(lm, 5, way), [
          "Server",
          "Server",
          "Server",
          "CircuitOpen",
          "CircuitOpen"
        ])
        assert.strictEqual(server.seen.length, 3)
        yield* TestClock.adjust("4 seconds")
        const error = yield* Effect.flip(ways.of(way)(lm, Timed.request("?")))
        assert.deepStrictEqual(error.retryAfter && Duration.toSeconds(error.retryAfter), 6)
        assert.match(error.message, /^timed\/test: nothing was sent, .* it is tried again in 6s$/)
        assert.isTrue(error.isRetryable)
        // The one that goes through fails too: it is open for twice as long.
        yield* TestClock.adjust("6 seconds")
        assert.deepStrictEqual(yield* outcomes(lm, 2, way), ["Server", "CircuitOpen"])
        yield* TestClock.adjust("19 seconds")
        assert.deepStrictEqual(yield* outcomes(lm, 1, way), ["CircuitOpen"])
        yield* TestClock.adjust("1 second")
        isDown = false
        assert.deepStrictEqual(yield* outcomes(lm, 3, way), ["answer", "answer", "answer"])
        isDown = true
        assert.deepStrictEqual(yield* outcomes(lm, 4, way), ["Server", "Server", "Server", "CircuitOpen"])
      }))

    it.effect("one call tries, the others fail meanwhile; one that leaves makes room for the next", () =>
      Effect.gen(function*() {
        let takes = 0
        let error: LMError | undefined = down
        const server = Timed.make(() => ({ takes, ...(error && { error }) }))
        const lm = yield* over(server, { failures: 1, openFor: "10 seconds" })
        yield* outcomes(lm, 1, way)
        yield* TestClock.adjust("10 seconds")
        takes = 5000
        error = undefined
        const leaving = yield* Effect.forkChild(ways.of(way)(lm, Timed.request("?")), { startImmediately: true })
        assert.deepStrictEqual(yield* outcomes(lm, 1, way), ["CircuitOpen"])
        yield* Fiber.interrupt(leaving)
        const trying = yield* Effect.forkChild(outcomes(lm, 1, way), { startImmediately: true })
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(yield* Fiber.join(trying), ["answer"])
        assert.strictEqual(server.underWay(), 0)
      }))

    it.effect("only failures of the provider's count, and an answer between them begins anew", () =>
      Effect.gen(function*() {
        const script: Array<LMReason.Reason | undefined> = []
        const server = Timed.make(() => {
          const reason = script.shift()
          return reason === undefined ? {} : { error: of(reason) }
        })
        const lm = yield* over(server, { failures: 2 })
        const ours = [
          new LMReason.InvalidRequest({ description: "" }),
          new LMReason.RateLimited({ description: "" }),
          new LMReason.ContentFiltered({ description: "" }),
          new LMReason.QueueFull({ description: "" }),
          new LMReason.QuotaExceeded({ description: "" })
        ]
        script.push(...ours)
        assert.deepStrictEqual(yield* outcomes(lm, 5, way), ours.map(({ _tag }) => _tag))
        const [timeout, cut] = [new LMReason.Timeout({ description: "" }), new LMReason.Transport({ description: "" })]
        script.push(timeout, undefined, cut, ours[0], timeout)
        assert.deepStrictEqual(yield* outcomes(lm, 6, way), [
          "Timeout",
          "answer",
          "Transport",
          "InvalidRequest",
          "Timeout",
          "CircuitOpen"
        ])
        const own = yield* over(server, { failures: 1, when: ({ reason }) => reason._tag === "RateLimited" })
        script.push(timeout, ours[1])
        assert.deepStrictEqual(yield* outcomes(own, 3, way), ["Timeout", "RateLimited", "CircuitOpen"])
      }))

    it.effect("what the provider asks to wait is waited for", () =>
      Effect.gen(function*() {
        const server = Timed.make(() => ({
          error: of(new LMReason.Server({ description: "down", status: 503, retryAfter: Duration.minutes(2) }))
        }))
        const lm = yield* over(server, { failures: 1, openFor: "1 second" })
        yield* outcomes(lm, 1, way)
        const error = yield* Effect.flip(ways.of(way)(lm, Timed.request("?")))
        assert.deepStrictEqual(error.retryAfter && Duration.toMinutes(error.retryAfter), 2)
      }))
  })
}

describe("Breaker", () => {
  it.effect("a probe that has begun to answer lets the others through", () =>
    Effect.gen(function*() {
      let isDown = true
      const server = Timed.make(() => isDown ? { error: down } : { takes: 1000 })
      const lm = yield* over(server, { failures: 1, openFor: "1 second" })
      yield* outcomes(lm, 1, "stream")
      yield* TestClock.adjust("1 second")
      isDown = false
      const [first, second] = yield* Effect.all([
        Effect.forkChild(outcomes(lm, 1, "stream")),
        Effect.forkChild(Effect.delay(outcomes(lm, 1, "stream"), "1 second"))
      ])
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual([yield* Fiber.join(first), yield* Fiber.join(second)], [["answer"], ["answer"]])
    }))

  it.effect("each model has its own circuit, unless they share a key; a reserve is asked at once where it is open", () =>
    Effect.gen(function*() {
      const [first, second] = [Timed.make(() => ({ error: down })), Timed.make()]
      const layer = Layer.succeed(LM, first.service).pipe(
        Breaker.layer({ failures: 1 }),
        Fallback.to(Layer.succeed(LM, second.service))
      )
      yield* Effect.gen(function*() {
        const lm = yield* LM
        assert.deepStrictEqual(LM.describe(lm), [
          "fallback (timed/test)",
          "1: breaker (1 failures open it for 30s)",
          "1: timed/test",
          "2: timed/test"
        ])
        assert.deepStrictEqual(yield* outcomes(lm, 3, "generate"), ["answer", "answer", "answer"])
        assert.deepStrictEqual([first.seen.length, second.seen.length], [1, 3])
      }).pipe(Effect.provide(layer))
      for (const [key, expected] of [[undefined, "answer"], ["k", "CircuitOpen"]] as const) {
        const breaker = yield* Breaker.make({ failures: 1, key })
        const [a, b] = [Middleware.apply(first.service, breaker), Middleware.apply(second.service, breaker)]
        assert.deepStrictEqual(yield* outcomes(a, 2, "generate"), ["Server", "CircuitOpen"])
        assert.deepStrictEqual(yield* outcomes(b, 1, "generate"), [expected])
      }
    }))
})
