/** Time limits around any model. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Stream } from "effect"
import { LM, OpenAI, Retry, Timeouts } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { request, ways } from "./support/policies.ts"

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

  for (const way of ["stream", "generate"] as const) {
    it.effect(`each attempt, and all of a call with its retries: ${way}`, () =>
      Effect.gen(function*() {
        const slow = () => ScriptedLM.chunks(Array.from({ length: 100 }, () => "a"), { delay: "1 second" })
        const lm = yield* ScriptedLM.make(slow)
        const failed = (layer: typeof lm.layer) =>
          Effect.forkChild(Effect.timed(Effect.flip(Effect.provide(Effect.flatMap(LM, ways[way]), layer))), {
            startImmediately: true
          })
        const each = lm.layer.pipe(
          Timeouts.layer({ attempt: "10 seconds", reply: "1 hour" }),
          Retry.layer({ times: 2, delay: "4 seconds", restart: true })
        )
        const attempts = yield* failed(each)
        const all = yield* failed(each.pipe(Timeouts.inAll("25 seconds")))
        yield* TestClock.adjust("1 minute")
        const [took, error] = yield* Fiber.join(attempts)
        assert.deepStrictEqual(error.reason.description, "waited 10s for the answer of this attempt")
        assert.isAbove(Duration.toMillis(took), 38_000)
        const [tookInAll, inAll] = yield* Fiber.join(all)
        assert.deepStrictEqual(
          [inAll.reason._tag, inAll.reason.description, Duration.toMillis(tookInAll)],
          ["Timeout", "waited 25s for the answer in all", 25_000]
        )
        assert.strictEqual(yield* lm.interrupted, (yield* lm.requests).length)
      }))
  }

  it.effect("count only the waiting for the model, however slow the consumer is", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.text("one two three", { tokens: true })])
      const fiber = yield* Effect.flatMap(LM, (service) =>
        Stream.runForEach(service.stream(request), () => Effect.sleep("1 minute"))).pipe(
          Effect.provide(
            lm.layer.pipe(
              Timeouts.layer({ firstEvent: "1 second", idle: "1 second", attempt: "1 second" }),
              Timeouts.inAll("1 second")
            )
          ),
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
