/** When a request is sent a second time, which of the two answers, and what becomes of the other. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Stream } from "effect"
import { Hedge, Limits, LM, LMError, type LMEvent, LMReason, LMResponse, Middleware, Retry, Usage } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { textOfFirst } from "../support/said.ts"
import { ways } from "./support/policies.ts"
import * as Timed from "./support/timed.ts"

const request = Timed.request("x".repeat(40))
const down = new LMReason.Server({ description: "down" })
const usage = { ...Usage.empty, inputTokens: 12, outputTokens: 3, calls: 1 }

/** A model with these replies, asked a second time after 2 seconds. */
const hedged = (...replies: ReadonlyArray<ScriptedLM.Reply>) =>
  Effect.map(
    ScriptedLM.make(replies),
    (lm) => ({ ...lm, hedged: Middleware.apply(lm.service, Hedge.make("2 seconds")) })
  )

/** What became of a call within a minute of the clock, and when. */
const outcome = <A, E>(self: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(Effect.timed(Effect.result(self)), { startImmediately: true })
    yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

for (const way of ["stream", "generate"] as const) {
  describe(`Hedge: ${way}`, () => {
    const ask = (lm: LM["Service"]) => ways.of(way)(lm, request)

    it.effect("asks once where the answer begins in time, however long it goes on", () =>
      Effect.gen(function*() {
        const lm = yield* hedged(ScriptedLM.chunks(["a", "b", "c"], { delay: "1500 millis", usage }))
        const [, result] = yield* outcome(ask(lm.hedged))
        assert.strictEqual(result._tag === "Success" && textOfFirst(result.success), "abc")
        assert.deepStrictEqual(result._tag === "Success" && result.success.usage, usage)
        yield* lm.assertComplete
      }))

    it.effect("the second one answers where it is faster, and the first is given up and counted", () =>
      Effect.gen(function*() {
        const lm = yield* hedged(
          ScriptedLM.text("slow", { delay: "10 seconds" }),
          ScriptedLM.text("fast", { delay: "1 second", usage })
        )
        const [took, result] = yield* outcome(ask(lm.hedged))
        assert.strictEqual(result._tag === "Success" && textOfFirst(result.success), "fast")
        // Forty characters are ten tokens.
        const both = { ...usage, inputTokens: 22, calls: 2 }
        assert.deepStrictEqual(result._tag === "Success" && result.success.usage, both)
        assert.strictEqual(Duration.toMillis(took), 3000)
        assert.strictEqual(yield* lm.interrupted, 1)
      }))

    it.effect("the first one answers where it is faster after all; what is known of the second is counted", () =>
      Effect.gen(function*() {
        const known: LMEvent.LMEvent = { _tag: "Usage", usage: { ...usage, inputTokens: 100 } }
        const second = ScriptedLM.events([[known], [{ _tag: "TextDelta", index: 0, text: "second" }]], {
          delay: "1 second"
        })
        const lm = yield* hedged(ScriptedLM.text("first", { delay: "3500 millis" }), second)
        const [, result] = yield* outcome(ask(lm.hedged))
        assert.strictEqual(result._tag === "Success" && textOfFirst(result.success), "first")
        assert.deepStrictEqual(result._tag === "Success" && result.success.usage, { ...usage, inputTokens: 100 })
        assert.strictEqual(yield* lm.interrupted, 1)
      }))

    it.effect("a failure before it is late is a failure; after that the other one is waited for", () =>
      Effect.gen(function*() {
        const early = yield* hedged(ScriptedLM.fail(down))
        const [, failed] = yield* outcome(ask(early.hedged))
        assert.strictEqual(failed._tag === "Failure" && failed.failure.reason._tag, "Server")
        const lost = new LMError({ model: "m", reason: down, usage: { ...usage, inputTokens: 5 } })
        const failing = ScriptedLM.events([[{ _tag: "ResponseInfo" }]], { delay: "3 seconds" })
        const late = yield* hedged(
          { ...failing, end: { _tag: "Fail", error: lost } },
          ScriptedLM.text("second", { delay: "5 seconds", usage })
        )
        const [, saved] = yield* outcome(ask(late.hedged))
        assert.strictEqual(saved._tag === "Success" && textOfFirst(saved.success), "second")
        assert.deepStrictEqual(
          saved._tag === "Success" && saved.success.usage,
          Usage.add(usage, { ...usage, inputTokens: 5 })
        )
        const both = yield* hedged(
          { ...failing, end: { _tag: "Fail", error: lost } },
          { ...failing, end: { _tag: "Fail", error: lost } }
        )
        const [, none] = yield* outcome(ask(both.hedged))
        assert.deepStrictEqual(none._tag === "Failure" && none.failure.usage?.inputTokens, 10)
        yield* both.assertComplete
      }))

    it.effect("nothing is sent twice once an answer has begun: it fails where it breaks off", () =>
      Effect.gen(function*() {
        const lm = yield* hedged(
          ScriptedLM.never,
          ScriptedLM.fail(new LMReason.Transport({ description: "cut" }), ["beg"], { delay: "1 second" })
        )
        const [, result] = yield* outcome(ask(lm.hedged))
        assert.strictEqual(result._tag === "Failure" && result.failure.reason._tag, "Transport")
        assert.strictEqual(result._tag === "Failure" && result.failure.usage?.inputTokens, 10)
        assert.strictEqual(yield* lm.interrupted, 1)
      }))

    it.effect("who leaves leaves both", () =>
      Effect.gen(function*() {
        const lm = yield* hedged(ScriptedLM.never, ScriptedLM.never)
        const fiber = yield* Effect.forkChild(ask(lm.hedged), { startImmediately: true })
        yield* TestClock.adjust("3 seconds")
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(yield* lm.interrupted, 2)
      }))

    it.effect("nothing is sent twice where calls wait for their turn", () =>
      Effect.gen(function*() {
        const server = Timed.make(() => ({ takes: 1000 }))
        const lm = Middleware.apply(
          Middleware.apply(server.service, Limits.make({ concurrency: 1 })),
          Hedge.make("2 seconds")
        )
        const told: Array<string> = []
        const tell: LM["Service"]["generate"] = (request) =>
          lm.generate(request, (events) => Effect.sync(() => void told.push(...events.map(({ _tag }) => _tag))))
        const one = way === "generate"
          ? tell(request)
          : Stream.runForEach(lm.stream(request), ({ _tag }) => Effect.sync(() => void told.push(_tag)))
        const [, result] = yield* outcome(
          Effect.all(Array.from({ length: 8 }, () => one), { concurrency: "unbounded" })
        )
        assert.strictEqual(result._tag, "Success")
        assert.strictEqual(told.filter((tag) => tag === "Waiting").length, 7)
        assert.notInclude(told, "Hedged")
        assert.strictEqual(server.seen.length, 8)
      }))
  })
}

describe("Hedge", () => {
  it.effect("is told, and so is what either of the two tells; the second has retries of its own", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.never, ScriptedLM.fail(down), "fast"])
      const layer = lm.layer.pipe(Hedge.after("2 seconds"), Retry.layer({ times: 1, delay: "1 second" }))
      const fiber = yield* Effect.forkChild(
        Effect.flatMap(LM, (lm) => Stream.runCollect(lm.stream(request))).pipe(Effect.provide(layer))
      )
      yield* TestClock.adjust("1 minute")
      const events = yield* Fiber.join(fiber)
      assert.deepStrictEqual(events.map(({ _tag }) => _tag), ["Hedged", "Retrying", "Usage", "TextDelta", "Finish"])
      assert.strictEqual(textOfFirst(LMResponse.fold(events)), "fast")
    }))

  it.effect("a slow consumer slows the one that answers, and a program's defect is one", () =>
    Effect.gen(function*() {
      let sent = 0
      const lm = yield* hedged(ScriptedLM.chunks(Array.from({ length: 100 }, () => "a"), { onSend: () => sent++ }))
      const [, shown] = yield* outcome(Stream.runCollect(Stream.take(lm.hedged.stream(request), 3)))
      assert.isAtMost(sent, 5)
      assert.strictEqual(shown._tag === "Success" && shown.success.length, 3)
      const none = yield* hedged()
      const exit = yield* Effect.exit(none.hedged.generate(request))
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons.some(({ _tag }) => _tag === "Die"))
    }))
})
