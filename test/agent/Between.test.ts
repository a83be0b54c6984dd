/** Between an agent's turns: when its work is over, and how its next turn is prepared. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { type LM, type Predict, Prediction, ReAct, StopWhen, Tool, type Trajectory } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { rows, textAt } from "../support/said.ts"
import { text, turn } from "./support/agents.ts"

const add = Tool.make("add", { parameters: { a: Schema.Finite, b: Schema.Finite } }, ({ a, b }) => a + b)
const submit = Tool.make("submit", { parameters: { answer: Schema.Finite } }, () => "thank you")
const tools = [add, submit]

const numbers = (a: number, name = "add") =>
  ScriptedLM.toolCalls([{ name, arguments: name === "add" ? { a, b: 0 } : { answer: a } }])
const whole = ScriptedLM.chat({ reasoning: "r", answer: 3 })

describe("stopWhen", () => {
  it.effect("a tool was called: the agent answers from what it has, and says that it was stopped", () =>
    Effect.gen(function*() {
      const agent = ReAct.make("question -> answer: int", { tools, stopWhen: StopWhen.toolCalled("submit") })
      const lm = yield* ScriptedLM.make([numbers(1), numbers(2, "submit"), whole])
      const prediction = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.strictEqual(Prediction.details(prediction).endReason, "stopped")
      assert.deepStrictEqual(prediction.trajectory.map(({ calls }) => calls.map(({ tool }) => tool)), [["add"], [
        "submit"
      ]])
      assert.strictEqual((yield* lm.requests)[2]!.toolChoice, "none")
      yield* lm.assertComplete
    }))

  it.effect("in the text protocol too, one of several conditions, of which some are effects", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const agent = ReAct.make("question -> answer: int", {
        tools,
        stopWhen: [
          StopWhen.toolCalled("submit"),
          (trajectory) => Effect.sync(() => seen.push(trajectory.length) === 2)
        ]
      })
      const lm = yield* ScriptedLM.make([turn("add", { a: 1, b: 2 }), turn("add", { a: 1, b: 2 }), whole], text)
      const prediction = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual([seen, Prediction.details(prediction).endReason], [[1, 2], "stopped"])
      yield* lm.assertComplete
    }))

  it("repeated: the last turns made the same calls", () => {
    const step = (...args: ReadonlyArray<number>): Trajectory.Step => ({
      iteration: 1,
      thought: "",
      calls: args.map((a) => ({ id: "x", tool: "add", arguments: { a }, observation: "", isFailure: false }))
    })
    const holds = StopWhen.repeated(2)
    assert.isTrue(holds([step(9), step(1, 2), step(1, 2)]))
    for (const trajectory of [[], [step(1)], [step(1), step(2)], [step(), step()], [step(1), step(1), step(1, 1)]]) {
      assert.isFalse(holds(trajectory))
    }
  })

  it.effect("what a condition fails of is the agent's error, and its type says so", () =>
    Effect.gen(function*() {
      const agent = ReAct.make("question -> answer: int", { tools, stopWhen: () => Effect.fail("no" as const) })
      const call = agent({ question: "?" })
      const typed: Effect.Effect<unknown, Predict.PredictError | "no", LM> = call
      assert.strictEqual(yield* Effect.flip(typed).pipe(Effect.provide(ScriptedLM.layer([numbers(1)]))), "no")
      // @ts-expect-error the agent fails of more than predictors do
      const untyped: Effect.Effect<unknown, Predict.PredictError, LM> = call
      void untyped
    }))

  it("a condition of its own knows the trajectory by its type", () => {
    ReAct.make("question -> answer", { tools, stopWhen: (trajectory) => trajectory[0]!.calls.length > 2 })
    ReAct.make("question -> answer", { tools, stopWhen: [(trajectory) => trajectory[0]!.calls.length > 2] })
  })

  it.effect("a promise or no boolean is a mistake that says so", () =>
    Effect.gen(function*() {
      for (const [given, words] of [[Promise.resolve(true), /promise/], ["yes", /true or false/]] as const) {
        const agent = ReAct.make("question -> answer: int", { tools, stopWhen: () => given as never })
        const exit = yield* Effect.exit(agent({ question: "?" })).pipe(Effect.provide(ScriptedLM.layer([numbers(1)])))
        assert.match(String(exit), words)
      }
    }))
})

describe("prepareStep", () => {
  it.effect("tools, choice and settings of one turn; the next is as always", () =>
    Effect.gen(function*() {
      const agent = ReAct.make("question -> answer: int", {
        tools,
        temperature: 1,
        prepareStep: ({ iteration, trajectory }) =>
          iteration === 1
            ? { tools: ["add"], toolChoice: "required", config: { temperature: 0 } }
            : trajectory[0]!.calls[0]!.isFailure
            ? { instructions: "Only `add` was there." }
            : undefined
      })
      const lm = yield* ScriptedLM.make([numbers(1, "submit"), numbers(1), whole])
      const { trajectory } = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.include(trajectory[0]!.calls[0]!.observation, "no such tool; there are: add")
      const requests = yield* lm.requests
      assert.deepStrictEqual(
        requests.map(({ config, toolChoice, tools }) => [
          tools?.map(({ name }) => name),
          toolChoice,
          config.temperature
        ]),
        [[["add"], "required", 0], [["add", "submit"], undefined, 1], [["add", "submit"], undefined, 1]]
      )
      // Law 11: what it told the model stays where it stood.
      assert.include(textAt(requests[1], -1), "Only `add` was there.")
      for (const [index, { messages }] of requests.entries()) {
        const before = requests[index - 1]?.messages ?? []
        if (index !== 1) assert.deepStrictEqual(rows(messages).slice(0, before.length), rows(before))
      }
    }))

  it.effect("in the text protocol: the tools that it may name", () =>
    Effect.gen(function*() {
      const agent = ReAct.make("question -> answer: int", {
        tools,
        prepareStep: ({ iteration }) => ({ toolChoice: iteration === 1 ? { name: "submit" } : "none" })
      })
      const lm = yield* ScriptedLM.make([turn("submit", { answer: 1 }), turn("finish", {}), whole], text)
      yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      const [first, second] = yield* lm.requests
      assert.deepStrictEqual(["- submit", "- add", "- finish"].map((name) => textAt(first, 0).includes(name)), [
        true,
        false,
        false
      ])
      assert.deepStrictEqual(["- submit", "- add", "- finish"].map((name) => textAt(second, 0).includes(name)), [
        false,
        false,
        true
      ])
    }))

  it.effect("another model, built once; its error and what it needs are the agent's", () =>
    Effect.gen(function*() {
      let built = 0
      const other = yield* ScriptedLM.make([numbers(1), numbers(2)])
      const model = Layer.unwrap(Effect.sync(() => {
        built++
        return other.layer
      }))
      const agent = ReAct.make("question -> answer: int", {
        tools,
        prepareStep: ({ iteration }) => Effect.succeed(iteration < 3 ? { model } : {})
      })
      const lm = yield* ScriptedLM.make([whole])
      const { answer } = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual([answer, built], [3, 1])
      yield* other.assertComplete
      yield* lm.assertComplete

      const failing = ReAct.make("question -> answer: int", {
        tools,
        prepareStep: () => ({ model: Layer.effectDiscard(Effect.fail("down" as const)).pipe(Layer.merge(model)) })
      })
      const typed: Effect.Effect<unknown, Predict.PredictError | "down", LM> = failing({ question: "?" })
      assert.strictEqual(yield* Effect.flip(typed).pipe(Effect.provide(lm.layer)), "down")
    }))

  it.effect("a tool that there is not, and an option that there is not, are mistakes that say so", () =>
    Effect.gen(function*() {
      const mistakes = [
        [{ tools: ["sub"] }, /'sub'.*add, submit/],
        [{ tool: [] }, /tool/],
        [{ toolChoice: { name: "sub" } }, /names 'sub', which is not offered: there are add, submit/],
        [{ tools: ["add"], toolChoice: { name: "submit" } }, /names 'submit', which is not offered: there are add/],
        [{ tools: [], toolChoice: { name: "add" } }, /names 'add', which is not offered: no tool is/],
        [{ tools: [], toolChoice: "required" }, /is "required", and no tool is offered/]
      ] as const
      for (const [given, words] of mistakes) {
        const agent = ReAct.make("question -> answer: int", { tools, prepareStep: () => given as never })
        const exit = yield* Effect.exit(agent({ question: "?" })).pipe(Effect.provide(ScriptedLM.layer([])))
        assert.match(String(exit), words)
      }
    }))
})
