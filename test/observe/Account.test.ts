/** What programs have used, by predictor and model. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import {
  Account,
  BestOfN,
  Fallback,
  LM,
  LMError,
  LMEvent,
  LMReason,
  Module,
  Predict,
  Prediction,
  Prices,
  Retry,
  Step,
  Streaming,
  StreamListener,
  Usage
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

const qa = Predict.make("question -> answer")
const usage = { inputTokens: 10, outputTokens: 2 }
const paris = ScriptedLM.chat({ answer: "Paris" }, { usage })
const question = { question: "?" }
const used = (changes: Partial<Usage.Usage>): Usage.Usage => ({ ...Usage.empty, ...changes })
const server = new LMReason.Server({ description: "broken" })
const model = "openai/gpt-4o-mini"

describe("an account", () => {
  it.effect("has what each predictor used of each model, and what it cost", () =>
    Effect.gen(function*() {
      const program = Module.make(
        "Both",
        { first: qa, second: Predict.make("question, answer -> score: int") },
        ({ first, second }) => (input: { readonly question: string }) =>
          Effect.flatMap(first(input), ({ answer }) => second({ ...input, answer }))
      )
      const script = [paris, paris, ScriptedLM.chat({ score: 3 }, { usage: { ...usage, cachedInputTokens: 4 } })]
      const [prediction, spent] = yield* Account.of(Effect.andThen(qa(question), program(question))).pipe(
        Effect.provide(ScriptedLM.layer(script, { model }))
      )
      assert.strictEqual(prediction.score, 3)
      const rest = { model, isEstimated: false, retries: 0, failures: 0, givenAgain: 0 }
      const one = (10 * 0.15 + 2 * 0.6) / 1e6
      assert.deepStrictEqual(spent.entries, [
        { path: "self", ...rest, usage: used({ ...usage, calls: 1 }), usd: one },
        { path: "first", ...rest, usage: used({ ...usage, calls: 1 }), usd: one },
        {
          path: "second",
          ...rest,
          usage: used({ ...usage, cachedInputTokens: 4, calls: 1 }),
          usd: (6 * 0.15 + 4 * 0.075 + 2 * 0.6) / 1e6
        }
      ])
      assert.deepStrictEqual(
        spent.total.usage,
        used({ inputTokens: 30, outputTokens: 6, cachedInputTokens: 4, calls: 3 })
      )
      assert.approximately(spent.total.usd!, 2 * one + (6 * 0.15 + 4 * 0.075 + 2 * 0.6) / 1e6, 1e-12)
    }))

  it.effect("does not know the cost of a model without a price", () =>
    Effect.gen(function*() {
      const unknown = yield* Account.of(qa(question)).pipe(Effect.provide(ScriptedLM.layer([paris])))
      assert.isUndefined(unknown[1].total.usd)
      const known = yield* Account.of(qa(question), { prices: { test: { input: 1, output: 10 } } }).pipe(
        Effect.provide(ScriptedLM.layer([paris]))
      )
      assert.approximately(known[1].total.usd!, 30e-6, 1e-12)
    }))

  it.effect("is the same as the usage of the prediction, whatever was discarded", () =>
    Effect.gen(function*() {
      const best = BestOfN.make(qa, { n: 3, reward: () => 0, concurrency: 3 })
      const [prediction, spent] = yield* Account.of(best(question)).pipe(Effect.provide(ScriptedLM.layer(() => paris)))
      assert.deepStrictEqual(spent.total.usage, Prediction.usage(prediction))
      assert.strictEqual(spent.total.usage.calls, 3)
    }))

  it.effect("counts a stream, and streams no call that would not", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([paris])
      let streamed = 0
      const watched = Layer.succeed(LM, {
        ...lm.service,
        stream: (request) => {
          streamed++
          return lm.service.stream(request)
        }
      })
      const account = yield* Account.make()
      yield* Effect.provide(account.count(qa(question)), watched)
      assert.strictEqual(streamed, 0)
      const answers = Streaming.streamify(qa, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
      })
      yield* answers(question).pipe(account.count, Stream.runDrain, Effect.provide(ScriptedLM.layer([paris])))
      assert.deepStrictEqual((yield* account.report).total.usage, used({ inputTokens: 20, outputTokens: 4, calls: 2 }))
    }))

  it.effect("inside of another one, both count; inside of itself it counts once", () =>
    Effect.gen(function*() {
      const account = yield* Account.make()
      const [, inner] = yield* Account.of(qa(question).pipe(account.count)).pipe(
        account.count,
        Effect.provide(ScriptedLM.layer([paris]))
      )
      assert.deepStrictEqual(inner, yield* account.report)
      assert.strictEqual(inner.total.usage.calls, 1)
    }))

  it.effect("a retry is part of its call, and what failed attempts used is counted", () =>
    Effect.gen(function*() {
      const paid = new LMError({ model, reason: server, usage: used({ inputTokens: 7, calls: 1 }) })
      const lm = ScriptedLM.layer([ScriptedLM.fail(server), ScriptedLM.fail(paid), paris]).pipe(
        Retry.layer({ delay: 0 })
      )
      const [, { total }] = yield* Account.of(qa(question)).pipe(Effect.provide(lm))
      assert.deepInclude(total, { retries: 2, failures: 0, isEstimated: false })
      assert.deepStrictEqual(total.usage, used({ inputTokens: 17, outputTokens: 2, calls: 1 }))
    }))

  it.effect("tells apart the model that failed and the one in reserve, whose retries go with it", () =>
    Effect.gen(function*() {
      const paid = new LMError({ model, reason: server, usage: used({ inputTokens: 7, calls: 1 }) })
      for (const streams of [false, true]) {
        const first = ScriptedLM.layer([ScriptedLM.fail(paid)], { model: "a/first" })
        const reserve = ScriptedLM.layer([ScriptedLM.fail(paid), paris], { model: "b/second" }).pipe(
          Retry.layer({ delay: 0 })
        )
        const account = yield* Account.make()
        const run = streams
          ? Stream.runDrain(Streaming.streamify(qa)(question))
          : Effect.asVoid(qa(question))
        yield* run.pipe(account.count, Effect.provide(first.pipe(Fallback.to(reserve))))
        const { entries } = yield* account.report
        assert.deepStrictEqual(
          entries.map(({ model, retries, usage }) => ({ model, retries, usage })),
          [
            { model: "a/first", retries: 1, usage: used({ inputTokens: 7 }) },
            { model: "b/second", retries: 1, usage: used({ inputTokens: 17, outputTokens: 2, calls: 1 }) }
          ]
        )
      }
    }))

  it.effect("what is given again costs nothing, and is marked", () =>
    Effect.gen(function*() {
      const again = ScriptedLM.events([[LMEvent.GivenAgain.make({}), ...paris.reads.flatMap(({ events }) => events)]])
      const [, { total }] = yield* Account.of(qa(question)).pipe(Effect.provide(ScriptedLM.layer([again])))
      assert.deepInclude(total, { usage: Usage.empty, givenAgain: 1, usd: 0, isEstimated: false })
      const stored = { completions: [], givenAgain: true }
      const fromStore: Step.Perform = () => Effect.succeed(stored) as never
      const account = yield* Account.make()
      yield* Effect.exit(qa(question)).pipe(
        Step.through(fromStore),
        account.count,
        Effect.provide(ScriptedLM.layer([]))
      )
      assert.deepInclude((yield* account.report).total, { usage: Usage.empty, givenAgain: 1, isEstimated: false })
    }))

  it.effect("a refusal costs nothing; what had begun to answer is estimated", () =>
    Effect.gen(function*() {
      const spent = Effect.fnUntraced(function*(reply: ScriptedLM.Reply) {
        const account = yield* Account.make()
        yield* Stream.runDrain(Streaming.streamify(qa)(question)).pipe(
          Effect.exit,
          account.count,
          Effect.provide(ScriptedLM.layer([reply]))
        )
        return (yield* account.report).total
      })
      assert.deepInclude(yield* spent(ScriptedLM.fail(server)), {
        usage: used({ calls: 1 }),
        failures: 1,
        isEstimated: false
      })
      const broken = yield* spent(ScriptedLM.fail(server, ["x".repeat(40)]))
      assert.deepInclude(broken, { failures: 1, isEstimated: true })
      assert.strictEqual(broken.usage.outputTokens, 10)
      assert.isAbove(broken.usage.inputTokens, 20)
      const silent = yield* spent(ScriptedLM.text("x".repeat(40)))
      assert.deepInclude(silent, { isEstimated: true })
      assert.strictEqual(silent.usage.outputTokens, 10)
    }))

  it.effect("an open request is estimated as far as it has come, until the provider's number comes", () =>
    Effect.gen(function*() {
      const slow = ScriptedLM.chunks(["[[ ## answer ## ]]\n", "x".repeat(41), "x"], { delay: "1 second", usage })
      const account = yield* Account.make()
      const fiber = yield* Stream.runDrain(Streaming.streamify(qa)(question)).pipe(
        account.count,
        Effect.provide(ScriptedLM.layer([slow])),
        Effect.forkChild
      )
      const outputs: Array<number> = []
      for (let second = 0; second < 2; second++) {
        yield* TestClock.adjust("1 second")
        const { total } = yield* account.report
        assert.isTrue(total.isEstimated)
        outputs.push(total.usage.outputTokens)
      }
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      // 19 characters, and 60.
      assert.deepStrictEqual(outputs, [5, 15])
      assert.deepInclude((yield* account.report).total, { usage: used({ ...usage, calls: 1 }), isEstimated: false })
    }))

  it.effect("a request that was given up before it was sent costs nothing", () =>
    Effect.gen(function*() {
      const account = yield* Account.make()
      const waiting: Step.Perform = (_, self) => Effect.delay(self, "1 hour")
      const fiber = yield* qa(question).pipe(
        Step.through(waiting),
        account.count,
        Effect.provide(ScriptedLM.layer([])),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepInclude((yield* account.report).total, { usage: Usage.empty, isEstimated: false, failures: 0 })
    }))

  it.effect("an interrupted request stays estimated", () =>
    Effect.gen(function*() {
      const account = yield* Account.make()
      const fiber = yield* Stream.runDrain(Streaming.streamify(qa)(question)).pipe(
        account.count,
        Effect.provide(ScriptedLM.layer([ScriptedLM.hang(["x".repeat(41)])])),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      const { total } = yield* account.report
      assert.deepInclude(total, { isEstimated: true, failures: 0 })
      assert.deepInclude(total.usage, { outputTokens: 11, calls: 1 })
      assert.isAbove(total.usage.inputTokens, 20)
    }))
})

describe("prices", () => {
  it("of a name without its date, and without its provider", () => {
    const million = used({ inputTokens: 1_000_000 })
    assert.strictEqual(Prices.usd(million, "openai/gpt-4o-mini-2024-07-18"), 0.15)
    assert.strictEqual(Prices.usd(million, "openrouter/openai/gpt-4o-mini"), 0.15)
    assert.strictEqual(Prices.usd(million, "x/m-20250514", { m: { input: 3, output: 1 } }), 3)
    assert.isUndefined(Prices.usd(million, "openai/gpt-4o-min"))
    assert.isUndefined(Prices.usd(million, "openai/constructor"))
  })

  it("of what was read from a prompt cache, and written to one", () => {
    const usage = used({ inputTokens: 100, cachedInputTokens: 40, cacheWriteTokens: 50, outputTokens: 10 })
    const price = { input: 1e6, output: 3e6 }
    assert.strictEqual(Prices.usd(usage, "m", { m: price }), 130)
    assert.strictEqual(Prices.usd(usage, "m", { m: { ...price, cachedInput: 0, cacheWrite: 2e6 } }), 140)
  })
})
