/**
 * A completion in other shapes than the protocol's: read where it means one thing, and never an empty answer.
 */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { bytes, decode, description, only, read } from "../../support/decoding.ts"

const { chunk, data, done, stop } = WireServer

/** What a choice means: the same as a whole reply, and as a stream. */
const meaning = (choice: object, finish_reason = "stop") => {
  const whole = only(JSON.stringify({ choices: [{ index: 0, ...choice, finish_reason }] }))
  const streamed = "message" in choice ? { delta: choice.message } : choice
  assert.deepStrictEqual(
    only(data({ choices: [{ index: 0, ...streamed }] }) + chunk({}, { finish_reason }) + done),
    whole
  )
  return whole
}

const parts = (...content: ReadonlyArray<unknown>) => meaning({ message: { role: "assistant", content } })

describe("other shapes", () => {
  it("of a text", () => {
    const shapes: ReadonlyArray<object> = [
      { text: "Paris" },
      { message: "Paris" },
      { message: { content: { text: "Paris" } } },
      { message: { content: { type: "text", text: "Paris" } } },
      { message: { content: { type: "text", text: { value: "Paris" } } } },
      { message: { content: ["Paris"] } },
      { message: { content: [{ type: "output_text", text: "Par" }, { text: "is" }] } },
      { text: "Paris", delta: {} }
    ]
    for (const shape of shapes) assert.strictEqual(meaning(shape).text, "Paris", JSON.stringify(shape))
    const pieces = ["Pa", "ris"].map((text) => data({ choices: [{ index: 0, text, finish_reason: null }] })).join("")
    assert.strictEqual(only(pieces + stop + done).text, "Paris")
    assert.strictEqual(only(pieces.replaceAll("data: ", "").replaceAll("\n\n", "\n") + stop).text, "Paris")
    // A text beside a message is the same once more.
    assert.strictEqual(meaning({ text: "Paris", message: { content: "Paris" } }).text, "Paris")
  })

  it("of thoughts and refusals", () => {
    const text = { type: "text", text: "So" }
    for (
      const thought of [
        { type: "thinking", thinking: "hm" },
        { type: "thinking", text: "hm" },
        { type: "reasoning", text: "hm" },
        { type: "reasoning", reasoning: "hm" },
        { type: "reasoning_content", content: "hm" },
        { type: "reasoning", summary: [{ type: "summary_text", text: "h" }, { type: "summary_text", text: "m" }] }
      ]
    ) {
      const { reasoning, text: answer } = parts(thought, text)
      assert.deepStrictEqual([reasoning, answer], ["hm", "So"], JSON.stringify(thought))
    }
    assert.strictEqual(parts({ type: "redacted_thinking", data: "xyz" }, text).text, "So")
    assert.deepStrictEqual(
      [parts({ type: "refusal", refusal: "No." })].map(({ detail, finish }) => [finish, detail]),
      [["refusal", "No."]]
    )
  })

  it("of tool calls", () => {
    const expected = [{ id: "a", name: "f", arguments: "{\"x\":1}" }]
    for (
      const call of [
        { type: "tool_use", id: "a", name: "f", input: { x: 1 } },
        { type: "tool_call", id: "a", name: "f", arguments: "{\"x\":1}" },
        { type: "tool_call", id: "a", name: "f", args: { x: 1 } },
        { type: "function", id: "a", function: { name: "f", arguments: "{\"x\":1}" } }
      ]
    ) {
      const { finish, toolCalls } = parts(call)
      assert.deepStrictEqual(toolCalls, expected)
      assert.strictEqual(finish, "tool-calls")
    }
    const called = { name: "f", arguments: "{\"x\":1}" }
    for (
      const tool_calls of [
        { id: "a", function: called },
        [{ id: "a", function: { name: "f", parameters: { x: 1 } } }],
        [{ id: "a", name: "f", args: { x: 1 } }]
      ]
    ) {
      assert.deepStrictEqual(meaning({ message: { tool_calls } }, "tool_calls").toolCalls, expected)
    }
  })

  it("of arguments that are no object are no call without arguments", () => {
    for (const args of [5, ["{}"], true]) {
      const call = { id: "a", function: { name: "f", arguments: args } }
      assert.deepStrictEqual(meaning({ message: { tool_calls: [call] } }, "tool_calls").toolCalls, [
        { id: "a", name: "f", arguments: JSON.stringify(args) }
      ])
    }
    const none = { id: "a", function: { name: "f", arguments: null } }
    assert.strictEqual(meaning({ message: { tool_calls: [none] } }, "tool_calls").toolCalls[0]!.arguments, "")
  })

  it("of the place of a tool call, as text", () => {
    const fragment = (index: string, more: object) => ({ index, function: more })
    const body = chunk({
      tool_calls: [{ id: "a", ...fragment("0", { name: "f" }) }, { id: "b", ...fragment("1", { name: "g" }) }]
    }) + chunk({ tool_calls: [fragment("0", { arguments: "{\"x\":" })] }) +
      chunk({ tool_calls: [fragment("1", { arguments: "{\"y\":2}" })] }) +
      chunk({ tool_calls: [fragment("0", { arguments: "1}" })] })
    assert.deepStrictEqual(only(body + stop + done).toolCalls, [
      { id: "a", name: "f", arguments: "{\"x\":1}" },
      { id: "b", name: "g", arguments: "{\"y\":2}" }
    ])
  })

  it("that nobody knows are no empty answer, and nothing beside one", () => {
    for (const content of [42, true, { answer: 1 }, [{ type: "image_url", image_url: "x" }], [7], { type: "text" }]) {
      const bodies = [
        JSON.stringify(WireServer.completion({ content })),
        chunk({ content }) + stop + done,
        chunk({ reasoning_content: "hm" }) + chunk({ content }) + stop + done
      ]
      for (const body of bodies) {
        assert.strictEqual(decode(body).failure, "InvalidResponse", body)
        assert.include(description(body), "not known")
      }
      assert.strictEqual(only(chunk({ content }) + chunk({ content: "a" }) + stop + done).text, "a")
    }
    for (const content of [null, "", [], [null], [""]]) {
      assert.strictEqual(only(JSON.stringify(WireServer.completion({ content }))).text, "")
    }
  })

  it("say what the reasoning is called at the end, beside tool calls, and not beside a text alone", () => {
    const told = (body: string) => read([bytes(body + done)]).events.filter(({ _tag }) => _tag !== "ResponseInfo")
    const thought = { _tag: "ReasoningDelta", index: 0, text: "hm" } as const
    for (const reasoningField of ["reasoning_content", "reasoning"]) {
      const hm = chunk({ [reasoningField]: "hm" })
      const called = chunk({ tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }] })
      assert.deepStrictEqual(told(hm + chunk({ content: "a" }) + stop), [
        thought,
        { _tag: "TextDelta", index: 0, text: "a" },
        { _tag: "Finish", index: 0, reason: "stop" }
      ])
      assert.deepStrictEqual(told(hm + called + stop), [
        thought,
        ...["", "{}"].map((argumentsDelta) => (
          { _tag: "ToolCallDelta", index: 0, call: 0, id: "a", name: "f", argumentsDelta } as const
        )),
        { _tag: "ReasoningDelta", index: 0, text: "", providerData: { chat: { reasoningField } } },
        { _tag: "Finish", index: 0, reason: "tool-calls" }
      ])
    }
  })
})
