/**
 * Law 14: any two policies, in either order, keep laws 1 to 8, whatever the first request meets.
 */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Fiber, Layer, Schema, Stream } from "effect"
import { Cassette, type CassetteError, LM, LMError, Predict, Prediction, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { rmSync } from "node:fs"
import * as Pages from "../docs/snippets.ts"
import {
  answer,
  cassette,
  expected,
  type Fault,
  faults,
  folder,
  names,
  type Pair,
  policies
} from "./support/composed.ts"

afterAll(() => rmSync(folder, { recursive: true }))

const qa = Predict.make("question -> answer")
const streaming = Streaming.streamify(qa)
const pairs: ReadonlyArray<Pair> = names.flatMap((outer) => names.map((inner): Pair => [outer, inner]))
const faultNames = Object.keys(faults) as ReadonlyArray<Fault> // its own keys

/** A model whose first request of each question meets the fault, below the two policies. */
const under = Effect.fnUntraced(function*([outer, inner]: Pair, fault: Fault) {
  const met = new Set<string>()
  const lm = yield* ScriptedLM.make(({ messages }) => {
    const asked = JSON.stringify(messages)
    if (met.has(asked)) return answer()
    met.add(asked)
    return faults[fault]
  })
  const below: Layer.Layer<LM, CassetteError> = outer === inner ? lm.layer : policies[inner](lm.layer)
  // It is there before the clock moves.
  return { lm, model: yield* Layer.build(policies[outer](below)) }
})

/** What a stream shows, as it comes, and what it ends with. */
const watching = (question: string) => {
  const shown: Array<{ readonly _tag?: string; readonly chunk?: string; readonly isLastChunk?: boolean }> = []
  let answered: Prediction.Prediction<{ readonly answer: string }> | undefined
  const run = Stream.runForEach(streaming({ question }), (event) =>
    Effect.sync(() => {
      if (Prediction.isPrediction(event)) answered = event as typeof answered
      else shown.push(event)
    }))
  return { shown, run, answered: () => answered }
}

/** Laws 1, 2 and 7: each attempt's field has one end, and what does not count is taken back. Gives the text that counts. */
const counted = (shown: ReturnType<typeof watching>["shown"], what: string): string => {
  let text = ""
  let ends = 0
  let begun = false
  const close = () => assert.strictEqual(ends, begun ? 1 : 0, `${what}: one end for each attempt`)
  for (const { _tag, chunk = "", isLastChunk = false } of shown) {
    if (_tag === "Retracted") {
      close()
      text = ""
      ends = 0
      begun = false
    } else if (_tag === "StreamResponse") {
      assert.strictEqual(ends, 0, `${what}: nothing after the end`)
      begun = true
      text += chunk
      if (isLastChunk) ends++
    }
  }
  close()
  return text
}

/** What a cache has kept is given again, and costs nothing; what a cassette has, was said and can be said again. */
const onceMore = Effect.fnUntraced(function*(
  [outer, inner]: Pair,
  { lm, model }: Effect.Success<ReturnType<typeof under>>,
  what: string
) {
  const asked = (yield* lm.requests).length
  // Below a fallback the cache has nothing where the reserve has answered.
  if (outer === "cache" || (inner === "cache" && outer !== "fallback")) {
    const again = yield* Effect.provide(qa({ question: "?" }), model)
    assert.deepStrictEqual([again.answer, Prediction.usage(again).calls], ["Paris", 0], what)
    assert.isTrue(Prediction.details(again).givenAgain, what)
    assert.strictEqual((yield* lm.requests).length, asked, what)
  }
  if (outer === "cassette") {
    const replayed = Cassette.replay(cassette, { delays: false, allowUnused: true })
    const { answer } = yield* Effect.provide(qa({ question: "?" }), replayed)
    assert.strictEqual(answer, "Paris", what)
  }
})

const errorOf = (exit: { readonly cause: Cause.Cause<unknown> }): unknown => Cause.squash(exit.cause)

describe("law 14: two policies over each other", () => {
  for (const fault of faultNames) {
    it.effect(`keep laws 1 to 8: the first request is ${fault}`, () =>
      Effect.gen(function*() {
        for (const pair of pairs) {
          const what = `${pair.join(" over ")}, ${fault}`
          const outcome = expected(pair, fault)

          // Streamed, two at a time (law 6).
          const streamed = yield* under(pair, fault)
          const both = [watching("?"), watching("!")]
          const running = yield* Effect.forkChild(
            Effect.forEach(both, ({ run }) => Effect.exit(run), { concurrency: 2 }).pipe(Effect.provide(streamed.model))
          )
          yield* TestClock.adjust("20 minutes")
          const exits = running.pollUnsafe()
          assert.strictEqual(exits === undefined, outcome === "Hangs", what)
          // Law 3: who leaves leaves nothing behind.
          yield* Fiber.interrupt(running)
          const asked = (yield* streamed.lm.requests).length
          yield* TestClock.adjust("20 minutes")
          assert.strictEqual((yield* streamed.lm.requests).length, asked, what)
          for (const [at, { answered, shown }] of both.entries()) {
            const text = exits === undefined ? "" : counted(shown, what)
            const exit = exits?._tag === "Success" ? exits.value[at] : undefined
            if (outcome === "Success") {
              assert.deepStrictEqual([exit?._tag, answered()?.answer, text], ["Success", "Paris", "Paris"], what)
            } else if (exit?._tag === "Failure") {
              // Laws 4 and 5: one typed error, and what was shown stays.
              const error = errorOf(exit)
              assert.instanceOf(error, LMError, what)
              assert.isUndefined(answered(), what)
              if (text !== "") assert.isTrue("London, at".startsWith(text), what)
            } else assert.strictEqual(outcome, "Hangs", what)
          }

          // Whole, and what it has cost: what nobody knows of the request that failed is nothing, or an estimate.
          const whole = yield* under(pair, fault)
          const asking = yield* Effect.forkChild(Effect.exit(qa({ question: "?" })).pipe(Effect.provide(whole.model)))
          yield* TestClock.adjust("20 minutes")
          const exit = asking.pollUnsafe()
          yield* Fiber.interrupt(asking)
          const end = exit?._tag === "Success" ? exit.value : undefined
          assert.strictEqual(end?._tag ?? "Hangs", outcome, what)
          if (end?._tag === "Success") {
            assert.strictEqual(end.value.answer, "Paris", what)
            const { calls, inputTokens } = Prediction.usage(end.value)
            assert.strictEqual(calls, 1, what)
            // A request that is given up is counted by its characters.
            if (pair.includes("hedge") && fault === "silent") assert.isAbove(inputTokens, 7 + 20, what)
            else assert.strictEqual(inputTokens, fault === "reset" || fault === "cut" ? 14 : 7, what)
            yield* onceMore(pair, whole, what)
          }
        }
      }), 120_000)
  }

  it.effect.prop(
    "who leaves at any time leaves nothing behind",
    {
      pair: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: pairs.length - 1 })),
      fault: Schema.Literals(faultNames),
      after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9000 })),
      take: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))
    },
    Effect.fnUntraced(function*({ after, fault, pair, take }) {
      let underWay = 0
      const lm = yield* ScriptedLM.make((_, call) => call === 0 ? faults[fault] : answer({ delay: "700 millis" }))
      const counting = {
        ...lm.service,
        stream: (request: Parameters<typeof lm.service.stream>[0]) =>
          Stream.unwrap(Effect.as(
            Effect.acquireRelease(Effect.sync(() => underWay++), () => Effect.sync(() => underWay--)),
            lm.service.stream(request)
          ))
      }
      const [outer, inner] = pairs[pair]!
      const base = policies[inner](Layer.succeed(LM, counting))
      const model = yield* Layer.build(outer === inner ? base : policies[outer](base))
      const fiber = yield* Effect.forkChild(
        Stream.runDrain(Stream.take(streaming({ question: "?" }), take)).pipe(Effect.exit, Effect.provide(model))
      )
      yield* TestClock.adjust(after)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(underWay, 0)
      const asked = (yield* lm.requests).length
      yield* TestClock.adjust("20 minutes")
      assert.strictEqual((yield* lm.requests).length, asked)
    }),
    { arbitrary: { runs: 150, seed: 1 }, timeout: 60_000 }
  )

  it.effect("law 8: a slow consumer slows the model below any two of them", () =>
    Effect.gen(function*() {
      for (const [outer, inner] of pairs) {
        let sent = 0
        const lm = yield* ScriptedLM.make(() =>
          ScriptedLM.text(`[[ ## answer ## ]]\n${"x".repeat(5000)}`, { tokens: true, onSend: () => sent++ })
        )
        const base = policies[inner](lm.layer)
        yield* Stream.runDrain(Stream.take(streaming({ question: "?" }), 3)).pipe(
          Effect.provide(outer === inner ? base : policies[outer](base))
        )
        assert.isBelow(sent, 150, `${outer} over ${inner}`)
      }
    }))
})

describe("the table of what each order means", () => {
  it("has every policy, and each two whose order says something", () => {
    const rows = Pages.rowsOf(Pages.pageOf("docs/operating.md"))
    const said = new Set(rows.map(([outer, inner]) => `${outer} over ${inner}`))
    const ordered = ["Timeouts.inAll", "Fallback", "Breaker", "Hedge", "Cache"]
    for (const inner of ["Timeouts.layer", "Limits", "Keys", "Retry", "Cassette"]) {
      assert.isTrue(said.has(`Any over ${inner}`), inner)
    }
    for (const outer of ordered) {
      for (const inner of ordered) {
        if (outer !== inner) assert.isTrue(said.has(`${outer} over ${inner}`), `${outer} over ${inner}`)
      }
    }
  })
})
