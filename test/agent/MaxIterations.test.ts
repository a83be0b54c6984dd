/** How many turns an agent may take, and who says so. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { ChatAdapter, CurrentMaxIterations, Module, ReAct, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { add, agent, answer, predictionIn, text, turn } from "./support/agents.ts"

describe("the limit of iterations", () => {
  it.effect("ends after maxIterations turns, the agent's or the call's, and answers from what there is", () =>
    Effect.gen(function*() {
      const more = turn("add", { a: 1, b: 1 })
      const two = ReAct.make("question -> answer: int", { tools: [add], maxIterations: 2 })
      const lm = yield* ScriptedLM.make([more, more, answer, more, answer], text)
      const program = Effect.gen(function*() {
        return [
          (yield* two({ question: "?" })).trajectory.length,
          (yield* two({ question: "?" }, { maxIterations: 1 })).trajectory.length
        ]
      })
      assert.deepStrictEqual(yield* Effect.provide(program, lm.layer), [2, 1])
      yield* lm.assertComplete
    }))

  it.effect("the call's limit comes before that of the context, and this before the agent's", () =>
    Effect.gen(function*() {
      const more = turn("add", { a: 1, b: 1 })
      const one = ReAct.make("question -> answer: int", { tools: [add], maxIterations: 1 })
      const lm = yield* ScriptedLM.make([more, more, answer, more, more, more, answer], text)
      const program = Effect.gen(function*() {
        return [
          (yield* one({ question: "?" })).trajectory.length,
          (yield* one({ question: "?" }, { maxIterations: 3 })).trajectory.length
        ]
      })
      const lengths = yield* program.pipe(Effect.provideService(CurrentMaxIterations, 2), Effect.provide(lm.layer))
      assert.deepStrictEqual(lengths, [2, 3])
      yield* lm.assertComplete
    }))

  it.effect("a call's limit reaches an agent however it is wrapped, and all agents of a composed program", () =>
    Effect.gen(function*() {
      const more = turn("add", { a: 1, b: 1 })
      const outer = Module.make(
        "Outer",
        { agent },
        ({ agent }) => (input: { readonly question: string }) => agent(input)
      )
      const lm = yield* ScriptedLM.make([more, answer, more, answer, more, answer], text)
      const program = Effect.gen(function*() {
        const events = yield* Stream.runCollect(Streaming.streamify(agent)({ question: "?" }, { maxIterations: 1 }))
        return [
          predictionIn(events).trajectory.length,
          (yield* outer({ question: "?" }, { maxIterations: 1 })).trajectory.length,
          (yield* Module.provide(ChatAdapter.layer)(agent)({ question: "?" }, { maxIterations: 1 })).trajectory.length
        ]
      })
      assert.deepStrictEqual(yield* Effect.provide(program, lm.layer), [1, 1, 1])
      yield* lm.assertComplete
    }))
})
