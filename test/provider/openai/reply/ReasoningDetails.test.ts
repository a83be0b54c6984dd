/**
 * The parts of a thought that a provider wants back beside tool calls, as it came.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { OpenAI, ReAct, Tool } from "effect-lm"
import * as LMResponse from "effect-lm/lm/LMResponse"
import { besideThoughts } from "../../../support/said.ts"
import * as WireServer from "../../../support/wireServer.ts"
import { bytes, only, read } from "../../support/decoding.ts"

const { chunk, data, done } = WireServer
const stop = chunk({}, { finish_reason: "tool_calls" })
const call = chunk({
  tool_calls: [{ index: 0, id: "c1", function: { name: "weather", arguments: "{\"city\":\"Paris\"}" } }]
})
const details = (...reasoning_details: ReadonlyArray<object>) => chunk({ content: "", reasoning_details })

const text = (text: string, more: object = {}) => ({ type: "reasoning.text", text, format: "f", index: 0, ...more })
const encrypted = (data: string, index = 1) => ({ type: "reasoning.encrypted", data, id: `rs_${index}`, index })

/** What of the thoughts of a body, which means the same however it is cut, goes back. */
const beside = (body: string) => {
  only(body)
  return LMResponse.fold(read([bytes(body)]).events).completions.flatMap(besideThoughts)
}

describe("reasoning details", () => {
  const rows: ReadonlyArray<readonly [name: string, body: string, details: ReadonlyArray<object>]> = [
    [
      "a signature in a fragment of its own, after the text, and before the call",
      details(text("Let")) + details(text(" me compute")) +
      details({ type: "reasoning.text", signature: "s", format: "f", index: 0 }) + call + stop,
      [text("Let me compute", { signature: "s" })]
    ],
    [
      "after the call, and with the end",
      call + details(text("a", { signature: null })) +
      chunk({ reasoning_details: [text("b", { signature: "s" })] }, { finish_reason: "tool_calls" }),
      [text("ab", { signature: "s" })]
    ],
    [
      "of one index and several types, by turns",
      details(text("a"), encrypted("x", 0)) + details(text("b")) + call + details(encrypted("y", 0)) + stop,
      [text("ab"), encrypted("x", 0), encrypted("y", 0)]
    ],
    [
      "without an index: one after the other",
      details({ type: "reasoning.summary", summary: "a" }) + details({ type: "reasoning.summary", summary: "b" }) +
      details({ type: "reasoning.encrypted", data: "x" }) + details({ type: "reasoning.summary", summary: "c" }) +
      call +
      stop,
      [
        { type: "reasoning.summary", summary: "ab" },
        { type: "reasoning.encrypted", data: "x" },
        { type: "reasoning.summary", summary: "c" }
      ]
    ],
    [
      "texts that grow, as MiniMax has them",
      details(text("Let")) + details(text("Let me")) + details(text("Let me see")) + details(text("Let me see.")) +
      call +
      stop,
      [text("Let me see.")]
    ],
    [
      "told once more in a message",
      details(text("Let")) + details(text(" me")) + call +
      data({ choices: [{ index: 0, message: { reasoning_details: [text("Let me")] }, finish_reason: "tool_calls" }] }),
      [text("Let me")]
    ]
  ]

  for (const [name, body, expected] of rows) {
    it(name, () => {
      const { finish, toolCalls } = only(body + done)
      assert.strictEqual(finish, "tool-calls")
      assert.deepStrictEqual(toolCalls, [{ id: "c1", name: "weather", arguments: "{\"city\":\"Paris\"}" }])
      assert.deepStrictEqual(beside(body + done), [{ chat: { reasoningDetails: expected } }])
    })
  }

  it("those of a whole message are as they came, and with the thought alone", () => {
    const reasoning_details = [text("a"), text("b"), { type: "other", odd: [1, { x: null }] }]
    const tool_calls = ["f", "g"].map((name) => ({ id: name, function: { name, arguments: "{}" } }))
    const body = JSON.stringify(WireServer.completion({ content: null, reasoning_details, tool_calls }))
    assert.deepStrictEqual(only(body).toolCalls, ["f", "g"].map((name) => ({ id: name, name, arguments: "{}" })))
    assert.deepStrictEqual(beside(body), [{ chat: { reasoningDetails: reasoning_details } }])
  })

  it("are the reasoning, where that is told in no other way, and nothing beside a text", () => {
    const body = details(text("Let")) + details(text(" me")) + chunk({ content: "So" }) + done
    const said = only(body)
    assert.deepStrictEqual([said.text, said.reasoning], ["So", "Let me"])
    assert.deepStrictEqual(beside(body), [])
    const both = only(chunk({ reasoning: "Let", reasoning_details: [text("Let")] }) + chunk({ content: "So" }) + done)
    assert.deepStrictEqual([both.text, both.reasoning], ["So", "Let"])
    assert.strictEqual(
      only(chunk({ content: "So", reasoning_details: [] }) + chunk({ content: "!" }) + done).text,
      "So!"
    )
  })

  it.effect("an agent sends them back", () =>
    Effect.gen(function*() {
      const answer = "[[ ## reasoning ## ]]\nr\n\n[[ ## answer ## ]]\nsunny\n\n[[ ## completed ## ]]"
      const server = yield* WireServer.make([
        WireServer.json(
          200,
          WireServer.completion({
            content: null,
            reasoning: "Hm",
            reasoning_details: [text("Hm", { signature: "s" })],
            tool_calls: [{ id: "c1", function: { name: "weather", arguments: "{\"city\":\"Paris\"}" } }]
          })
        ),
        WireServer.answer(answer)
      ])
      const weather = Tool.make("weather", { parameters: { city: Schema.String } }, () => "sunny")
      const agent = ReAct.make("question -> answer", { tools: [weather] })
      const layer = OpenAI.layer({ model: "m", baseUrl: server.baseUrl })
      assert.strictEqual((yield* Effect.provide(agent({ question: "?" }), layer)).answer, "sunny")
      const said = server.requests[1]!.json.messages.find(({ role }: { readonly role: string }) => role === "assistant")
      assert.deepStrictEqual(said.reasoning_details, [text("Hm", { signature: "s" })])
      assert.strictEqual(said.reasoning, "Hm")
    }))
})
