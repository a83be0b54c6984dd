/** Thoughts: under their own names, between tags, in parts of the content. */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { atOnce, decode, only } from "../../support/decoding.ts"

const { chunk, data, done, stop } = WireServer

describe("reasoning", () => {
  it("under either name, never both", () => {
    const body = chunk({ reasoning_content: "a" }) + chunk({ reasoning: "b" }) +
      chunk({ reasoning_content: "c", reasoning: "c" }) +
      chunk({ reasoning_content: "", reasoning: "d", content: "" }) +
      chunk({ content: "e" }) + stop + done
    const completion = only(body)
    assert.strictEqual(completion.reasoning, "abcd")
    assert.strictEqual(completion.text, "e")
  })

  const tagged = (...pieces: ReadonlyArray<string>) =>
    atOnce(pieces.map((content) => chunk({ content })).join("") + stop + done)

  it("between <think> tags at the very start, however they are cut", () => {
    const text = "<think>\nHm, <b> </think\nwell</think>\n\nParis </think> <think>x"
    for (let at = 0; at <= text.length; at++) {
      const { reasoning, text: rest } = tagged(text.slice(0, at), text.slice(at))
      assert.strictEqual(reasoning, "\nHm, <b> </think\nwell")
      assert.strictEqual(rest, "Paris </think> <think>x")
    }
    const single = tagged(...text.split(""))
    assert.strictEqual(single.reasoning, "\nHm, <b> </think\nwell")
    assert.strictEqual(single.text, "Paris </think> <think>x")
  })

  it("and nowhere else", () => {
    for (
      const text of ["a <think>b</think>", "<thin", "<thinker>a</thinker>", "<", " \n<", " a", "\n</thin", "  "]
    ) {
      const { reasoning, text: rest } = tagged(...text.split(""))
      assert.strictEqual(reasoning, "")
      assert.strictEqual(rest, text)
    }
  })

  it("a thought that is never closed is all reasoning", () => {
    const { reasoning, text } = tagged("<think>a", "b</thi")
    assert.strictEqual(reasoning, "ab</thi")
    assert.strictEqual(text, "")
  })

  it("tags are text where the provider uses none, or tells the reasoning apart", () => {
    assert.strictEqual(only(chunk({ content: "<think>a</think>b" }) + stop + done, false).text, "<think>a</think>b")
    const told = only(chunk({ reasoning: "r" }) + chunk({ content: "<think>a</think>b" }) + stop + done)
    assert.strictEqual(told.text, "<think>a</think>b")
    assert.strictEqual(told.reasoning, "r")
  })

  it("a held back start of a tag is shown when the stream ends or fails", () => {
    const cut = decode(chunk({ content: "<thi" }))
    assert.strictEqual(cut.completions[0]!.text, "<thi")
    assert.strictEqual(cut.failure, "Truncated")
    const failed = decode(chunk({ content: "<thi" }) + data({ error: { message: "x" } }))
    assert.strictEqual(failed.completions[0]!.text, "<thi")
    assert.strictEqual(failed.failure, "Server")
  })

  it("content in parts", () => {
    const body = chunk({
      content: [{ type: "thinking", thinking: [{ type: "text", text: "Well" }, { type: "text", text: "," }] }]
    }) +
      chunk({
        content: [{ type: "thinking", thinking: " so" }, { type: "text", text: "Par" }, null, { type: "image" }]
      }) +
      chunk({ content: [{ type: "text", text: "is" }] }) + chunk({ content: ["!"] }) + stop + done
    const completion = only(body)
    assert.strictEqual(completion.reasoning, "Well, so")
    assert.strictEqual(completion.text, "Paris!")
  })
})
