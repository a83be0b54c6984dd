/** What models write as the arguments of tools: none, other notations, hostile ones. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Prediction, ReAct, Tool } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { forms } from "../support/adapters.ts"
import { calledIn } from "../support/said.ts"
import { add, agent, answer, done, text } from "./support/agents.ts"

describe("arguments that are none", () => {
  for (const { format, layer, name } of forms) {
    it.effect(`in text, ${name}: end the work, call what takes nothing, and are an observation of what takes something`, () =>
      Effect.gen(function*() {
        const now = Tool.make("now", {}, () => "12:00")
        const clock = ReAct.make("question -> answer: int", { tools: [now, add] })
        const turn = (tool: string, args: unknown) =>
          format({
            next_thought: "hm",
            next_tool_name: tool,
            ...(args === undefined ? {} : { next_tool_args: args })
          })
        for (const args of ["", "null", "The answer is 42", null, [], undefined]) {
          const lm = yield* ScriptedLM.make([
            turn("now", args),
            turn("add", args),
            turn("finish", args),
            format({ reasoning: "so it is", answer: 3 })
          ], text)
          const { trajectory } = yield* clock({ question: "?" }).pipe(Effect.provide([layer, lm.layer]))
          const what = JSON.stringify(args) ?? "missing"
          assert.lengthOf(yield* lm.requests, 4, what)
          assert.deepInclude(trajectory[0]!.calls[0], { tool: "now", observation: "12:00", isFailure: false }, what)
          assert.deepInclude(trajectory[1]!.calls[0], { tool: "add", isFailure: true }, what)
          assert.deepStrictEqual(trajectory[2]!.calls, [], what)
        }
      }))
  }

  it.effect("natively, too", () =>
    Effect.gen(function*() {
      const clock = ReAct.make("question -> answer: int", { tools: [Tool.make("now", {}, () => "12:00")] })
      for (const args of ["", "null", "none", "[]"]) {
        const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "now", arguments: args }]), done, answer])
        const { trajectory } = yield* clock({ question: "?" }).pipe(Effect.provide(lm.layer))
        assert.deepInclude(trajectory[0]!.calls[0], { observation: "12:00" }, args)
        // What is sent back is what providers take.
        const [, second] = yield* lm.requests
        assert.deepStrictEqual(calledIn(second!.messages).map((call) => call.arguments), ["{}"], args)
      }
    }))

  it.effect("what a tool was called with is what the model is told that it wrote", () =>
    Effect.gen(function*() {
      const json = "{\"a\":1,\"b\":2}"
      for (const args of [JSON.stringify(json), "{'a': 1, 'b': 2}", `\`\`\`json\n${json}\n\`\`\``]) {
        const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "add", arguments: args }]), done, answer])
        const { trajectory } = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
        assert.deepInclude(trajectory[0]!.calls[0], { observation: "3", isFailure: false }, args)
        const [, second] = yield* lm.requests
        assert.deepStrictEqual(calledIn(second!.messages).map((call) => call.arguments), [json], args)
      }
    }))
})

describe("hostile calls", () => {
  it.effect("hostile names and arguments", () =>
    Effect.gen(function*() {
      const hostile = [
        { name: "__proto__", arguments: {} },
        { name: "constructor", arguments: {} },
        { name: "../../etc/passwd", arguments: {} },
        { name: "", arguments: {} },
        { name: "add", arguments: "{\"__proto__\": {\"a\": 1}, \"a\": 1, \"b\": 2}" },
        { name: "add", arguments: "{\"a\": 1, \"b\": 2, \"c\": \"\\ud800\"}" },
        { name: "add", arguments: `{"a": 1, "b": 2, "c": "${"x".repeat(1024 * 1024)}"}` },
        { name: "add", arguments: "[1, 2]" },
        { name: "add", arguments: "{\"a\": 1" }
      ]
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls(hostile), done, answer])
      const { trajectory } = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(trajectory[0]!.calls.map(({ isFailure }) => isFailure), hostile.map(() => true))
      assert.isUndefined(({} as { a?: number }).a)
      const sent = (yield* lm.requests)[1]!.messages
      for (const message of sent) assert.isBelow(JSON.stringify(message).length, 8000)
      // What is sent again is what a provider accepts.
      assert.lengthOf(calledIn(sent), hostile.length)
      for (const call of calledIn(sent)) {
        assert.match(call.name, /^[\w-]{1,64}$/)
        assert.isObject(JSON.parse(call.arguments))
        assert.isTrue(call.arguments.isWellFormed())
      }
    }))

  it.effect("arguments nested without end leave the prediction as plain data", () =>
    Effect.gen(function*() {
      const deep = `${"{\"a\":".repeat(20_000)}1${"}".repeat(20_000)}`
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "add", arguments: deep }]), done, answer])
      const prediction = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.isTrue(prediction.trajectory[0]!.calls[0]!.isFailure)
      assert.isBelow(JSON.stringify(prediction).length, 8000)
      structuredClone(Prediction.fields(prediction))
    }))
})
