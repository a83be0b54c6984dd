/**
 * Thoughts in the text: what is told apart, and what is prose that speaks of the tags. The text is cut at every place.
 */
import { assert, describe, it } from "@effect/vitest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as Splitter from "../../../../src/text/thoughts/splitter.ts"
import * as WireServer from "../../../support/wireServer.ts"
import { atOnce, decode } from "../../support/decoding.ts"

const { chunk, done, stop } = WireServer

/** The thought and the answer of a text, the same wherever it is cut. */
const split = (text: string): readonly [thought: string, answer: string] => {
  const of = (...pieces: ReadonlyArray<string>) => {
    const { reasoning, text } = atOnce(pieces.map((content) => chunk({ content })).join("") + stop + done)
    return [reasoning, text] as const
  }
  const expected = of(text)
  for (let at = 0; at <= text.length; at++) {
    assert.deepStrictEqual(of(text.slice(0, at), text.slice(at)), expected, `cut at ${at}`)
  }
  assert.deepStrictEqual(of(...text), expected, "one by one")
  return expected
}

describe("thoughts in the text", () => {
  const rows: ReadonlyArray<readonly [name: string, text: string, thought: string, answer: string]> = [
    ["at the start", "<think>hm</think>\n\nParis", "hm", "Paris"],
    ["after white space", " \r\n\t<think>\nhm\n</think>\n\nParis", "\nhm\n", "Paris"],
    ["two in a row", "<think>a</think>\n<think>b</think>\nParis", "ab", "Paris"],
    ["blank lines after it, not the indentation", "<think>a</think>\n  \n\n  Paris", "a", "  Paris"],
    ["without the opening", "The user said hello.\n</think>\n\nHello!", "The user said hello.\n", "Hello!"],
    ["without the opening, CRLF", "Hm.\r\n</think>\r\nHello!", "Hm.\r\n", "Hello!"],
    ["without the opening, indented", "Hm.\n  </think>  \nHello!", "Hm.\n  ", "Hello!"],
    ["without the opening, the answer on its line", "thought\n</think>ans", "thought\n", "ans"],
    ["without the opening, at the end of a line", "thought</think>\nans", "thought", "ans"],
    ["without the opening, at the end of a line, CRLF", "Hm. </think>\r\nans", "Hm. ", "ans"],
    ["other names", "<thinking>hm </think> <x></thinking>\nParis", "hm </think> <x>", "Paris"],
    ["other names, too", " <thought>hm</thought>Paris", "hm", "Paris"],
    ["capitals", "<THINK>hm</THINK>Paris", "hm", "Paris"],
    ["capitals at the beginning only", "<Think>hm</think>Paris", "hm", "Paris"],
    ["after a byte order mark", "\ufeff\n<think>hm</think>Paris", "hm", "Paris"],
    ["opened twice", "<think>\n<think>\nhm</think>\nParis", "\n\nhm", "Paris"],
    ["opened and closed twice", "<think><think>hm</think></think>Paris", "hm", "Paris"],
    ["a thought that speaks of tags", "<think><thin <think> </thi</think>Paris", "<thin <think> </thi", "Paris"],
    ["without the opening, at the end of a line, before a blank one", "Hm.</think>\n\nHello!", "Hm.", "Hello!"],
    ["the same with a line that only looks empty", "Hm.</think> \r\n \r\nHello!", "Hm.", "Hello!"],
    ["without the opening and an answer", "Hm.\n</think>", "Hm.\n", ""],
    ["a thought of no words", "</think>\n\nHello!", "", "Hello!"],
    ["a thought of white space", "\n\n</think>\n\nHello!", "", "Hello!"],
    ["after a code block that is closed", "```\nx\n```\nHm.\n</think>\nHello!", "```\nx\n```\nHm.\n", "Hello!"],
    ["after code in one line", "```x``` `y`\n</think>\nHello!", "```x``` `y`\n", "Hello!"],
    ["the first one only", "Hm.\n</think>\nUse\n</think>\nso.", "Hm.\n", "Use\n</think>\nso."],
    ["after what looks like a tag", "a <b </think <thin\n</think>\nc", "a <b </think <thin\n", "c"],
    ["without the opening, another name", "Hm.\n</thinking>\n\nHello!", "Hm.\n", "Hello!"],
    ["without the opening, capitals", "Hm.\n</THINK>\n\nHello!", "Hm.\n", "Hello!"],
    ["without the opening, brackets", "Hm.[/THINK]\nHello!", "Hm.", "Hello!"],
    ["without the opening, triangles", "Hm.\n◁/think▷Hello!", "Hm.\n", "Hello!"],
    ["a thought of no words, another name", "</thinking>\nHello!", "", "Hello!"],
    ["brackets", "[THINK]hm[1] [/x[/THINK]Paris", "hm[1] [/x", "Paris"],
    ["triangles", "◁think▷hm ◁/thin ◁/think▷\nParis", "hm ◁/thin ", "Paris"],
    ["a name with a prefix", "<seed:think>hm</seed:think>Paris", "hm", "Paris"],
    ["a channel of thoughts", "<|channel>thought\nhm <channel\n<channel|>Paris", "\nhm <channel\n", "Paris"],
    ["a channel without thoughts", "<|channel>thought\n<channel|>Paris", "\n", "Paris"],
    ["a channel of thoughts, without the opening", "hm\n<channel|>Paris", "hm\n", "Paris"],
    ["tokens without a name", "<unused94>thought\nhm<unused95>Paris", "\nhm", "Paris"],
    ["marks of the beginning and the end", "<|begin_of_thought|>hm<|end_of_thought|>\nParis", "hm", "Paris"],
    [
      "channels",
      "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Paris <|x|> <|return|>",
      "hm",
      "Paris <|x|> "
    ],
    [
      "several thoughts in channels",
      "<|start|>assistant<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>analysis<|message|>b<|end|>" +
      "<|start|>assistant<|channel|>final<|message|>Use <|end|> so<|ret",
      "ab",
      "Use <|end|> so<|ret"
    ],
    ["an answer in its channel", "<|channel|>final<|message|>Paris<|end|>", "", "Paris"],
    ["a channel that is none", "<|channel|>fin", "", "<|channel|>fin"],
    ["with another thought after it", "a\n</think>\n<think>b</think>c", "a\nb", "c"]
  ]
  for (const [name, text, thought, answer] of rows) {
    it(name, () => assert.deepStrictEqual(split(text), [thought, answer]))
  }

  const prose = [
    "Close it with </think> and go on.",
    "The tag `</think>`\nends it.",
    "The tag is \"</think>\nas you know.",
    "The tag is “</think>”\nas you know.",
    "<thinker>\nno",
    "```\nthought\n</think>\n\nanswer\n```\n",
    "```xml\n</think>\n",
    "Write <think>\nhm\n</think>\n\nand so on.",
    "a </think>x\n\nb",
    "a</think>b",
    "[THINKER] no",
    "See [/thinking] and [1].\n[/think",
    "a<|end|>\nb",
    "`</thinking>`\nno",
    "a <think>b</think>\n\nc",
    "no tag\n</think",
    "a</think>",
    "  a",
    "\n"
  ]
  for (const text of prose) {
    it(`prose: ${JSON.stringify(text)}`, () => assert.deepStrictEqual(split(text), ["", text]))
  }

  it("the text so far is taken back by one event, and what was said is there before the thought is over", () => {
    const body = chunk({ content: "Hm." }) + chunk({ content: "\n</think>\n\n" }) + chunk({ content: "Yes" })
    const restarts: Array<string> = []
    const { failure } = decode(body + stop + done)
    assert.isUndefined(failure)
    const tags = Splitter.make()
    const out: Array<Splitter.Stretch> = []
    tags.push("Hm.", out)
    assert.deepStrictEqual(out, [{ reasoning: false, text: "Hm." }])
    tags.push("\n</think>\n\n", out)
    for (const { restart } of out) if (restart) restarts.push("restart")
    assert.deepStrictEqual(restarts, ["restart"])
  })

  it("no more is looked for once the answer is sure", () => {
    for (const text of ["<think>a</think>b", "a\n</think>\nb", "a <think> b"]) {
      const tags = Splitter.make()
      tags.push(text, [])
      assert.isTrue(tags.settled(), text)
    }
  })

  it("is all the same to a response that is gathered as it comes", () => {
    const builder = LMResponse.builder()
    builder.push([{ _tag: "TextDelta", index: 0, text: "a" }, { _tag: "ThoughtEnd", index: 0 }])
    assert.deepStrictEqual(builder.result().completions[0]!.content, [{ _tag: "Reasoning", text: "a" }])
  })
})
