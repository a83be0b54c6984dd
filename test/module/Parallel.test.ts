import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Fiber, Result, Stream } from "effect"
import {
  InputError,
  type LM,
  LMReason,
  LMRequest,
  Module,
  Observer,
  Parallel,
  Predict,
  Prediction,
  Streaming,
  TooManyFailures
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { standing } from "./support/standing.ts"

const qa = Predict.make("question -> answer")
const questions = (count: number) => Array.from({ length: count }, (_, n) => ({ question: `n${n}` }))
const numberOf = (request: LMRequest.LMRequest) =>
  Number(LMRequest.textOf(request.messages.at(-1)!).match(/n(\d+)/)![1])
const answer = (n: number, options?: object) =>
  ScriptedLM.chat({ answer: `a${n}` }, { usage: { inputTokens: 1, outputTokens: 1 }, ...options })
const failed = ScriptedLM.fail(new LMReason.Authentication({ description: "no such key" }))
const said = (results: ReadonlyArray<Result.Result<{ readonly answer: string }, unknown>>) =>
  results.map((result) => Result.isSuccess(result) ? result.success.answer : "-").join(" ")

describe("Module.batch", () => {
  it.effect("answers in order, failures beside answers, with the usage of all", () =>
    Effect.gen(function*() {
      const lm = ScriptedLM.layer((request) =>
        numberOf(request) === 2 ? failed : answer(numberOf(request), { delay: 10 * (5 - numberOf(request)) })
      )
      const fiber = yield* Effect.forkChild(Effect.provide(Module.batch(qa, questions(5)), lm))
      yield* TestClock.adjust(1000)
      const outcome = yield* Fiber.join(fiber)
      assert.strictEqual(said(outcome.results), "a0 a1 - a3 a4")
      assert.deepStrictEqual(outcome.successes.map(({ answer }) => answer), ["a0", "a1", "a3", "a4"])
      assert.deepStrictEqual(outcome.failures.map(({ error, index }) => [index, error._tag]), [[2, "LMError"]])
      assert.deepInclude(outcome.usage, { inputTokens: 4, outputTokens: 4 })
    }))

  it.effect("8 run at the same time, or as many as are wanted", () =>
    Effect.gen(function*() {
      const most = (options?: Parallel.Options) =>
        Effect.gen(function*() {
          let now = 0
          let most = 0
          const one = Effect.suspend(() => {
            most = Math.max(most, ++now)
            return Effect.andThen(Effect.sleep(10), Effect.sync(() => now--))
          })
          const fiber = yield* Effect.forkChild(Parallel.all(Array.from({ length: 30 }, () => one), options))
          yield* TestClock.adjust(1000)
          yield* Fiber.join(fiber)
          return most
        })
      assert.strictEqual(yield* most(), 8)
      assert.strictEqual(yield* most({ concurrency: 3 }), 3)
      assert.strictEqual(yield* most({ concurrency: "unbounded" }), 30)
    }))

  it.effect("ends with one failure too many: the others are interrupted", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make((request) => numberOf(request) < 2 ? failed : ScriptedLM.hang([""]))
      const error = yield* Effect.flip(
        Effect.provide(Module.batch(qa, questions(100), { concurrency: 4, maxFailures: 1 }), lm.layer)
      )
      assert.instanceOf(error, TooManyFailures)
      assert.deepStrictEqual(error.failures.map(({ index }) => index), [0, 1])
      assert.match(error.message, /^2 calls have failed, of which 1 may; number 2 of .*no such key/)
      const begun = (yield* lm.requests).length
      assert.isAtMost(begun, 6)
      assert.strictEqual(yield* lm.interrupted, begun - 2)
    }))

  it.effect("a call that takes too long has failed", () =>
    Effect.gen(function*() {
      const lm = ScriptedLM.layer((request) => numberOf(request) === 0 ? ScriptedLM.never : answer(numberOf(request)))
      const fiber = yield* Effect.forkChild(
        Effect.provide(Module.batch(qa, questions(2), { timeout: "5 seconds" }), lm)
      )
      yield* TestClock.adjust("5 seconds")
      const { failures, results } = yield* Fiber.join(fiber)
      assert.strictEqual(said(results), "- a1")
      assert.isTrue(Cause.isTimeoutError(failures[0]!.error))
    }))

  it.effect("its types are those of the program's call, and inputs are the program's", () =>
    Effect.gen(function*() {
      const typed: Effect.Effect<
        Parallel.Outcome<Prediction.Prediction<{ readonly answer: string }>, Predict.PredictError | Cause.TimeoutError>,
        TooManyFailures,
        LM
      > = Module.batch(qa, [{ question: "n1" }])
      yield* Effect.provide(typed, ScriptedLM.layer([answer(1)]))
      // @ts-expect-error the input is missing
      const { failures } = yield* Effect.provide(Module.batch(qa, [{}]), ScriptedLM.layer([]))
      assert.instanceOf(failures[0]!.error, InputError)
      assert.throws(() => Module.batch(qa, "n1" as never), /`inputs` is a string: it is a list/)
      assert.throws(() => Parallel.all(Stream.empty as never), /`calls` is a Stream: it is a list or another iterable/)
    }))
})

describe("stragglers", () => {
  const slowAt = (slow: number, first: ScriptedLM.Reply, second: ScriptedLM.Reply) => {
    let asked = 0
    return ScriptedLM.make((request) =>
      numberOf(request) !== slow ? answer(numberOf(request)) : asked++ === 0 ? first : second
    )
  }
  const options = { concurrency: 4, stragglers: { after: "10 seconds", last: 1 } } as const

  it.effect("are begun a second time when few are left: the first answer wins, and both are counted", () =>
    Effect.gen(function*() {
      const lm = yield* slowAt(2, answer(100, { delay: "1 minute" }), answer(2, { delay: "1 second" }))
      const fiber = yield* Effect.forkChild(Effect.provide(Module.batch(qa, questions(6), options), lm.layer))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* lm.requests).length, 7)
      yield* TestClock.adjust("1 second")
      const { results } = yield* Fiber.join(fiber)
      assert.strictEqual(said(results), "a0 a1 a2 a3 a4 a5")
      assert.strictEqual(yield* lm.interrupted, 1)
    }))

  it.effect("the first try may still win, and one failure is none while the other goes on", () =>
    Effect.gen(function*() {
      const lm = yield* slowAt(0, answer(0, { delay: "30 seconds" }), failed)
      const fiber = yield* Effect.forkChild(Effect.provide(Module.batch(qa, questions(1), options), lm.layer))
      yield* TestClock.adjust("30 seconds")
      const { results, usage } = yield* Fiber.join(fiber)
      assert.strictEqual(said(results), "a0")
      assert.strictEqual(usage.calls, 2)
    }))

  it.effect("a call that fails before is not tried again", () =>
    Effect.gen(function*() {
      const lm = yield* slowAt(0, failed, answer(0))
      const { results } = yield* Effect.provide(Module.batch(qa, questions(1), options), lm.layer)
      assert.strictEqual(said(results), "-")
    }))

  it.effect("not while more than a few are left", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make((request) => answer(numberOf(request), { delay: "1 minute" }))
      const fiber = yield* Effect.forkChild(Effect.provide(Module.batch(qa, questions(4), options), lm.layer))
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual((yield* lm.requests).length, 4)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
    }))

  it.effect("a stream takes back what the one that did not win has shown", () =>
    Effect.gen(function*() {
      const slow = { ...ScriptedLM.hang(["[[ ## answer ## ]]\nslow"]) }
      const lm = yield* slowAt(0, slow, answer(0, { tokens: true }))
      const program = Module.make("Many", { qa }, ({ qa }) => () =>
        Effect.map(Module.batch(qa, questions(2), options), ({ results }) => ({ all: said(results) })))
      const fiber = yield* Effect.forkChild(
        Effect.provide(Stream.runCollect(Streaming.streamify(program)({})), lm.layer)
      )
      yield* TestClock.adjust("10 seconds")
      const events = yield* Fiber.join(fiber)
      assert.deepStrictEqual(Object.values(standing(events)).toSorted(), ["a0", "a1"])
    }))
})

describe("Parallel.stream", () => {
  it.effect("gives each result as soon as it and all before it are there, of a stream without an end", () =>
    Effect.gen(function*() {
      const begun: Array<number> = []
      const calls = Stream.map(Stream.iterate(0, (n) => n + 1), (n) =>
        Effect.suspend(() => {
          begun.push(n)
          return n === 3 ? Effect.fail("three") : Effect.succeed(n)
        }))
      const results = yield* Parallel.stream(calls, { concurrency: 2, ahead: 4 }).pipe(
        Stream.take(6),
        Stream.runCollect
      )
      assert.deepStrictEqual(
        results.map((result) => Result.isSuccess(result) ? result.success : result.failure),
        [0, 1, 2, "three", 4, 5]
      )
      assert.isAtMost(begun.length, 30)
    }))

  it.effect("one that hangs lets others get ahead, and no further than may be", () =>
    Effect.gen(function*() {
      let begun = 0
      const calls = Array.from({ length: 1000 }, (_, n) =>
        Effect.suspend(() => {
          begun++
          return n === 5 ? Effect.delay(Effect.succeed(n), "1 hour") : Effect.succeed(n)
        }))
      const given: Array<number> = []
      const fiber = yield* Parallel.stream(calls, { concurrency: 4, ahead: 100 }).pipe(
        Stream.runForEach((result) => Effect.sync(() => given.push(Result.getOrThrow(result)))),
        Effect.forkChild
      )
      yield* TestClock.adjust("59 minutes")
      assert.deepStrictEqual(given, [0, 1, 2, 3, 4])
      assert.strictEqual(begun, 105)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(given, Array.from({ length: 1000 }, (_, n) => n))
    }))

  it.effect("leaving it interrupts what is under way", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make((request) => numberOf(request) === 0 ? answer(0) : ScriptedLM.hang([""]))
      yield* Module.batchStream(qa, questions(10), { concurrency: 3 }).pipe(
        Stream.take(1),
        Stream.runDrain,
        Effect.provide(lm.layer)
      )
      assert.strictEqual(yield* lm.interrupted, (yield* lm.requests).length - 1)
    }))
})

describe("in a run", () => {
  const many = Module.make(
    "Many",
    { qa },
    ({ qa }) => ({ count }: { readonly count: number }) =>
      Effect.map(Module.batch(qa, questions(count)), ({ results }) => ({ all: said(results) }))
  )

  it.effect("calls are told apart, and progress is among the events", () =>
    Effect.gen(function*() {
      const lm = ScriptedLM.layer((request) => answer(numberOf(request), { tokens: true }))
      const events = yield* Stream.runCollect(Streaming.streamify(many)({ count: 3 })).pipe(Effect.provide(lm))
      assert.deepStrictEqual(standing(events), {
        "self>Parallel.qa answer": "a0",
        "self>Parallel.qa#2 answer": "a1",
        "self>Parallel.qa#3 answer": "a2"
      })
      assert.deepStrictEqual(
        events.filter(Parallel.isProgress).map((
          { value }
        ) => [value.done, value.failed, value.total, value.usage.calls]),
        [[1, 0, 3, 1], [2, 0, 3, 2], [3, 0, 3, 3]]
      )
      const last = events.at(-1)
      assert.isTrue(Prediction.isPrediction(last) && Prediction.usage(last).calls === 3)
    }))

  it.effect("outside of a program each call is the outermost one of the same run", () =>
    Effect.gen(function*() {
      const paths: Array<string> = []
      const runs = new Set<unknown>()
      yield* Module.batch(qa, questions(2)).pipe(
        Observer.observe({
          interest: () => undefined,
          onEvents: (events) =>
            Effect.sync(() => {
              for (const event of events) {
                if (event._tag === "ModuleStart") paths.push(event.call.path)
                runs.add(event.call.run)
              }
            })
        }),
        Effect.provide(ScriptedLM.layer((request) => answer(numberOf(request))))
      )
      assert.deepStrictEqual(paths, ["self", "self"])
      assert.strictEqual(runs.size, 1)
    }))
})
