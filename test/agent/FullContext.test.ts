/** An agent whose context is full goes on without its oldest iterations. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Keep, ReAct, Streaming } from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { rows, textAt } from "../support/said.ts"
import { add, agent, answer, finish, predictionIn, text, turn } from "./support/agents.ts"

describe("a context that is full", () => {
  const full = new LMErrors.ContextWindowExceeded({ description: "too long" })

  it.effect("drops the oldest turns from what is sent, and says so", () =>
    Effect.gen(function*() {
      const calls = [1, 2, 3, 4].map((n) => turn("add", { a: n, b: 0 }))
      const lm = yield* ScriptedLM.make([...calls, ScriptedLM.fail(full), finish, ScriptedLM.fail(full), answer], text)
      const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      assert.deepStrictEqual(
        events.flatMap((event) => event._tag === "StepsDropped" ? [[event.iterations, event.reason]] : []),
        [[[1, 2], "context"], [[3, 4], "context"]]
      )
      assert.lengthOf(predictionIn(events).trajectory, 5)
      const after = (yield* lm.requests)[5]!
      assert.lengthOf(after.messages, 2 + 4)
      assert.match(textAt(after, 1), /Turns 1 to 2 .* left out/)
      assert.include(textAt(after, 2), "\"a\":3")
      yield* lm.assertComplete
    }))

  it.effect("and a rule leave out of the same turns", () =>
    Effect.gen(function*() {
      const calls = [1, 2, 3, 4].map((n) => turn("add", { a: n, b: 0 }))
      const lm = yield* ScriptedLM.make([...calls, ScriptedLM.fail(full), finish, answer], text)
      const told = ReAct.make("question -> answer: int", {
        tools: [add],
        keep: Keep.last(3),
        prepareStep: ({ iteration }) => ({ instructions: `Turn ${iteration}.` })
      })
      const events = yield* Streaming.streamify(told)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      assert.deepStrictEqual(
        events.flatMap((event) => event._tag === "StepsDropped" ? [[event.iterations, event.reason]] : []),
        [[[1], "keep"], [[2, 3], "context"]]
      )
      // What an agent was told before a turn goes with the turn.
      const said = rows((yield* lm.requests)[5]!.messages).map(([, text]) => text).join("\n")
      assert.match(said, /Turns 1 to 3 of the work/)
      assert.deepStrictEqual(said.match(/Turn \d\./g), ["Turn 4.", "Turn 5."])
      yield* lm.assertComplete
    }))

  it.effect("is an error where nothing is left to drop", () =>
    Effect.gen(function*() {
      const error = yield* agent({ question: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer([ScriptedLM.fail(full)], text))
      )
      assert.isTrue(error._tag === "LMError" && error.reason._tag === "ContextWindowExceeded")
    }))
})
