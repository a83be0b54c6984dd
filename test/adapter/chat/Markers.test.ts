/** What models do to markers: which are taken for one, and which are content. */
import { assert, describe, it } from "@effect/vitest"
import * as Signature from "effect-lm/signature/Signature"
import { decodeEverySplit, errorOf, valuesOf } from "../support/decode.ts"
import { answerOf, Chat, section, two } from "./replies.ts"

describe("what models do to markers", () => {
  const replies = {
    "as it should be": section("Hi"),
    "without the last marker": "[[ ## answer ## ]]\nHi",
    "without the last marker's end": "[[ ## answer ## ]]\nHi\n\n[[ ## completed ##",
    "a last marker that is cut": "[[ ## answer ## ]]\nHi\n\n[[ ## comp",
    "a last marker that is cut early": "[[ ## answer ## ]]\nHi\n\n[[ #",
    "a last marker without hashes": "[[ ## answer ## ]]\nHi\n\n[[ completed ]]\n",
    "a last marker without its end, and more": "[[ ## answer ## ]]\nHi\n\n[[ ## completed ##\nWell done.",
    "the last marker in the line": "[[ ## answer ## ]] Hi [[ ## completed ## ]]",
    "the last marker in the line, cut": "[[ ## answer ## ]] Hi [[ ## completed ##",
    "text on the marker's line": "[[ ## answer ## ]] Hi",
    "bold": "**[[ ## answer ## ]]**\nHi\n\n**[[ ## completed ## ]]**",
    "bold and italic": "***[[ ## answer ## ]]***\nHi\n\n***[[ ## completed ## ]]***",
    "indented": "  [[ ## answer ## ]]\n  Hi\n  [[ ## completed ## ]]",
    "without spaces": "[[##answer##]]\nHi\n[[##completed##]]",
    "some spaces": "[[## answer ##]]\nHi\n[[ ##completed## ]]",
    "one hash": "[[ # answer # ]]\nHi\n[[ # completed # ]]",
    "no hashes at the right": "[[ ## answer ]]\nHi\n[[ ## completed ]]",
    "another case": "[[ ## Answer ## ]]\nHi\n[[ ## COMPLETED ## ]]",
    "words before": "Sure! Here it is, in sections ([[ ## answer ## ]] first):\n\n[[ ## answer ## ]]\nHi",
    "a code fence around all": "```\n[[ ## answer ## ]]\nHi\n\n[[ ## completed ## ]]\n```",
    "more after the last marker":
      "[[ ## answer ## ]]\nHi\n\n[[ ## completed ## ]]\n\n[[ ## question ## ]]\nNext?\n[[ ## answer ## ]]\nNo",
    "the section twice": "[[ ## answer ## ]]\nNo\n\n[[ ## completed ## ]]\n[[ ## answer ## ]]\nHi",
    "the marker twice": "[[ ## answer ## ]]\n\n[[ ## answer ## ]]\nHi",
    "the marker twice, then text on its line": "[[ ## answer ## ]]\n**[[ ## answer ## ]]** Hi",
    "three brackets": "[[[ ## answer ## ]]]\nHi\n\n[[[ ## completed ## ]]]",
    "a bracket more": "[[ ## answer ## ]]]\nHi\n\n[[ ## completed ## ]]]",
    "the last marker in the line, and more below": "[[ ## answer ## ]] Hi [[ ## completed ## ]]\n[[ ## answer ## ]] Hi",
    "a last marker with another letter": "[[ ## answer ## ]]\nHi\n\n[[ ## c0mpleted ##]"
  }
  for (const [name, reply] of Object.entries(replies)) {
    it(name, () => assert.strictEqual(answerOf(reply), "Hi"))
  }

  it("a field that is named like the last marker", () => {
    const task = Signature.make("task -> completed, answer")
    const reply = "[[ ## completed ## ]]\nyes\n\n[[ ## answer ## ]]\nHi\n\n[[ ## completed ## ]]"
    assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, task, reply)), { completed: "yes", answer: "Hi" })
  })

  it("fields that differ in case only are told apart", () => {
    const cased = Signature.make("q -> a, A")
    const reply = "[[ ## A ## ]]\nbig\n\n[[ ## a ## ]]\nsmall\n\n[[ ## completed ## ]]"
    assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, cased, reply)), { a: "small", A: "big" })
  })

  it("fields in another order", () => {
    const reply = "[[ ## answer ## ]]\nYes\n\n[[ ## reasoning ## ]]\nBecause\n\n[[ ## completed ## ]]"
    assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, two, reply)), { reasoning: "Because", answer: "Yes" })
  })

  it("a reply without sections lacks every field", () => {
    const error = errorOf(decodeEverySplit(Chat, two, "Paris is the capital of France."))
    assert.deepStrictEqual(error.missing, ["reasoning", "answer"])
    assert.deepStrictEqual(error.parsed, {})
  })
})

describe("markers with a decoration", () => {
  const decorate: Readonly<Record<string, (marker: string) => string>> = {
    "heading": (marker) => `### ${marker}`,
    "list": (marker) => `- ${marker}`,
    "starred list": (marker) => `* ${marker}`,
    "numbered list": (marker) => `1. ${marker}`,
    "quote": (marker) => `> ${marker}`,
    "bold": (marker) => `**${marker}**`,
    "italics": (marker) => `_${marker}_`,
    "backticks": (marker) => `\`${marker}\``,
    "a bold list in a quote": (marker) => `> 2) **${marker}**`,
    "a colon": (marker) => `${marker}:`,
    "bold with a colon inside": (marker) => `**${marker}:**`,
    "bold with a colon behind": (marker) => `**${marker}**:`,
    "escapes": (marker) => marker.replaceAll(/[[\]_]/g, "\\$&"),
    "more escapes": (marker) => marker.replaceAll(/[[\]_#]/g, "\\$&"),
    "escapes in bold": (marker) => `**${marker.replaceAll(/[[\]]/g, "\\$&")}**`,
    "another case": (marker) => marker.toUpperCase(),
    "spaces": (marker) => marker.replace("_", " ").replace("key", "Key"),
    "dashes": (marker) => marker.replace("_", "-"),
    "no separator": (marker) => marker.replace("_p", "P")
  }
  const points = Signature.make("question -> key_points, answer")
  for (const [name, decorated] of Object.entries(decorate)) {
    it(name, () => {
      const [first, second, last] = ["key_points", "answer", "completed"].map((field) =>
        decorated(`[[ ## ${field} ## ]]`)
      )
      for (const space of ["\n", " "]) {
        const reply = `${first}${space}* one\n* two\n\n${second}${space}- Hi *there*\n\n${last}`
        assert.deepStrictEqual(
          valuesOf(decodeEverySplit(Chat, points, reply)),
          { key_points: "* one\n* two", answer: "- Hi *there*" },
          reply
        )
      }
    })
  }

  it("lines that begin like one are content", () => {
    for (
      const content of [
        "- a\n- b\n-",
        "42",
        "1. a\n2. b\n3",
        "> quote\n>",
        "# a\n#",
        "`x`\n``",
        "- [x] done\n- [[x]]",
        "\\[x\\]"
      ]
    ) {
      assert.strictEqual(answerOf(`[[ ## answer ## ]]\n${content}`), content)
      assert.strictEqual(answerOf(section(content)), content)
    }
  })
})

describe("markers behind text", () => {
  const isAnew = (signature: Signature.Any, reply: string) =>
    decodeEverySplit(Chat, signature, reply).parts.some((part) => part.anew === true)

  it("count where nothing else can be meant", () => {
    for (
      const [reply, reasoning, answer] of [
        ["[[ ## reasoning ## ]] r [[ ## answer ## ]] a [[ ## completed ## ]]", "r", "a"],
        ["Sure! [[ ## reasoning ## ]] r. [[ ## answer ## ]] a", "r.", "a"],
        ["Sure: **[[ ## reasoning ## ]]**\nr\n[[ ## answer ## ]]\na", "r", "a"],
        ["[[ ## reasoning ## ]]\nSo it is. [[ ## answer ## ]] a\n\n[[ ## completed ## ]]", "So it is.", "a"],
        ["[[ ## reasoning ## ]]\nSo it is [[ ## answer ## ]]\na", "So it is", "a"]
      ] as const
    ) {
      assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, two, reply)), { reasoning, answer }, reply)
      assert.isFalse(isAnew(two, reply))
    }
  })

  it("are mentions where the marker follows at the start of a line", () => {
    for (
      const [prose, isRetracted] of [
        ["I will fill [[ ## answer ## ]] next.", false],
        ["Next comes the `[[ ## answer ## ]]` section", false],
        ["\"[[ ## answer ## ]]\" is next", false],
        ["I will fill [[ ## answer ## ]]", true],
        ["Next: [[ ## answer ## ]] as it was asked", true]
      ] as const
    ) {
      const reply = `[[ ## reasoning ## ]]\n${prose}\n\n[[ ## answer ## ]]\na\n\n[[ ## completed ## ]]`
      assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, two, reply)), { reasoning: prose, answer: "a" }, reply)
      assert.strictEqual(isAnew(two, reply), isRetracted, reply)
      assert.strictEqual(answerOf(`${prose}\n\n[[ ## answer ## ]]\na`), "a")
    }
  })

  it("are asked again where two could be meant, or a mention is all there is", () => {
    for (
      const reply of [
        "[[ ## reasoning ## ]] r [[ ## answer ## ]] as in [[ ## answer ## ]] a",
        "[[ ## reasoning ## ]]\nI will fill [[ ## answer ## ]] next.\n\n[[ ## completed ## ]]"
      ]
    ) {
      assert.deepStrictEqual(errorOf(decodeEverySplit(Chat, two, reply)).issues.map(({ path }) => path), [["answer"]])
    }
  })
})

describe("what is nearly a marker", () => {
  const noted = Signature.make("question -> answer, note: str | None, tags: list[str]")
  const replyWith = (marker: string, ending = "[[ ## completed ## ]]") =>
    `[[ ## answer ## ]]\nParis\n\n[[ ## tags ## ]]\n["a"]\n\n${marker}\nn\n\n${ending}`
  const values = { answer: "Paris", note: "n", tags: ["a"] }

  it("is one where it can be nothing else", () => {
    for (
      const marker of [
        "[[ ## note (optional) ## ]]",
        "[[ ## note: str | None ## ]]",
        "[[ ## note: list[str] ## ]]",
        "**[[ ## 3. Note ## ]]**",
        "[[ ## output: note ## ]]",
        "[[ ## note section ## ]]",
        "[[ ## note ## ]",
        "[ ## note ## ]]",
        "[ ## note ## ]",
        "[[ ## note ##",
        "## note ## ]]",
        "[[ note ## ]]",
        "{{ ## note ## }}",
        "[\n[ ## note ## ]]"
      ]
    ) {
      assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, noted, replyWith(marker))), values, marker)
    }
    for (
      const ending of [
        "[[ ## completed ## ]",
        "[ ## completed ## ]]",
        "## completed ##",
        "[ ## completed ## ]\nBye",
        "[[ # # completed ]]",
        "[x[ ## completed ## ]]"
      ]
    ) {
      const reply = replyWith("[[ ## note ## ]]", ending)
      assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, noted, reply)), values, ending)
    }
  })

  it("is one where the reply cannot be read without it", () => {
    for (const marker of ["[[answer]]", "## answer ##", "## Answer", "**answer**", "[[ ## answer", "[answer]"]) {
      const reply = `[[ ## reasoning ## ]]\nr\n\n${marker}\na\n\n[[ ## completed ## ]]`
      assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, two, reply)), { reasoning: "r", answer: "a" }, marker)
    }
    const line = "Here. [[ ## reasoning ## ]]\nwell then [[ ## answer ## ]] a [[ ## completed ## ]]"
    assert.isAbove(errorOf(decodeEverySplit(Chat, two, line)).issues.length, 0)
    const three = Signature.make("question -> plan, reasoning, answer")
    const several = "[[ ## plan ## ]]\np [[ ## reasoning ## ]] r [[ ## answer ## ]] a [[ ## completed ## ]]"
    assert.deepStrictEqual(
      valuesOf(decodeEverySplit(Chat, three, several)),
      { plan: "p", reasoning: "r", answer: "a" }
    )
  })

  it("is asked again where it may be something else", () => {
    for (
      const marker of [
        "[[note]]",
        "## note ##",
        "## Note",
        "**note**",
        "[note]",
        "[[ ## notes ## ]]",
        "[[ ## nte ## ]]",
        "[[ ## my note ## ]]",
        "[[ ## note ## ] x",
        "as [[ ## note ## ]] x",
        "[[ == note == ]]",
        "[[ ## no\nte ## ]]",
        "[[ ## note\n ## ]]",
        "[[ ## answer (continued) ## ]]"
      ]
    ) {
      const reply = replyWith(marker)
      assert.isAbove(errorOf(decodeEverySplit(Chat, noted, reply)).issues.length, 0, marker)
    }
    for (const ending of ["[[completed]]\nBye", "## completed ##\nBye", "It is [[ ## completed ## ]]\nBye"]) {
      const reply = replyWith("[[ ## note ## ]]", ending)
      assert.isAbove(errorOf(decodeEverySplit(Chat, noted, reply)).issues.length, 0, ending)
    }
    const twice = "[[ ## reasoning ## ]]\n## answer\nx\n\n## answer\na\n\n[[ ## completed ## ]]"
    assert.deepStrictEqual(errorOf(decodeEverySplit(Chat, two, twice)).missing, ["answer"])
  })

  it("is content where the field was there, and in a code fence", () => {
    const reply = (answer: string) =>
      `[[ ## note ## ]]\nn\n\n[[ ## tags ## ]]\n[]\n\n[[ ## answer ## ]]\n${answer}\n\n[[ ## completed ## ]]`
    for (const answer of ["a\n## note ##\n[[note]]\nb", "```\n[ ## note ## ]]\n[[ ## completed ## ]\n```"]) {
      assert.strictEqual(valuesOf(decodeEverySplit(Chat, noted, reply(answer)))["answer"], answer)
    }
    const fenced = "```\n[[ ## note ## ]]\n[[note]]\n```\nis the form"
    assert.deepStrictEqual(
      valuesOf(decodeEverySplit(Chat, Signature.make("question -> answer, note: str | None"), section(fenced))),
      { answer: fenced, note: null }
    )
  })
})
