/** What limits hold back, what they hear of the provider, and what they tell. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Pull, Stream } from "effect"
import {
  Fallback,
  Limits,
  LM,
  LMError,
  type LMEvent,
  LMReason,
  Middleware,
  Observer,
  Predict,
  Retry,
  type RunEvent,
  Timeouts,
  Usage
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { ways } from "./support/policies.ts"
import * as Timed from "./support/timed.ts"

const busy = (retryAfter?: Duration.Input) =>
  new LMError({
    model: "timed/test",
    reason: new LMReason.RateLimited({
      description: "busy",
      ...(retryAfter !== undefined && { retryAfter: Duration.fromInputUnsafe(retryAfter) })
    })
  })

const answer = (...more: ReadonlyArray<LMEvent.LMEvent>): ReadonlyArray<LMEvent.LMEvent> => [
  ...more,
  { _tag: "TextDelta", index: 0, text: "yes" },
  { _tag: "Finish", index: 0, reason: "stop" }
]

const serviceOf = (context: Context.Context<LM>) => Context.get(context, LM)

/** Starts so many calls in their order. */
const start = (lm: LM["Service"], count: number, way: "stream" | "generate" = "generate", from = 0) =>
  Effect.forEach(
    Array.from({ length: count }, (_, call) => String(from + call)),
    (text) => Effect.forkChild(Effect.exit(ways.of(way)(lm, Timed.request(text))), { startImmediately: true })
  )

/** How many requests were seen in each second. */
const perSecond = (seen: ReadonlyArray<Timed.Seen>) => {
  const counts = new Map<number, number>()
  for (const { at } of seen) counts.set(Math.floor(at / 1000), (counts.get(Math.floor(at / 1000)) ?? 0) + 1)
  return [...counts]
}

for (const way of ["stream", "generate"] as const) {
  describe(`Limits: ${way}`, () => {
    it.effect("so many are under way at the same time, and the others follow in their order", () =>
      Effect.gen(function*() {
        const server = Timed.make(() => ({ takes: 1000 }))
        const lm = Middleware.apply(server.service, Limits.make({ concurrency: 3 }))
        yield* start(lm, 10, way)
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(perSecond(server.seen), [[0, 3], [1, 3], [2, 3], [3, 1]])
        assert.deepStrictEqual(server.seen.map(({ text }) => Number(text)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        assert.deepStrictEqual([server.most(), server.underWay()], [3, 0])
      }))

    it.effect("a full queue is a typed error, at once, which is not tried again", () =>
      Effect.gen(function*() {
        const server = Timed.make(() => ({ takes: 1000 }))
        const limited = Middleware.apply(server.service, Limits.make({ concurrency: 1, queue: 2 }))
        const lm = Middleware.apply(limited, Retry.middleware(Retry.make()))
        const fibers = yield* start(lm, 4, way)
        const exit = fibers[3]!.pollUnsafe()
        assert.strictEqual(exit?._tag, "Success")
        const error = yield* Effect.flip(Effect.flatten(Fiber.join(fibers[3]!)))
        assert.strictEqual(error.reason._tag, "QueueFull")
        assert.isFalse(error.isRetryable)
        assert.match(error.message, /2 calls wait for a place already/)
        yield* TestClock.adjust("3 seconds")
        assert.deepStrictEqual(server.seen.map(({ text }) => text), ["0", "1", "2"])
      }))

    it.effect("`retry-after` stops all calls until then, and half as many follow; the rate grows back in a minute", () =>
      Effect.gen(function*() {
        const server = Timed.make((_, call) => call === 0 ? { error: busy("10 seconds") } : {})
        const lm = Middleware.apply(server.service, Limits.make({ requestsPerMinute: 60 }))
        yield* start(lm, 300, way)
        yield* TestClock.adjust("9999 millis")
        assert.strictEqual(server.seen.length, 1)
        yield* TestClock.adjust("2 seconds")
        // Of 60 half, and what has grown back of it in 12 seconds.
        assert.isAbove(server.seen.length, 30)
        assert.isBelow(server.seen.length, 45)
        yield* TestClock.adjust("8 minutes")
        assert.strictEqual(server.seen.length, 300)
        Timed.assertWindows(server.seen, 60)
        const late = server.seen.filter(({ at }) => at >= 100_000 && at < 160_000)
        assert.isAtLeast(late.length, 58)
      }))

    it.effect("a pause that is too long fails those who wait, and those who come, with the time that is left", () =>
      Effect.gen(function*() {
        const server = Timed.make(() => ({ takes: 1000, error: busy("1 hour") }))
        const lm = Middleware.apply(server.service, Limits.make({ concurrency: 1 }))
        const fibers = yield* start(lm, 3, way)
        yield* TestClock.adjust("1 second")
        const errors = yield* Effect.forEach(fibers, (fiber) => Effect.flip(Effect.flatten(Fiber.join(fiber))))
        assert.deepStrictEqual(errors.map(({ reason }) => reason._tag), ["RateLimited", "RateLimited", "RateLimited"])
        yield* TestClock.adjust("10 minutes")
        const late = yield* Effect.flip(ways.of(way)(lm, Timed.request("late")))
        assert.deepStrictEqual(late.retryAfter && Duration.toMinutes(late.retryAfter), 50)
        assert.strictEqual(server.seen.length, 1)
      }))

    it.effect("what headers say is left is not passed until the limit begins anew", () =>
      Effect.gen(function*() {
        const headers = { "x-ratelimit-remaining-requests": "2", "x-ratelimit-reset-requests": "7s" }
        const server = Timed.make((_, call) =>
          call === 0 ? { events: answer({ _tag: "ResponseInfo", headers }) } : { events: answer() }
        )
        const lm = Middleware.apply(server.service, Limits.make({}))
        yield* ways.of(way)(lm, Timed.request("first"))
        yield* start(lm, 10, way)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(perSecond(server.seen), [[0, 3], [7, 8]])
      }))

    it.effect("an answer that is given again from below has taken no place", () =>
      Effect.gen(function*() {
        const server = Timed.make(() => ({ events: answer({ _tag: "GivenAgain" }) }))
        const lm = Middleware.apply(server.service, Limits.make({ requestsPerMinute: 1 }))
        for (let call = 0; call < 3; call++) yield* ways.of(way)(lm, Timed.request("?"))
        assert.strictEqual(server.seen.length, 3)
      }))

    it.effect("tokens are estimated, and corrected by the usage that comes", () =>
      Effect.gen(function*() {
        const usage = { ...Usage.empty, inputTokens: 3, outputTokens: 7, calls: 1 }
        const server = Timed.make(() => ({ takes: 1000, events: answer({ _tag: "Usage", usage }) }))
        const lm = Middleware.apply(server.service, Limits.make({ tokensPerMinute: 1000 }))
        const texts = Array.from({ length: 8 }, (_, call) => `${call}${"x".repeat(399)}`)
        // 100 for the text and 300 for the answer: two at first, as if all of it were used.
        yield* Effect.forEach(texts, (text) =>
          Effect.forkChild(ways.of(way)(lm, Timed.request(text, { maxTokens: 300 }))))
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(perSecond(server.seen), [[0, 2], [1, 2], [2, 2], [3, 2]])
        yield* TestClock.adjust("1 minute")
        // One that is larger than the limit is sent alone.
        yield* Effect.forEach(["a", "b"], (text) =>
          Effect.forkChild(ways.of(way)(lm, Timed.request(text, { maxTokens: 5000 }))))
        yield* TestClock.adjust("10 minutes")
        assert.strictEqual(server.seen.length, 10)
      }))
  })
}

describe("Limits", () => {
  it.effect("count every attempt: they are below retries, and above time limits", () =>
    Effect.gen(function*() {
      const server = Timed.make(() => ({ error: busy() }))
      const base = Layer.succeed(LM, server.service).pipe(
        Timeouts.layer({ idle: "1 second", reply: "1 second" }),
        Retry.layer({ times: 3, delay: "1 milli" }),
        Limits.layer({ requestsPerMinute: 2 })
      )
      const lm = serviceOf(yield* Layer.build(base))
      assert.deepStrictEqual(LM.describe(lm), [
        "retry (3 times)",
        "limits (2 requests a minute)",
        "timeouts (first event 5m, silence 1s)",
        "timed/test"
      ])
      const fiber = yield* Effect.forkChild(Effect.flip(lm.generate(Timed.request("?"))))
      yield* TestClock.adjust("10 minutes")
      // Nobody waits for a place within a time limit.
      assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "RateLimited")
      Timed.assertWindows(server.seen, 2)
      assert.strictEqual(server.seen.length, 4)
    }))

  it.effect("each of several models has its own, unless they share a key; several of them hold together", () =>
    Effect.gen(function*() {
      const [first, second] = [Timed.make(() => ({ error: busy() })), Timed.make()]
      const both = (key: object) =>
        Effect.map(
          Layer.build(
            Layer.succeed(LM, first.service).pipe(
              Fallback.to(Layer.succeed(LM, second.service)),
              Limits.layer({ requestsPerMinute: 1, ...key }),
              Limits.layer({ concurrency: 5 })
            )
          ),
          serviceOf
        )
      const own = yield* both({})
      assert.deepStrictEqual(LM.describe(own), [
        "fallback (timed/test)",
        "1: limits (5 at a time)",
        "1: limits (1 requests a minute)",
        "1: timed/test",
        "2: limits (5 at a time)",
        "2: limits (1 requests a minute)",
        "2: timed/test"
      ])
      yield* own.generate(Timed.request("?"))
      assert.deepStrictEqual([first.seen.length, second.seen.length], [1, 1])
      const shared = yield* both({ key: "account" })
      const fiber = yield* Effect.forkChild(shared.generate(Timed.request("?")))
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual([first.seen.length, second.seen.length], [2, 1])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual([first.seen.length, second.seen.length], [2, 2])
    }))

  it.effect("a key may be made of the request", () =>
    Effect.gen(function*() {
      const server = Timed.make()
      const key = ({ config }: { readonly config: { readonly user?: string | undefined } }) => config.user ?? ""
      const lm = Middleware.apply(server.service, Limits.make({ requestsPerMinute: 1, key }))
      yield* lm.generate(Timed.request("a1", { user: "a" }))
      yield* lm.generate(Timed.request("b1", { user: "b" }))
      const again = yield* Effect.forkChild(lm.generate(Timed.request("a2", { user: "a" })))
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(server.seen.length, 2)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(again)
    }))

  it.effect("go on with what they have counted where another policy comes below them", () =>
    Effect.gen(function*() {
      const server = Timed.make()
      const lm = Middleware.apply(server.service, Limits.make({ requestsPerMinute: 1 }))
      yield* lm.generate(Timed.request("?"))
      const more = Middleware.apply(lm, Timeouts.middleware(Timeouts.make({ idle: "1 second" })))
      assert.deepStrictEqual(LM.describe(more)[0], "limits (1 requests a minute)")
      const fiber = yield* Effect.forkChild(more.generate(Timed.request("?")))
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(server.seen.length, 1)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
    }))

  it.effect("a stream that nobody reads on keeps its turn, and holds nobody up", () =>
    Effect.gen(function*() {
      const server = Timed.make(() => ({ takes: 1000 }))
      const lm = Middleware.apply(server.service, Limits.make({ concurrency: 1 }))
      yield* start(lm, 1)
      yield* Effect.scoped(Effect.gen(function*() {
        const pull = yield* Stream.toPull(lm.stream(Timed.request("slow")))
        const [first] = yield* pull
        assert.deepStrictEqual(first, { _tag: "Waiting", for: "concurrency", ahead: 0 })
        yield* start(lm, 2, "stream", 1)
        yield* TestClock.adjust("1500 millis")
        assert.deepStrictEqual(server.seen.map(({ text }) => text), ["0", "1"])
        // Now it is read, and comes before the one behind it.
        const reading = yield* Effect.forkChild(Pull.catchDone(Effect.forever(pull), () => Effect.void))
        yield* TestClock.adjust("10 seconds")
        yield* Fiber.join(reading)
        assert.deepStrictEqual(server.seen.map(({ text }) => text), ["0", "1", "slow", "2"])
      }))
    }))

  it.effect("observers hear what a call waits for", () =>
    Effect.gen(function*() {
      const told: Array<LMEvent.Notice> = []
      const observed = Observer.observe({
        interest: () => undefined,
        onEvents: (events: ReadonlyArray<RunEvent.RunEvent>) =>
          Effect.sync(() =>
            void told.push(...events.flatMap((event) => event._tag === "LMNotice" ? [event.notice] : []))
          )
      })
      const lm = ScriptedLM.layer(() => ScriptedLM.chat({ answer: "Paris" }, { delay: "1 second" }))
      const ask = Predict.make("question -> answer")({ question: "?" })
      const fiber = yield* Effect.forkChild(
        Effect.all([ask, ask, ask], { concurrency: 3 }).pipe(
          observed,
          Effect.provide(lm.pipe(Limits.layer({ requestsPerMinute: 1 })))
        )
      )
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(told, [
        { _tag: "Waiting", for: "requests", ahead: 0, delayMillis: 61_000 },
        { _tag: "Waiting", for: "requests", ahead: 1 }
      ])
    }))

  it("refuses what cannot be meant", () => {
    assert.throws(
      () => Limits.make({ requestsPerMinute: 0 }),
      /^`requestsPerMinute` is 0: it is a whole number, 1 or more/
    )
    assert.throws(() => Limits.layer({ rpm: 5 } as object), /^Limits.layer has no option 'rpm'/)
    assert.throws(
      () => Limits.make({ key: 5 as unknown as string }),
      /^`key` is a number: it is a string, or a function/
    )
  })
})
