/** Equal requests at the same time are one, and whoever leaves disturbs nobody. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Stream } from "effect"
import { Cache, LMError, type LMEvent, LMResponse, Predict, Prediction, Streaming, Usage } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { asked, cut, request, ways } from "./support/policies.ts"

const slow = (pieces: ReadonlyArray<string>, options: ScriptedLM.ReplyOptions = {}) =>
  ScriptedLM.chunks(pieces, { delay: "1 second", usage: { inputTokens: 10 }, ...options })

const cached = Effect.fnUntraced(function*(script: ScriptedLM.Script) {
  const lm = yield* ScriptedLM.make(script)
  const { apply } = yield* Cache.make()
  return { lm, service: apply(lm.service) }
})

/** What a caller has heard so far, while it goes on. */
const hearing = <E>(stream: Stream.Stream<LMEvent.LMEvent, E>) => {
  const heard: Array<LMEvent.LMEvent> = []
  return Effect.map(
    Effect.forkChild(Stream.runForEach(stream, (event) => Effect.sync(() => heard.push(event)))),
    (fiber) => ({
      fiber,
      text: () => heard.map((event) => event._tag === "TextDelta" ? event.text : "").join(""),
      heard
    })
  )
}

describe("100 equal calls", () => {
  it.effect("are one request, and each of them streams while it comes, from its beginning", () =>
    Effect.gen(function*() {
      const { lm, service } = yield* cached([slow(["a", "b", "c", "d"])])
      const early = yield* Effect.forEach(Array.from({ length: 50 }), () => hearing(service.stream(request)))
      yield* TestClock.adjust("2 seconds")
      const late = yield* Effect.forEach(Array.from({ length: 50 }), () => hearing(service.stream(request)))
      yield* TestClock.adjust(0)
      const all = [...early, ...late]
      for (const { text } of all) assert.strictEqual(text(), "ab")
      yield* TestClock.adjust("1 second")
      for (const { text } of all) assert.strictEqual(text(), "abc")
      yield* TestClock.adjust("1 second")
      const responses = yield* Effect.forEach(
        all,
        ({ fiber, heard }) => Effect.as(Fiber.join(fiber), LMResponse.fold(heard))
      )
      assert.strictEqual(yield* asked(lm), 1)
      assert.strictEqual(new Set(responses.map(({ completions }) => LMResponse.textOf(completions[0]!))).size, 1)
      // It was paid once.
      const payers = responses.filter(({ givenAgain }) => givenAgain !== true)
      assert.deepStrictEqual(payers.map(({ usage }) => usage?.inputTokens), [10])
      const others = responses.filter(({ givenAgain }) => givenAgain === true)
      assert.deepStrictEqual(others.map(({ usage }) => usage), Array.from({ length: 99 }, () => Usage.empty))
    }))

  it.effect("of a program count what was paid once, streamed and not", () =>
    Effect.gen(function*() {
      const qa = Predict.make("question -> answer")
      for (const isStreamed of [true, false]) {
        const lm = yield* ScriptedLM.make([
          ScriptedLM.chat({ answer: "Paris" }, { delay: 10, tokens: true, usage: { inputTokens: 7 } })
        ])
        const once = isStreamed
          ? Effect.map(
            Stream.runLast(Streaming.streamify(qa)({ question: "?" })),
            (last) =>
              last.pipe((found) => (found as { readonly value: unknown }).value) as Prediction.Prediction<object>
          )
          : qa({ question: "?" })
        const calls = Effect.all(Array.from({ length: 100 }, () => once), { concurrency: "unbounded" })
        const fiber = yield* Effect.forkChild(Effect.provide(calls, lm.layer.pipe(Cache.layer())))
        yield* TestClock.adjust("1 minute")
        const usages = (yield* Fiber.join(fiber)).map((prediction) => Prediction.usage(prediction))
        const sum = usages.reduce(Usage.add)
        assert.deepInclude(sum, { calls: 1, inputTokens: 7 })
        yield* lm.assertComplete
      }
    }))

  it.effect("fail together, and the failure is paid once", () =>
    Effect.gen(function*() {
      const failure = new LMError({ model: "m", reason: cut, usage: { ...Usage.empty, inputTokens: 3, calls: 1 } })
      for (const way of ["stream", "generate"] as const) {
        const { lm, service } = yield* cached([ScriptedLM.fail(failure, ["half"], { delay: 10 })])
        const fibers = yield* Effect.forEach(
          Array.from({ length: 100 }),
          () => Effect.forkChild(Effect.flip(ways[way](service)))
        )
        yield* TestClock.adjust("1 second")
        const errors = yield* Fiber.joinAll(fibers)
        assert.isTrue(errors.every(({ reason }) => reason === cut))
        assert.deepStrictEqual(errors.flatMap(({ usage }) => usage === undefined ? [] : [usage.inputTokens]), [3])
        assert.strictEqual(errors.filter(({ givenAgain }) => givenAgain === true).length, 99)
        assert.strictEqual(yield* asked(lm), 1)
      }
    }))

  it.effect("may be whole and streamed ones", () =>
    Effect.gen(function*() {
      for (const first of ["stream", "generate"] as const) {
        const { lm, service } = yield* cached([slow(["a", "b"])])
        const one = yield* Effect.forkChild(ways[first](service))
        yield* TestClock.adjust("1 second")
        const others = yield* Effect.forkChild(
          Effect.all([ways.stream(service), ways.generate(service)], { concurrency: 2 })
        )
        yield* TestClock.adjust("1 minute")
        const texts = [yield* Fiber.join(one), ...yield* Fiber.join(others)].map(({ completions }) =>
          LMResponse.textOf(completions[0]!)
        )
        assert.deepStrictEqual(texts, ["ab", "ab", "ab"])
        assert.strictEqual(yield* asked(lm), 1)
      }
    }))
})

describe("a caller that leaves", () => {
  it.effect("disturbs nobody, be it the first; the last one ends the request", () =>
    Effect.gen(function*() {
      const { lm, service } = yield* cached([slow(["a", "b", "c"]), slow(["x"])])
      const [first, second, third] = [
        yield* hearing(service.stream(request)),
        yield* hearing(service.stream(request)),
        yield* Effect.map(Effect.forkChild(service.generate(request)), (fiber) => ({ fiber }))
      ]
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(first.fiber)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([first.text(), second.text()], ["a", "ab"])
      yield* Fiber.interrupt(third.fiber)
      assert.strictEqual(yield* lm.interrupted, 0)
      yield* Fiber.interrupt(second.fiber)
      assert.strictEqual(yield* lm.interrupted, 1)
      // And what comes after asks anew.
      const fourth = yield* hearing(service.stream(request))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fourth.fiber)
      assert.strictEqual(fourth.text(), "x")
      yield* lm.assertComplete
    }))

  it.effect("leaves what was paid to those who stay", () =>
    Effect.gen(function*() {
      const { service } = yield* cached([slow(["a", "b"])])
      const first = yield* hearing(service.stream(request))
      const second = yield* Effect.forkChild(service.generate(request))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(first.fiber)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(second)).usage?.inputTokens, 10)
    }))

  it.effect("before the store has answered asks nobody", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([])
      const never = { name: "never", get: () => Effect.never, set: () => Effect.void, remove: () => Effect.void }
      const service = (yield* Cache.make({ store: Effect.succeed(never) })).apply(lm.service)
      const fiber = yield* Effect.forkChild(service.generate(request))
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* asked(lm), 0)
    }))
})

describe("a slow caller", () => {
  it.effect("that is alone slows the model down; beside a fast one it has the same answer", () =>
    Effect.gen(function*() {
      let sent = 0
      const pieces = Array.from({ length: 50 }, (_, i) => `${i} `)
      const script = () => ScriptedLM.chunks(pieces, { onSend: () => sent++ })
      const { service } = yield* cached(script)
      const slowly = service.stream(request).pipe(Stream.tap(() => Effect.sleep("1 second")))
      const alone = yield* hearing(slowly)
      yield* TestClock.adjust("5 seconds")
      assert.isAtMost(sent, 8)
      const whole = yield* LMResponse.collect(service.stream(request))
      assert.strictEqual(sent, 50)
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(alone.fiber)
      assert.strictEqual(alone.text(), LMResponse.textOf(whole.completions[0]!))
    }))
})

it.effect("a defect of the model is the defect of all who wait, and of nobody later", () =>
  Effect.gen(function*() {
    let calls = 0
    const lm = yield* ScriptedLM.make(() => "fine")
    const broken = { ...lm.service, generate: () => calls++ === 0 ? Effect.die("no") : lm.service.generate(request) }
    const service = (yield* Cache.make()).apply(broken)
    const exits = yield* Effect.all([1, 2].map(() => Effect.exit(service.generate(request))), { concurrency: 2 })
    assert.isTrue(exits.some(Exit.hasDies))
    assert.strictEqual(LMResponse.textOf((yield* service.generate(request)).completions[0]!), "fine")
  }))
