/** Agents among the tools of an agent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { ModuleTool, ReAct, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

describe("agents that are tools", () => {
  it.effect("are told apart where they run side by side", () =>
    Effect.gen(function*() {
      const inner = ReAct.make("task -> result", { tools: [], name: "Inner", toolCalls: "text" })
      const outer = ReAct.make("question -> answer", { tools: [ModuleTool.make(inner, { name: "ask" })] })
      const layer = ScriptedLM.layer((request) => {
        const asked = JSON.stringify(request.messages)
        const task = /task ## \]\]\\n(\w+)/.exec(asked)?.[1]
        if (task !== undefined) {
          return asked.includes("No more tools")
            ? ScriptedLM.chat({ reasoning: task, result: task })
            : ScriptedLM.chat({ next_thought: task, next_tool_name: "finish", next_tool_args: {} })
        }
        return request.toolChoice === "none"
          ? ScriptedLM.chat({ reasoning: "r", answer: "a" })
          : request.messages.some(({ role }) => role === "tool")
          ? ScriptedLM.text("done")
          : ScriptedLM.toolCalls(["red", "blue"].map((task) => ({ name: "ask", arguments: { task } })))
      })
      const events = yield* Streaming.streamify(outer)({ question: "?" }).pipe(Stream.runCollect, Effect.provide(layer))
      const calls = new Map(
        events.flatMap((event) => event._tag === "ToolStart" ? [[event.callId, event.inputs.task] as const] : [])
      )
      assert.deepStrictEqual([...calls.values()], ["red", "blue"])
      const said = events.flatMap((event) =>
        event._tag === "StreamResponse" && event.signatureFieldName === "result" ? [event] : []
      )
      assert.lengthOf(said, 2)
      for (const event of said) assert.strictEqual(event.chunk, calls.get(event.withinToolCall!))
      for (const event of events) {
        if (event._tag === "StreamResponse" && event.predictName === "react") assert.isUndefined(event.withinToolCall)
      }
    }))
})
