/** What goes wrong with a tool is told to the model, and is no end of the run. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { ReAct, Streaming, Tool, type Trajectory, XMLAdapter } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { forms } from "../support/adapters.ts"
import { textAt } from "../support/said.ts"
import { agent, answer, done, finish, predictionIn, text, turn } from "./support/agents.ts"

describe("what goes wrong with a tool is told to the model", () => {
  const calls = [
    { name: "divide", arguments: { a: 1, b: 0 } },
    { name: "add", arguments: { a: "one" } },
    { name: "subtract", arguments: { a: 1, b: 2 } },
    { name: "slow", arguments: { seconds: 11 } }
  ]
  const expected = [/cannot divide by zero/, /a:.*number[^]*b:/, /no such tool; there are: add, divide, slow/, /10s/]

  const check = Effect.fnUntraced(
    function*(lm: ScriptedLM.ScriptedLM, run: Fiber.Fiber<{ trajectory: Trajectory.Trajectory }, unknown>) {
      yield* TestClock.adjust("10 seconds")
      const { trajectory } = yield* Fiber.join(run)
      const made = trajectory.flatMap((step) => step.calls)
      assert.deepStrictEqual(made.map(({ isFailure }) => isFailure), [true, true, true, true])
      made.forEach(({ observation }, index) => assert.match(observation, expected[index]!))
      const sent = JSON.stringify((yield* lm.requests).at(-1)!.messages)
      assert.notInclude(sent, "/srv/app")
      assert.notInclude(sent, "tools.ts")
      yield* lm.assertComplete
    }
  )

  it.effect("native", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls(calls), done, answer])
      yield* check(lm, yield* Effect.forkChild(agent({ question: "?" }).pipe(Effect.provide(lm.layer))))
    }))

  for (const { format, layer, name } of forms) {
    it.effect(`text, ${name}`, () =>
      Effect.gen(function*() {
        const fields = (tool: string, args: unknown) => ({
          next_thought: "hm",
          next_tool_name: tool,
          next_tool_args: args
        })
        const lm = yield* ScriptedLM.make([
          ...calls.map((call) => format(fields(call.name, call.arguments))),
          format(fields("finish", {})),
          format({ reasoning: "so it is", answer: 3 })
        ], text)
        const run = agent({ question: "?" }).pipe(Effect.provide(Layer.merge(layer, lm.layer)))
        yield* check(lm, yield* Effect.forkChild(run))
      }))
  }

  it.effect("a reply that cannot be read is a turn of its own", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ScriptedLM.xml({ next_thought: "hm" }),
        ScriptedLM.xml({ next_thought: "I know it", next_tool_name: "finish" }),
        ScriptedLM.xml({ reasoning: "so it is", answer: 3 })
      ], text)
      const { trajectory } = yield* agent({ question: "?" }).pipe(Effect.provide([XMLAdapter.layer, lm.layer]))
      assert.deepStrictEqual(trajectory.map(({ thought }) => thought), ["hm", "I know it"])
      assert.match(trajectory[0]!.problem!, /next_tool_name/)
      assert.match(textAt((yield* lm.requests)[1], -1), /next_tool_name/)
    }))

  it.effect("a long result is cut where the agent says", () =>
    Effect.gen(function*() {
      const long = Tool.make("long", {}, () => "x".repeat(500))
      const short = ReAct.make("question -> answer: int", { tools: [long], maxObservationLength: 100 })
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "long", arguments: {} }]), done, answer])
      const { trajectory } = yield* short({ question: "?" }).pipe(Effect.provide(lm.layer))
      const cut = `${"x".repeat(100)}\n[400 more characters were left out]`
      assert.strictEqual(trajectory[0]!.calls[0]!.observation, cut)
      assert.strictEqual(textAt((yield* lm.requests)[1], -1), cut)
    }))

  it.effect("a tool that there is not takes nothing back of what was shown; quotes around a name do not matter", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        turn("subtract", {}, "one"),
        turn("`add`", { a: 1, b: 2 }, "two"),
        finish,
        answer
      ], text)
      const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      assert.isFalse(events.some((event) => event._tag === "Retracted"))
      const last = predictionIn(events)
      assert.deepStrictEqual(last.trajectory.map(({ calls }) => calls.map(({ isFailure }) => isFailure)), [[true], [
        false
      ], []])
    }))
})
