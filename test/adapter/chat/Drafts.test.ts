/** Sections that are no part of the reply: thoughts, and what is corrected behind them. */
import { assert, describe, it } from "@effect/vitest"
import * as Signature from "effect-lm/signature/Signature"
import { decodeEverySplit, errorOf, valuesOf } from "../support/decode.ts"
import { answerOf, Chat, qa, section, two } from "./replies.ts"

describe("a thought without its opening tag", () => {
  it("its draft is taken back", () => {
    for (
      const draft of [
        "Let me see.\n[[ ## answer ## ]]\nLondon?\nNo.",
        "[[ ## answer ## ]]\nLondon\n[[ ## completed ## ]]\nNo.",
        "[[ ## answer ## ]]\nLondon\n[[ ## completed ## ]]\n\n[[ ## question ## ]]\nx",
        "I begin with: [[ ## answer ## ]]\nLondon\n\n[[ ## reasoning ## ]]\nx"
      ]
    ) {
      for (const space of ["", "\n", "\n\nHere it is:\n\n"]) {
        const reply = `${draft}</think>${space}[[ ## reasoning ## ]]\nr\n[[ ## answer ## ]]\nParis`
        const decoded = decodeEverySplit(Chat, two, reply)
        assert.deepStrictEqual(valuesOf(decoded), { reasoning: "r", answer: "Paris" }, reply)
        assert.isTrue(decoded.parts.some((part) => part.anew === true))
        // Where the next turn had begun in it, a second thought is that turn's.
        if (draft.includes("question")) continue
        const again = `${draft}\n</think>\n${draft}\n</think>${space}[[ ## answer ## ]]\nParis`
        assert.strictEqual(answerOf(again), "Paris")
      }
    }
  })

  it("without a draft nothing is taken back", () => {
    const decoded = decodeEverySplit(Chat, qa, "Let me see.\n</think>\n\n[[ ## answer ## ]]\nParis")
    assert.deepStrictEqual(valuesOf(decoded), { answer: "Paris" })
    assert.isFalse(decoded.parts.some((part) => part.anew === true))
  })
})

describe("thoughts in other tags", () => {
  const tags = [
    ["<think>", "</think>"],
    ["<Thinking>", "</THINKING>"],
    ["<thought>", "</thought>"],
    ["<reasoning>", "</reasoning>"],
    ["<seed:think>", "</seed:think>"],
    ["[THINK]", "[/THINK]"],
    ["\u25c1think\u25b7", "\u25c1/think\u25b7"],
    ["<unused94>thought\n", "<unused95>"],
    ["<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"]
  ] as const
  const noted = Signature.make("question -> note: str | None, answer")
  const draft = "Maybe\n[[ ## note ## ]]\nn\n[[ ## answer ## ]]\nLondon\n\n[[ ## completed ## ]]\n"
  const reply = "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"
  for (const [open, close] of tags) {
    it(open.trim(), () => {
      const paris = { note: null, answer: "Paris" }
      const decoded = decodeEverySplit(Chat, noted, `\n${open}${draft}${close}\n${open}${close}${reply}`)
      assert.deepStrictEqual(valuesOf(decoded), paris)
      assert.isFalse(decoded.parts.some((part) => part.anew === true))
      assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, noted, `Hm.\n${draft}${close}${reply}`)), paris)
      // A field may begin with one too.
      const inside = `[[ ## answer ## ]]\n${open}Maybe [[ ## note ## ]] ${close}\n\nParis\n\n[[ ## completed ## ]]`
      assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, noted, inside)), paris)
    })

    it(`${open.trim()} that has no end, or one behind text, is asked again`, () => {
      assert.deepStrictEqual(errorOf(decodeEverySplit(Chat, qa, `${open}${reply}`)).missing, ["answer"])
      for (const text of [`${open}hm`, `Paris\n${open}hm\n${close}\nLondon`, `Paris? No. ${close}\nLondon`]) {
        assert.deepStrictEqual(errorOf(decodeEverySplit(Chat, qa, section(text))).parsed, {}, text)
      }
    })
  }
})

describe("a reply that is corrected", () => {
  const first = "[[ ## reasoning ## ]]\nq\n\n[[ ## answer ## ]]\nLondon"
  const second = "[[ ## reasoning ## ]]\nr\n\n[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"
  const end = "\n\n[[ ## completed ## ]]\n"

  it("begins anew behind its end, and where it takes back what it says", () => {
    for (
      const reply of [
        `${first}${end}${second}`,
        `${first}${end}\nWait, correcting:\n\n${second}`,
        `${first}${end}Corrected: ${second}`,
        `${first}${end}${first}${end}No.\n\n${second}`,
        `${first}\n\nNo, wait. That was not right.\n\n${second}`,
        "[[ ## reasoning ## ]] q [[ ## answer ## ]] London [[ ## completed ## ]]\n" +
        "[[ ## reasoning ## ]] r [[ ## answer ## ]] Paris [[ ## completed ## ]]"
      ]
    ) {
      const decoded = decodeEverySplit(Chat, two, reply)
      assert.deepStrictEqual(valuesOf(decoded), { reasoning: "r", answer: "Paris" }, reply)
      assert.isTrue(decoded.parts.some((part) => part.anew === true), reply)
    }
  })

  it("is asked again where only a part of it comes again, or nothing says which one counts", () => {
    const noted = Signature.make("question -> note: str | None, answer")
    for (
      const [signature, reply] of [
        [two, `${first}${end}[[ ## answer ## ]]\nParis${end}`],
        [noted, `[[ ## note ## ]]\nn\n[[ ## answer ## ]]\nLondon${end}[[ ## answer ## ]]\nParis${end}`],
        [two, `${first}\n\n${second}`],
        [two, `${first}\n[[ ## answer ## ]] Paris${end}`],
        [qa, section("London\n[[ ## answer ## ]]\nParis")],
        [qa, `${section("London")}\n[[ ## answer ## ]] Paris`]
      ] as const
    ) {
      assert.isAbove(errorOf(decodeEverySplit(Chat, signature, reply)).issues.length, 0, reply)
    }
  })

  it("not where its markers are only spoken of", () => {
    for (
      const words of [
        "I filled [[ ## reasoning ## ]] and [[ ## answer ## ]].",
        "- [[ ## reasoning ## ]]: filled\n- `[[ ## answer ## ]]` is filled",
        "[[ ## reasoning ## ]]\n[[ ## answer ## ]]\n[[ ## completed ## ]]",
        "See [[ ## answer ## ]]\nabove",
        "[[ ## answer ## ]]\n"
      ]
    ) {
      const decoded = decodeEverySplit(Chat, two, `${first}${end}${words}`)
      assert.deepStrictEqual(valuesOf(decoded), { reasoning: "q", answer: "London" }, words)
    }
  })

  it("is the whole reply where the form was repeated first", () => {
    const form = "[[ ## reasoning ## ]]\n{reasoning}\n\n[[ ## answer ## ]]\n{answer}\n\n"
    for (const between of ["", "[[ ## completed ## ]]\n\n"]) {
      assert.deepStrictEqual(
        valuesOf(decodeEverySplit(Chat, two, `${form}${between}${second}`)),
        { reasoning: "r", answer: "Paris" }
      )
    }
    assert.deepStrictEqual(errorOf(decodeEverySplit(Chat, two, form)).parsed, {})
  })
})
