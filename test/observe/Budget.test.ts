/** Bounds around any effect: the next request is refused. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Result, Schema, Stream } from "effect"
import {
  Account,
  BestOfN,
  Budget,
  LMError,
  LMEvent,
  LMReason,
  Module,
  Parallel,
  Predict,
  Step,
  Streaming,
  StreamListener,
  Usage
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

const qa = Predict.make("question -> answer")
const question = { question: "?" }
const usage = { inputTokens: 100, outputTokens: 20 }
const paris = ScriptedLM.chat({ answer: "Paris" }, { usage })
const slow = ScriptedLM.chat({ answer: "Paris" }, { usage, delay: "1 second" })
const prices = { "scripted/test": { input: 1000, output: 5000 } }

/** Calls until one is refused; how many were answered, and the refusal. */
const untilRefused = (limits: Budget.Limits, reply = paris) =>
  Effect.gen(function*() {
    const lm = yield* ScriptedLM.make(() => reply)
    let answered = 0
    const error = yield* Effect.forever(Effect.map(qa(question), () => void answered++)).pipe(
      Budget.within(limits),
      Effect.flip,
      Effect.provide(lm.layer)
    )
    if (!(error instanceof LMError) || error.reason._tag !== "OverBudget") return assert.fail(String(error))
    assert.strictEqual((yield* lm.requests).length, answered)
    return { answered, error, reason: error.reason }
  })

describe("a budget", () => {
  it.effect("of calls", () =>
    Effect.gen(function*() {
      const { answered, error, reason } = yield* untilRefused({ calls: 3 })
      assert.strictEqual(answered, 3)
      assert.deepInclude(reason, { bound: "calls", limit: 3, used: 3, mayAnswer: false })
      assert.strictEqual(
        error.message,
        "Predict (scripted/test): the budget of 3 calls has no room for the request, which was not sent: 3 are used; allow more " +
          "(`calls`), or ask for less"
      )
      assert.isFalse(error.isRetryable)
      assert.deepStrictEqual(error.usage, Usage.empty)
    }))

  it.effect("of tokens: no request is sent that could not even be read", () =>
    Effect.gen(function*() {
      const { answered, reason } = yield* untilRefused({ tokens: 500 })
      // 4 answers are 480 tokens, and the prompt has more than 20.
      assert.strictEqual(answered, 4)
      assert.deepInclude(reason, { bound: "tokens", limit: 500, used: 480 })
      const none = yield* untilRefused({ tokens: 10 })
      assert.strictEqual(none.answered, 0)
      assert.match(none.reason.description, /the prompt has about \d+/)
    }))

  it.effect("of money", () =>
    Effect.gen(function*() {
      const { answered, reason } = yield* untilRefused({ usd: 0.61, prices })
      // 3 answers are 0.6 dollars, and the prompt has more than 10 tokens.
      assert.strictEqual(answered, 3)
      assert.deepInclude(reason, { bound: "usd", limit: 0.61 })
      assert.approximately(reason.used, 0.6, 1e-9)
    }))

  it.effect("of money holds for no model whose price is not known", () =>
    Effect.gen(function*() {
      const { answered, reason } = yield* untilRefused({ usd: 100 })
      assert.strictEqual(answered, 0)
      assert.include(reason.description, "no price of the model scripted/test is known")
    }))

  it.effect("of time", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(untilRefused({ time: "90 seconds" }, slow))
      yield* TestClock.adjust("1 hour")
      const { answered, reason } = yield* Fiber.join(fiber)
      assert.strictEqual(answered, 90)
      assert.deepInclude(reason, { bound: "time", limit: 90_000, used: 90_000 })
    }))

  it.effect("begins anew with each run, and is one for all where it is made", () =>
    Effect.gen(function*() {
      const once = Effect.exit(qa(question).pipe(Budget.within({ calls: 1 })))
      const budget = yield* Budget.make({ calls: 1, tokens: 1000, usd: 1, prices })
      const shared = Effect.exit(qa(question).pipe(budget.within))
      const exits = yield* Effect.all([once, once, shared, shared]).pipe(
        Effect.provide(ScriptedLM.layer(() => paris))
      )
      assert.deepStrictEqual(exits.map(Exit.isSuccess), [true, true, true, false])
      const used = yield* budget.used
      assert.deepStrictEqual(used, { calls: 1, tokens: 120, usd: 0.2, time: Duration.millis(0) })
    }))

  it.effect("inside of another one: both hold", () =>
    Effect.gen(function*() {
      const two = Effect.result(Effect.all([qa(question), qa(question)]))
      const errorOf = (result: Result.Result<unknown, Predict.PredictError>) =>
        Result.isFailure(result) && result.failure._tag === "LMError" && result.failure.reason._tag === "OverBudget"
          ? result.failure.reason.limit
          : undefined
      const budget = yield* Budget.make({ calls: 3 })
      const run = budget.within(Effect.all([
        two.pipe(Budget.within({ calls: 1 })),
        two.pipe(Budget.within({ calls: 10 })),
        two.pipe(Budget.within({ calls: 10 }))
      ]))
      const results = yield* Effect.provide(run, ScriptedLM.layer(() => paris))
      assert.deepStrictEqual(results.map(errorOf), [1, undefined, 3])
      // What the inner one has refused is none of the outer one's.
      assert.strictEqual((yield* budget.used).calls, 3)
    }))

  it.effect("calls at the same time do not go beyond it", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(() => slow)
      const fiber = yield* Parallel.all(Array.from({ length: 50 }, () => qa(question)), { concurrency: 20 }).pipe(
        Budget.within({ calls: 7 }),
        Effect.provide(lm.layer),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 minute")
      const { failures, successes } = yield* Fiber.join(fiber)
      assert.deepStrictEqual([successes.length, failures.length], [7, 43])
      assert.strictEqual((yield* lm.requests).length, 7)
    }))

  it.effect("what is under way counts as far as it has come", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ tokens: 1000 })
      const talking = ScriptedLM.chunks(Array.from({ length: 50 }, () => "x".repeat(400)), { delay: "1 second", usage })
      const fiber = yield* Stream.runDrain(Streaming.streamify(qa)(question)).pipe(
        budget.within,
        Effect.exit,
        Effect.provide(ScriptedLM.layer([talking])),
        Effect.forkChild
      )
      yield* TestClock.adjust("5 seconds")
      assert.approximately((yield* budget.used).tokens, 550, 50)
      assert.strictEqual((yield* budget.used).calls, 1)
      yield* TestClock.adjust("5 seconds")
      const refused = yield* qa(question).pipe(budget.within, Effect.flip, Effect.provide(ScriptedLM.layer([paris])))
      assert.strictEqual(refused._tag === "LMError" && refused.reason._tag, "OverBudget")
      yield* Fiber.interrupt(fiber)
      // What was interrupted stays, as far as it had come.
      assert.isAbove((yield* budget.used).tokens, 1000)
    }))

  it.effect("is around a stream, too: what was shown stays, and the error comes behind it", () =>
    Effect.gen(function*() {
      const twice = Module.make(
        "Twice",
        { one: qa, two: qa },
        ({ one, two }) => (input: { readonly question: string }) => Effect.andThen(one(input), two(input))
      )
      const streamed = Streaming.streamify(twice, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "one" })]
      })
      const shown: Array<string> = []
      const error = yield* streamed(question).pipe(
        Budget.within({ calls: 1 }),
        Stream.runForEach((event) =>
          Effect.sync(() => {
            if (event._tag === "StreamResponse") shown.push(event.chunk)
          })
        ),
        Effect.flip,
        Effect.provide(ScriptedLM.layer(() => paris))
      )
      assert.strictEqual(shown.join(""), "Paris")
      assert.deepInclude(error, { _tag: "LMError", predictor: "two" })
    }))

  it.effect("attempts share it", () =>
    Effect.gen(function*() {
      const best = BestOfN.make(qa, { n: 5, reward: () => 0, concurrency: 1, maxFailures: 5 })
      const [{ answer }, spent] = yield* Account.of(best(question).pipe(Budget.within({ calls: 2 }))).pipe(
        Effect.provide(ScriptedLM.layer(() => paris))
      )
      assert.deepStrictEqual([answer, spent.total.usage.calls, spent.total.failures], ["Paris", 2, 0])
    }))

  it.effect("an answer that is given again is no call, by a model's cache or by a performer", () =>
    Effect.gen(function*() {
      const again = ScriptedLM.events([[LMEvent.GivenAgain.make({}), ...paris.reads.flatMap(({ events }) => events)]])
      const budget = yield* Budget.make({ calls: 1 })
      yield* Effect.all([qa(question), qa(question)]).pipe(
        budget.within,
        Effect.provide(ScriptedLM.layer(() => again))
      )
      const stored: Step.Perform = () => Effect.fail(new LMError({ model: "m", reason, givenAgain: true })) as never
      const reason = new LMReason.Server({ description: "broken" })
      yield* Effect.exit(qa(question)).pipe(
        Step.through(stored),
        budget.within,
        Effect.provide(ScriptedLM.layer([]))
      )
      assert.deepInclude(yield* budget.used, { calls: 0, tokens: 0 })
    }))

  it.effect("its error survives a wire", () =>
    Effect.gen(function*() {
      const { error } = yield* untilRefused({ calls: 1 })
      const codec = Schema.toCodecJson(LMError)
      const json = JSON.stringify(Schema.encodeSync(codec)(error))
      assert.deepStrictEqual(Schema.decodeSync(codec)(JSON.parse(json)), error)
    }))

  it("has bounds", () => {
    assert.throws(() => Budget.within({}), "there is no bound")
    assert.throws(() => Budget.within({ calls: 0 }), "`calls`")
    assert.throws(() => Budget.within({ usd: -1 }), "`usd`")
    assert.throws(() => Budget.within({ call: 1 } as never), "did you mean 'calls'?")
    assert.throws(() => Budget.within({ usd: 1, prices: { m: { inputs: 1 } as never } }), "did you mean 'input'?")
    assert.throws(() => Budget.within({ calls: 1 })(qa as never), "call the program")
  })
})
