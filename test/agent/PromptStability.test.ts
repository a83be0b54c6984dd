/** Law 11: what was sent is sent again, byte for byte, at the beginning of the next request. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { LMRequest } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { forms } from "../support/adapters.ts"
import { agent, answer, done, text } from "./support/agents.ts"

describe("law 11: prompt stability", () => {
  const isPrefix = (before: LMRequest.LMRequest, after: LMRequest.LMRequest) =>
    assert.deepStrictEqual(after.messages.slice(0, before.messages.length), before.messages)

  it.effect("each request begins with all of the request before, to the last one; and so do its tools", () =>
    Effect.gen(function*() {
      const call = ScriptedLM.toolCalls([{ name: "add", arguments: { a: 1, b: 2 } }, { name: "no", arguments: "" }])
      const lm = yield* ScriptedLM.make([call, call, call, done, answer])
      yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      const requests = yield* lm.requests
      assert.lengthOf(requests, 5)
      requests.slice(1).forEach((request, index) => {
        isPrefix(requests[index]!, request)
        assert.deepStrictEqual(request.tools, requests[0]!.tools)
      })
    }))

  for (const { format, layer, name } of forms) {
    it.effect(`text, ${name}`, () =>
      Effect.gen(function*() {
        const step = (tool: string, args: unknown) =>
          format({ next_thought: "a < b", next_tool_name: tool, next_tool_args: args })
        const lm = yield* ScriptedLM.make([
          step("add", { a: 1, b: 2 }),
          step("divide", { a: 1, b: 0 }),
          step("none", {}),
          step("finish", {}),
          format({ reasoning: "so", answer: 3 })
        ], text)
        yield* agent({ question: "?" }).pipe(Effect.provide(Layer.merge(layer, lm.layer)))
        const requests = yield* lm.requests
        assert.lengthOf(requests, 5)
        requests.slice(1).forEach((request, index) => isPrefix(requests[index]!, request))
        // No two messages of the same role meet: some servers refuse that.
        for (const { messages } of requests) {
          messages.slice(1).forEach(({ role }, index) => assert.notStrictEqual(role, messages[index]!.role))
        }
      }))
  }
})
