/** An agent whose context is full goes on without its oldest turns. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Streaming } from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { textAt } from "../support/said.ts"
import { agent, answer, finish, predictionIn, text, turn } from "./support/agents.ts"

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
        events.flatMap((event) => event._tag === "StepsDropped" ? [event.iterations] : []),
        [[1, 2], [3, 4]]
      )
      assert.lengthOf(predictionIn(events).trajectory, 5)
      const after = (yield* lm.requests)[5]!
      assert.lengthOf(after.messages, 2 + 4)
      assert.match(textAt(after, 1), /Turns 1 to 2 .* left out/)
      assert.include(textAt(after, 2), "\"a\":3")
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
