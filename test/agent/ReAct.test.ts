/** The loop of an agent: turns, tools and outputs in both protocols. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Prediction, ReAct } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { resultsIn, textAt } from "../support/said.ts"
import { add, agent, answer, done, finish, shape, slow, text, turn } from "./support/agents.ts"

describe("the loop", () => {
  it.effect("text: a tool in each turn, then the outputs", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([turn("add", { a: 1, b: 2 }, "adding helps"), finish, answer], text)
      const prediction = yield* agent({ question: "1 + 2?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(Prediction.fields(prediction), {
        reasoning: "so it is",
        answer: 3,
        trajectory: [
          {
            iteration: 1,
            thought: "adding helps",
            calls: [{ id: "turn_1_1", tool: "add", arguments: { a: 1, b: 2 }, observation: "3", isFailure: false }]
          },
          { iteration: 2, thought: "I know it", calls: [] }
        ]
      })
      assert.strictEqual(Prediction.usage(prediction).calls, 3)
      const [first] = yield* lm.requests
      assert.isUndefined(first!.tools)
      for (const word of ["add: Adds two numbers", "divide", "slow", "finish"]) {
        assert.include(textAt(first, 0), word)
      }
      yield* lm.assertComplete
    }))

  it.effect("native: several tools in a turn, at the same time, with results in the order of the calls", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([
          { id: "x", name: "slow", arguments: { seconds: 9 } },
          { id: "y", name: "slow", arguments: { seconds: 1 } },
          { id: "z", name: "add", arguments: { a: 1, b: 2 } }
        ], { text: "three at once" }),
        done,
        answer
      ])
      const run = yield* Effect.forkChild(agent({ question: "?" }).pipe(Effect.provide(lm.layer)))
      yield* TestClock.adjust("9 seconds")
      const { trajectory } = yield* Fiber.join(run)
      assert.deepStrictEqual(shape(trajectory), [
        [
          { tool: "slow", observation: "waited 9", isFailure: false },
          { tool: "slow", observation: "waited 1", isFailure: false },
          { tool: "add", observation: "3", isFailure: false }
        ],
        []
      ])
      const requests = yield* lm.requests
      assert.deepStrictEqual(requests[0]!.tools!.map(({ name }) => name), ["add", "divide", "slow"])
      assert.deepStrictEqual(
        resultsIn(requests[1]!.messages),
        [["x", "waited 9"], ["y", "waited 1"], ["z", "3"]]
      )
      assert.strictEqual(requests[2]!.toolChoice, "none")
      yield* lm.assertComplete
    }))

  it.effect("toolConcurrency limits how many run at once", () =>
    Effect.gen(function*() {
      const one = ReAct.make("question -> answer: int", { tools: [slow], toolConcurrency: 1 })
      const calls = [1, 2, 3].map((seconds) => ({ name: "slow", arguments: { seconds } }))
      const run = yield* one({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([ScriptedLM.toolCalls(calls), done, answer])),
        Effect.forkChild
      )
      yield* TestClock.adjust("5999 millis")
      assert.isUndefined(run.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(run)
    }))

  it.effect("both predictors have the agent's settings, those beside the options before those in `config`", () =>
    Effect.gen(function*() {
      const settled = ReAct.make("question -> answer: int", {
        tools: [add],
        temperature: 0.5,
        stop: ["."],
        config: { temperature: 1, seed: 7 }
      })
      const lm = yield* ScriptedLM.make([finish, answer], text)
      yield* Effect.provide(settled({ question: "?" }), lm.layer)
      const configs = (yield* lm.requests).map(({ config }) => config)
      assert.lengthOf(configs, 2)
      for (const config of configs) assert.deepInclude(config, { temperature: 0.5, stop: ["."], seed: 7 })
    }))

  it.effect("inputs are checked before anything is sent", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([])
      // @ts-expect-error the input `question` is missing
      const error = yield* agent({}).pipe(Effect.flip, Effect.provide(lm.layer))
      assert.strictEqual(error._tag, "InputError")
      assert.lengthOf(yield* lm.requests, 0)
    }))

  it("names that cannot be are refused when the agent is made", () => {
    assert.throws(() => ReAct.make("question -> answer", { tools: [add, add] }), /add/)
    assert.throws(() => ReAct.make("question -> trajectory", { tools: [add] }), /trajectory/)
  })
})
