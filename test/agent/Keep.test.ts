/** Which iterations of an agent are sent again, by a rule. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Schema, Stream } from "effect"
import { Keep, Prediction, ReAct, Streaming, type Trajectory } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { calledIn, resultsIn, textAt } from "../support/said.ts"
import { add, answer, predictionIn } from "./support/agents.ts"

describe("a rule", () => {
  const call = (id: string) => ScriptedLM.toolCalls([{ id, name: "add", arguments: { a: 1, b: 2 } }])

  /** The ids of the calls in each request, and what was told of those that were dropped. */
  const run = Effect.fnUntraced(function*(keep: ReAct.Options<ReadonlyArray<typeof add>>["keep"], iterations = 4) {
    const lm = yield* ScriptedLM.make([
      ...Array.from({ length: iterations }, (_, at) => call(`c${at + 1}`)),
      answer
    ])
    const ruled = ReAct.make("question -> answer: int", { tools: [add], keep })
    const events = yield* Streaming.streamify(ruled)({ question: "?" }).pipe(
      Stream.runCollect,
      Effect.provide(lm.layer)
    )
    const prediction = predictionIn(events)
    const requests = yield* lm.requests
    for (const { messages } of requests) {
      assert.deepStrictEqual(resultsIn(messages).map(([id]) => id), calledIn(messages).map(({ id }) => id))
      assert.strictEqual(messages[0]!.role, "system")
    }
    return {
      requests,
      sent: requests.map(({ messages }) => calledIn(messages).map(({ id }) => id).join()),
      dropped: events.flatMap((event) => event._tag === "StepsDropped" ? [[event.iterations, event.reason]] : []),
      trajectory: prediction.trajectory.length,
      turns: JSON.stringify(Prediction.details(prediction).turns)
    }
  })

  it.effect("of iterations: the newest are sent, and the model is told that others were there", () =>
    Effect.gen(function*() {
      const { dropped, requests, sent, trajectory, turns } = yield* run(Keep.last(2))
      assert.deepStrictEqual(sent, ["", "c1", "c1,c2", "c2,c3", "c3,c4"])
      assert.deepStrictEqual(dropped, [[[1], "keep"], [[2], "keep"]])
      assert.strictEqual(trajectory, 5)
      assert.match(textAt(requests[3], 1), /\(Turn 1 of the work stood here\. It was left out/)
      assert.match(textAt(requests[4], 1), /\(Turns 1 to 2 of the work stood here\. They were left out/)
      // What is kept for the next turn of the conversation is what was sent.
      assert.include(turns, "Turns 1 to 2")
      assert.notInclude(turns, "\"c2\"")
      assert.include(turns, "\"c3\"")
    }))

  it.effect("of tokens: the newest that fit, one at least", () =>
    Effect.gen(function*() {
      const count = () => 10
      assert.deepStrictEqual((yield* run(Keep.tokens(20, { count }))).sent, ["", "c1", "c1,c2", "c2,c3", "c3,c4"])
      assert.deepStrictEqual((yield* run(Keep.tokens(1, { count }))).sent, ["", "c1", "c2", "c3", "c4"])
      assert.deepStrictEqual((yield* run(Keep.tokens(100_000))).dropped, [])
    }))

  it.effect("of a function, which may leave out others than the oldest", () =>
    Effect.gen(function*() {
      const { dropped, requests, sent } = yield* run((steps) =>
        steps.filter(({ iteration }) => iteration !== 2 || iteration === steps.at(-1)!.iteration)
      )
      assert.deepStrictEqual(sent, ["", "c1", "c1,c2", "c1,c3", "c1,c3,c4"])
      assert.deepStrictEqual(dropped, [[[2], "keep"]])
      assert.match(textAt(requests[3], 1), /\(Turn 2 of the work stood here/)
    }))

  it.effect("that gives something else is a defect that says so", () =>
    Effect.gen(function*() {
      const errorOf = (keep: (steps: Trajectory.Trajectory) => unknown) =>
        run(keep as never, 2).pipe(Effect.catchDefect((defect) => Effect.succeed(String(defect))))
      assert.include(yield* errorOf(() => []), "`keep` left out the newest step")
      assert.include(yield* errorOf(() => 3), "`keep` gave a number: it gives those of the agent's steps")
      assert.include(
        yield* errorOf((steps) => steps.map((step) => ({ ...step }))),
        "`keep` gave a step that it was not given"
      )
      assert.throws(() => ReAct.make("a -> b", { tools: [], keep: "3" as never }), /`keep` is a string: it is a rule/)
    }))

  it.effect.prop(
    "for every rule: calls have their results, the newest is sent, and what was dropped stays away",
    {
      most: Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 300 }))),
      inTokens: Arbitrary.schema(Schema.Boolean),
      iterations: Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 })))
    },
    ({ inTokens, iterations, most }) =>
      Effect.gen(function*() {
        const { dropped, sent } = yield* run(inTokens ? Keep.tokens(most) : Keep.last(1 + most % 5), iterations)
        const gone = dropped.flatMap(([iterations]) => iterations as ReadonlyArray<number>)
        assert.strictEqual(new Set(gone).size, gone.length)
        for (const [at, ids] of sent.entries()) if (at > 0) assert.isTrue(ids.split(",").includes(`c${at}`))
        assert.deepStrictEqual(
          sent.at(-1)!.split(","),
          Array.from({ length: iterations }, (_, at) => at + 1).filter((at) => !gone.includes(at)).map((at) => `c${at}`)
        )
      }),
    { arbitrary: { runs: 40, size: 6, seed: 1 }, timeout: 60_000 }
  )
})
