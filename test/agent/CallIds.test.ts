/** The ids of an agent's tool calls: in events, in messages and in the trajectory. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { type LMRequest, ModuleTool, ReAct, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { calledIn, resultsIn } from "../support/said.ts"
import { add, agent, answer, done, finish, predictionIn, text, turn } from "./support/agents.ts"

describe("ids of tool calls", () => {
  const ids = (requests: ReadonlyArray<LMRequest.LMRequest>) => resultsIn(requests.at(-1)!.messages).map(([id]) => id)

  it.effect("are unique in a run, and the same in events, messages and the trajectory", () =>
    Effect.gen(function*() {
      for (const id of ["call_0", ""]) {
        const call = ScriptedLM.toolCalls(
          [1, 2].map((a) => ({ id, name: "add", arguments: { a, b: 0 } })),
          { tokens: true }
        )
        const lm = yield* ScriptedLM.make([call, call, done, answer])
        const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
          Stream.runCollect,
          Effect.provide(lm.layer)
        )
        const told = (tag: "ToolCallDelta" | "ToolStart" | "ToolEnd") => [
          ...new Set(events.flatMap((event) => event._tag === tag ? [event.toolCallId] : []))
        ]
        const last = predictionIn(events)
        const made = last.trajectory.flatMap(({ calls }) => calls.map((call) => call.id))
        assert.lengthOf(new Set(made), 4)
        assert.deepStrictEqual(told("ToolCallDelta"), made)
        assert.sameMembers(told("ToolStart"), made)
        assert.sameMembers(told("ToolEnd"), made)
        const requests = yield* lm.requests
        assert.deepStrictEqual(ids(requests), made)
        assert.deepStrictEqual(calledIn(requests.at(-1)!.messages).map(({ id }) => id), made)
      }
    }))

  it.effect("are the same whether anybody watches or not", () =>
    Effect.gen(function*() {
      const call = ScriptedLM.toolCalls([{ id: "x", name: "add", arguments: { a: 1, b: 0 } }])
      const watched = yield* ScriptedLM.make([call, call, done, answer])
      yield* Stream.runDrain(Streaming.streamify(agent)({ question: "?" })).pipe(Effect.provide(watched.layer))
      const alone = yield* ScriptedLM.make([call, call, done, answer])
      yield* agent({ question: "?" }).pipe(Effect.provide(alone.layer))
      assert.deepStrictEqual(ids(yield* watched.requests), ids(yield* alone.requests))
    }))

  it.effect("in the text protocol too, of an agent and those that it asks", () =>
    Effect.gen(function*() {
      const inner = ReAct.make("task -> result", { tools: [add], name: "Inner", toolCalls: "text" })
      const outer = ReAct.make("question -> answer: int", { tools: [ModuleTool.make(inner, { name: "ask" })] })
      const lm = yield* ScriptedLM.make([
        turn("ask", { task: "t" }),
        turn("add", { a: 1, b: 2 }),
        finish,
        ScriptedLM.chat({ reasoning: "r", result: "3" }),
        finish,
        answer
      ], text)
      const events = yield* Streaming.streamify(outer)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      const started = events.flatMap((event) => event._tag === "ToolStart" ? [event.toolCallId] : [])
      assert.lengthOf(new Set(started), 2)
      assert.strictEqual(predictionIn(events).trajectory[0]!.calls[0]!.id, started[0])
    }))

  it.effect("two calls with one id are told apart", () =>
    Effect.gen(function*() {
      const twice = [1, 2].map((a) => ({ id: "same", name: "add", arguments: { a, b: 0 } }))
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls(twice), done, answer])
      yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(resultsIn((yield* lm.requests)[1]!.messages), [["same", "1"], ["same_2", "2"]])
    }))
})
