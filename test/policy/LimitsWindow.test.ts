/** What limits promise of every minute, of the order of those who wait, and of those who leave. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { Limits, Middleware } from "effect-lm"
import { TestClock } from "effect/testing"
import { ways } from "./support/policies.ts"
import * as Timed from "./support/timed.ts"

const Way = Schema.Literals(["stream", "generate"])
const upTo = (most: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: most }))
const calls = 1000

describe("Limits: every minute", () => {
  it.effect.prop(
    "1,000 calls at once: no minute has more than the limit and the burst, in the order in which they came",
    { way: Way, limit: upTo(299), burst: upTo(20), transit: upTo(900), takes: upTo(40_000) },
    Effect.fnUntraced(function*({ burst, limit, takes, transit, way }) {
      const requestsPerMinute = limit + 50
      // The first ones are long on their way, those after them are not.
      const server = Timed.make((_, call) => ({
        transit: call < requestsPerMinute ? transit : 0,
        takes: takes * (call % 5) / 4
      }))
      const lm = Middleware.apply(server.service, Limits.make({ requestsPerMinute, burst }))
      const all = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: calls }, (_, call) => String(call)),
          (text) => ways.of(way)(lm, Timed.request(text)),
          { concurrency: "unbounded", discard: true }
        )
      )
      yield* TestClock.adjust("30 minutes")
      yield* Fiber.join(all)
      Timed.assertWindows(server.seen, requestsPerMinute + burst)
      // In the long run there are no more than the limit.
      for (const [index, { at }] of server.seen.toSorted((a, b) => a.at - b.at).entries()) {
        assert.isAtMost(index + 1, burst + requestsPerMinute * (1 + at / 60_000) + 1e-6)
      }
      assert.strictEqual(server.seen.length, calls)
      if (transit === 0) {
        assert.deepStrictEqual(
          server.seen.map(({ text }) => Number(text)),
          Array.from({ length: calls }, (_, at) => at)
        )
      }
    }),
    { arbitrary: { runs: 6, seed: 1, maxShrinks: 3 }, timeout: 60_000 }
  )

  it.effect("1,000 calls that come one by one", () =>
    Effect.gen(function*() {
      const server = Timed.make()
      const lm = Middleware.apply(server.service, Limits.make({ requestsPerMinute: 60, burst: 10 }))
      const all = yield* Effect.forkChild(Effect.forEach(
        Array.from({ length: calls }, (_, call) => call),
        (call) => Effect.delay(lm.generate(Timed.request(String(call))), call * 700),
        { concurrency: "unbounded", discard: true }
      ))
      yield* TestClock.adjust("30 minutes")
      yield* Fiber.join(all)
      Timed.assertWindows(server.seen, 70)
      assert.deepStrictEqual(server.seen.map(({ text }) => Number(text)), Array.from({ length: calls }, (_, at) => at))
      // All that is allowed is used: the last one waits for the limit alone.
      assert.isBelow(server.seen.at(-1)!.at, (calls / 60 + 1) * 60_000)
    }))

  it.effect.prop(
    "200 of 1,000 that leave lose no capacity, and nobody's turn",
    { way: Way, step: Schema.Literals([1, 3, 5]), concurrency: Schema.Literals([3, 1000]), late: Schema.Boolean },
    Effect.fnUntraced(function*({ concurrency, late, step, way }) {
      const server = Timed.make(() => ({ takes: 500 }))
      const lm = Middleware.apply(server.service, Limits.make({ requestsPerMinute: 100, concurrency }))
      const fibers = yield* Effect.forEach(
        Array.from({ length: calls }, (_, call) => String(call)),
        (text) => Effect.forkChild(ways.of(way)(lm, Timed.request(text)))
      )
      yield* TestClock.adjust(late ? "90 seconds" : "1 milli")
      // Those of the first 200 who are not served yet, and then every so many.
      const leaving = fibers.filter((fiber, at) => at % step === 0 && fiber.pollUnsafe() === undefined).slice(0, 200)
      yield* Fiber.interruptAll(leaving)
      yield* TestClock.adjust("30 minutes")
      const rest = fibers.filter((fiber) => !leaving.includes(fiber))
      yield* Fiber.joinAll(rest)
      Timed.assertWindows(server.seen, 100)
      const texts = server.seen.map(({ text }) => Number(text))
      assert.deepStrictEqual(texts, texts.toSorted((a, b) => a - b))
      const sent = server.seen.length
      assert.isAtLeast(sent, 800)
      // Every full minute is used to the end.
      assert.isAtMost(server.seen.at(-1)!.at, Math.ceil(sent / 100 - 1) * 62_000 + 62_000)
      const before = server.seen.length
      const fresh = yield* Effect.forkChild(Effect.all(
        Array.from({ length: 100 }, (_, call) => lm.generate(Timed.request(`fresh ${call}`))),
        { concurrency: "unbounded", discard: true }
      ))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fresh)
      assert.strictEqual(server.seen.length, before + 100)
      assert.strictEqual(server.underWay(), 0)
    }),
    { arbitrary: { runs: 6, seed: 1, maxShrinks: 3 }, timeout: 60_000 }
  )
})
