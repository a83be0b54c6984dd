/** Elements that are no part of the reply: thoughts, and what is written again behind them. */
import { assert, describe, it } from "@effect/vitest"
import type * as Signature from "effect-lm/signature/Signature"
import { decodeEverySplit, errorOf } from "../support/decode.ts"
import { answerOf, qa, read, two, XML } from "./replies.ts"

describe("what the reply takes back", () => {
  const isAnew = (signature: Signature.Any, reply: string) =>
    decodeEverySplit(XML, signature, reply).parts.some((part) => part.anew === true)

  it("a draft before a thought's end", () => {
    for (
      const reply of [
        "<answer>London</answer>? No.\n</think>\n<answer>Hi</answer>",
        "Maybe <answer>London? No.\n</think>\n<answer>Hi</answer>",
        "<answer>London</answer>\n<question>x</question>\n</think>\n<answer>Hi</answer>"
      ]
    ) {
      assert.strictEqual(answerOf(reply), "Hi")
      assert.isTrue(isAnew(qa, reply))
    }
    const reply = "<answer>London\n</think>\n<reasoning>r</reasoning>\n<answer>a</answer>"
    assert.deepStrictEqual(read(two, reply), { reasoning: "r", answer: "a" })
    assert.strictEqual(answerOf("<answer>The </think> tag</answer>"), "The </think> tag")
    assert.isFalse(isAnew(qa, "Let me see.\n</think>\n<answer>Hi</answer>"))
  })

  it("nothing is taken back of what is no part of the reply", () => {
    for (const name of ["think", "Thinking", "example", "first_draft", "scratchpad"]) {
      for (
        const reply of [
          `<${name}>Maybe <answer>London</answer></${name}><answer>Hi</answer>`,
          `<answer>Hi</answer>\n<${name}>\n<answer>London</answer>\n</${name} >`,
          `<${name}>a <${name}>b</${name}> <answer>London</answer></${name}>\n<answer>Hi</answer>`
        ]
      ) {
        assert.strictEqual(answerOf(reply), "Hi")
        assert.isFalse(isAnew(qa, reply))
      }
    }
  })

  it("an element that is written again", () => {
    for (
      const [reply, answer] of [
        ["<answer>London</answer> No, wait. <answer>Hi</answer>", "Hi"],
        ["<answer>London</answer> Or rather\n\n<answer>Hi</answer>\n", "Hi"],
        ["<answer>a</answer> no, <answer>b</answer> no, <answer>c</answer> no, <answer>d</answer>", "d"]
      ] as const
    ) {
      assert.strictEqual(answerOf(reply), answer)
      assert.deepStrictEqual(
        errorOf(decodeEverySplit(XML, two, `<reasoning>r</reasoning>\n${reply}`)).issues.map(({ path }) => path),
        [["answer"]]
      )
      assert.deepStrictEqual(read(two, `${reply}\n<reasoning>r</reasoning>`), { reasoning: "r", answer })
    }
    assert.strictEqual(errorOf(decodeEverySplit(XML, qa, "<answer>a</answer> No: <answer>b")).issues.length, 1)
  })

  it("nothing of the next turn counts", () => {
    assert.strictEqual(answerOf("<answer>Hi</answer>\n\n<question>And?</question>\n<answer>No</answer>"), "Hi")
    assert.deepStrictEqual(
      read(two, "<answer>a</answer>\n<question>And?</question>\n<reasoning>r</reasoning>"),
      { reasoning: "r", answer: "a" }
    )
  })
})
