/** Errors of the language model end the run, with all that was done and paid before. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Module, Predict, Prediction, Streaming, Trajectory } from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { agent, finish, shape, text, turn } from "./support/agents.ts"

describe("errors of the language model end the run", () => {
  const paid = { usage: { inputTokens: 100, outputTokens: 10 } }
  const used = (calls: number, paidFor = calls) => ({
    inputTokens: 100 * paidFor,
    outputTokens: 10 * paidFor,
    reasoningTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    calls
  })

  it.effect("with the usage of all requests of the run, the failed one too", () =>
    Effect.gen(function*() {
      const call = ScriptedLM.toolCalls([{ name: "add", arguments: { a: 1, b: 2 } }], paid)
      const down = ScriptedLM.fail(new LMErrors.Server({ description: "down" }))
      const junk = ScriptedLM.text("junk", paid)
      const cases = [
        ["LMError", [call, call, down], used(3, 2)],
        ["LMError", [call, ScriptedLM.text("so", { ...paid, finish: "length" })], used(2)],
        ["LMError", [call, ScriptedLM.text("done", paid), down], used(3, 2)],
        ["AdapterParseError", [ScriptedLM.text("done", paid), junk, junk, junk], used(4)]
      ] as const
      for (const [tag, script, usage] of cases) {
        const events: Array<unknown> = []
        const error = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
          Stream.runForEach((event) => Effect.sync(() => events.push(event))),
          Effect.flip,
          Effect.provide(ScriptedLM.layer(script))
        )
        assert.strictEqual(error._tag, tag)
        if (error._tag !== "InputError") assert.deepStrictEqual(error.usage, usage)
      }
    }))

  it.effect("a reply that cannot be read: with the usage of every request of the call", () =>
    Effect.gen(function*() {
      const error = yield* Predict.make("q -> n: int")({ q: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer(() => ScriptedLM.text("junk", paid)))
      )
      assert.strictEqual(error._tag, "AdapterParseError")
      if (error._tag === "AdapterParseError") assert.deepStrictEqual(error.usage, used(3))
    }))

  it.effect("what is reported before a failure is paid, streamed or not", () =>
    Effect.gen(function*() {
      const qa = Predict.make("q -> a")
      const layer = ScriptedLM.layer(() => ScriptedLM.fail(new LMErrors.Server({ description: "down" }), ["a"], paid))
      const streamed = Stream.runDrain(Streaming.streamify(qa)({ q: "?" }))
      for (const run of [Effect.asVoid(qa({ q: "?" })), streamed]) {
        const error = yield* run.pipe(Effect.flip, Effect.provide(layer))
        if (error._tag !== "LMError") return assert.fail(error._tag)
        assert.deepStrictEqual(error.usage, used(1))
      }
    }))

  it.effect("what was paid for replies that were asked for again is in the prediction's usage", () =>
    Effect.gen(function*() {
      const program = Module.make(
        "Outer",
        { agent },
        ({ agent }) => (input: { readonly question: string }) => agent(input)
      )
      const refused = ScriptedLM.fail(
        new LMErrors.NotSupported({ feature: "tools", description: "it does not support tools" })
      )
      const bad = ScriptedLM.chat({ reasoning: "r", answer: "three" }, paid)
      const good = ScriptedLM.chat({ reasoning: "r", answer: 3 }, paid)
      const script = [
        refused,
        ScriptedLM.chat({ next_thought: "t", next_tool_name: "finish", next_tool_args: {} }, paid)
      ]
      const prediction = yield* program({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([...script, bad, good]))
      )
      assert.deepStrictEqual(Prediction.usage(prediction), used(4, 3))
    }))

  it.effect("with all that was done before", () =>
    Effect.gen(function*() {
      const down = new LMErrors.Server({ description: "down" })
      for (const script of [[ScriptedLM.fail(down)], [finish, ScriptedLM.fail(down)]]) {
        const error = yield* agent({ question: "?" }).pipe(
          Effect.flip,
          Effect.provide(ScriptedLM.layer([turn("add", { a: 1, b: 2 }), ...script], text))
        )
        assert.strictEqual(error._tag, "LMError")
        if (error._tag !== "LMError") return
        assert.strictEqual(error.reason._tag, "Server")
        assert.strictEqual(error.predictor, script.length === 1 ? "react" : "extract")
        assert.deepStrictEqual(shape(Trajectory.ofError(error))[0], [{
          tool: "add",
          observation: "3",
          isFailure: false
        }])
      }
    }))

  it.effect("outputs that cannot be read do too", () =>
    Effect.gen(function*() {
      const bad = ScriptedLM.chat({ reasoning: "so it is", answer: "three" })
      const error = yield* agent({ question: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer([finish, bad, bad], text))
      )
      assert.strictEqual(error._tag, "AdapterParseError")
      if (error._tag === "AdapterParseError") assert.lengthOf(Trajectory.ofError(error), 1)
    }))
})
