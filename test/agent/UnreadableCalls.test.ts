/** Tool calls that a provider could not read: each is a turn that the model is told of. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Predict, Streaming } from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { rows, textAt } from "../support/said.ts"
import { agent, answer, done, predictionIn } from "./support/agents.ts"

describe("a tool call that the provider could not read", () => {
  const groq = "400 Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details."
  const refusals = [
    new LMErrors.InvalidResponse({ description: groq }),
    new LMErrors.InvalidRequest({ description: groq }),
    new LMErrors.InvalidRequest({
      description: "400 tool call validation failed: attempted to call tool 'x' which was not in request.tools"
    }),
    new LMErrors.Server({ description: "500 Failed to parse tool call arguments as JSON" }),
    new LMErrors.Server({ description: "error parsing tool call: raw='{\"a\":', err=unexpected end of JSON input" }),
    new LMErrors.Server({ description: "the provider gave up on the answer (MALFORMED_FUNCTION_CALL)" })
  ]
  for (const reason of refusals) {
    it.effect(`${reason._tag}: ${reason.description}`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make([
          ScriptedLM.fail(reason),
          ScriptedLM.toolCalls([{ name: "add", arguments: { a: 1, b: 2 } }]),
          ScriptedLM.fail(reason, ["I"]),
          done,
          answer
        ])
        const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
          Stream.runCollect,
          Effect.provide(lm.layer)
        )
        const last = predictionIn(events)
        assert.deepStrictEqual(last.trajectory.map(({ calls, problem, thought }) => [thought, calls.length, problem]), [
          ["", 0, reason.description],
          ["", 1, undefined],
          ["I", 0, reason.description],
          ["I know it.", 0, undefined]
        ])
        const requests = yield* lm.requests
        assert.include(textAt(requests[1], -1), reason.description)
        for (const { messages, tools } of requests) {
          assert.isDefined(tools)
          for (const [role, text] of rows(messages)) if (role !== "assistant") assert.notStrictEqual(text.trim(), "")
        }
        yield* lm.assertComplete
      }))
  }

  it.effect("ends nothing before maxIterations, and ends a predictor's call", () =>
    Effect.gen(function*() {
      const reason = refusals[0]!
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(reason), ScriptedLM.fail(reason), answer])
      const { trajectory } = yield* agent({ question: "?" }, { maxIterations: 2 }).pipe(Effect.provide(lm.layer))
      assert.lengthOf(trajectory, 2)
      yield* lm.assertComplete
      const error = yield* Predict.make("question -> answer")({ question: "?" }, {
        tools: [{ name: "f", parameters: {} }]
      }).pipe(Effect.flip, Effect.provide(ScriptedLM.layer([ScriptedLM.fail(reason)])))
      assert.isTrue(error._tag === "LMError" && error.reason._tag === "InvalidResponse")
    }))

  it.effect("in place of the outputs: they are asked for once more, without tools", () =>
    Effect.gen(function*() {
      const reason = new LMErrors.InvalidResponse({ description: "Tool choice is none, but model called a tool" })
      const lm = yield* ScriptedLM.make([done, ScriptedLM.fail(reason), answer])
      const prediction = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.strictEqual(prediction.answer, 3)
      assert.deepStrictEqual((yield* lm.requests).map(({ tools }) => tools === undefined), [false, false, true])
    }))
})
