/** What replies in sections look like in practice, and how they are read. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import { adapters, decode, decodeEverySplit, errorOf, inPieces, valuesOf } from "./support/decode.ts"

const { Chat } = adapters
const qa = Signature.make("question -> answer")
const two = Signature.make("question -> reasoning, answer")

/** The answer, the same in every split. */
const answerOf = (reply: string, signature: Signature.Any = qa) =>
  valuesOf(decodeEverySplit(Chat, signature, reply))["answer"]

const section = (content: string) => `[[ ## answer ## ]]\n${content}\n\n[[ ## completed ## ]]`

describe("content", () => {
  const contents = {
    "a wiki link": "see [[Page]] for details.",
    "indexing": "x = a[[0, 1]] done and more",
    "a nested list": "[[1, 2], [3]]",
    "a matrix": "Matrix: [[1, 2]]\n[[3, 4]]",
    "one bracket at the end of a line": "a [\n[ b\n]",
    "brackets at the end": "the end [[",
    "a quoted marker in a line":
      "Use the [[ ## foo ## ]] marker and the [[ ## answer ## ]] one, then [[ ## completed ## ]]. Fine.",
    "the last marker, quoted at a line's end": "It ends with [[ ## completed ## ]]\nand that is all.",
    "a marker of no field at a line's start, with text behind it": "[[ ## foo ## ]] is no field",
    "a marker of no field in a code fence": "It looks so:\n```\n[[ ## foo ## ]]\nx\n```\nthere",
    "a tag of thoughts": "a </think> here\nand `</think>` there",
    "markers in a code fence":
      "It says\n```\n[[ ## answer ## ]]\nx\n\n[[ ## completed ## ]]\n```\n- ~~~\n  [[ ## completed ## ]]\n  ~~~\nthere",
    "a fence in a fence": "````md\n```\n[[ ## completed ## ]]\n```\n[[ ## completed ## ]]\n````",
    "something like a marker": "[[ answer ]]\n[[answer]]\n[ ## answer ## ]\n## answer ##",
    "the last marker without hashes inside": "[[ completed ]]\nis the word",
    "a wiki link to the last marker's name": "as in [[completed]]",
    "bold and lists": "**bold** text\n* one\n* two\n***\n**",
    "windows line ends": "a\r\nb\r\n\r\nc",
    "old line ends": "a\rb",
    "emoji and accents": "日本語👍🏽 e\u0301",
    "a code fence": "```python\nx = [[1]]\n```",
    "empty": ""
  }
  for (const [name, content] of Object.entries(contents)) {
    it(name, () => {
      assert.strictEqual(answerOf(section(content)), content)
      // Line ends of another kind around it.
      assert.strictEqual(answerOf(`[[ ## answer ## ]]\r\n${content}\r\n\r\n[[ ## completed ## ]]\r\n`), content)
      assert.strictEqual(answerOf(`[[ ## answer ## ]]\r${content}\r[[ ## completed ## ]]`), content)
    })
  }

  it("a value that quotes the markers of fields seen before", () => {
    const answer =
      "First\n`[[ ## reasoning ## ]]`, then\n```\n[[ ## answer ## ]]\n```\n[[ ## reasoning ## ]], that was it"
    assert.deepStrictEqual(
      valuesOf(decodeEverySplit(Chat, two, `[[ ## reasoning ## ]]\nr\n\n${section(answer)}`)),
      { reasoning: "r", answer }
    )
  })
})

describe("pieces as they really come", () => {
  it("tokens of a marker, line ends of their own", () => {
    for (
      const pieces of [
        ["[[", " ##", " answer", " ##", " ]]\n", "Hi", " there", "\n\n", "[[", " ##", " completed", " ##", " ]]"],
        ["[[ ## answer ## ]]", "\n\n", "Hi", " there", "\n", "\n", "[[ ## completed ## ]]"],
        ["[[ ## answer ## ]]\nHi there\n\n[[ ## completed ## ]]"],
        ["[[ ## answer ## ]]\nHi there"],
        inPieces(section("Hi there"), [1])
      ]
    ) {
      const decoded = decode(Chat, qa, pieces)
      assert.deepStrictEqual(decoded.texts, { answer: "Hi there" })
      assert.deepStrictEqual(valuesOf(decoded), { answer: "Hi there" })
    }
  })

  it("only what may become a marker waits", () => {
    const decoder = Chat.decoder(qa)
    const shown = (text: string) => decoder.push(text).map((part) => part.text).join("")
    decoder.push("[[ ## answer ## ]]\n")
    assert.strictEqual(shown("Hello"), "Hello")
    assert.strictEqual(shown(" world "), " world")
    assert.strictEqual(shown("a[0]"), " a[0]")
    assert.strictEqual(shown(" [["), "")
    assert.strictEqual(shown(" ##"), "")
    assert.strictEqual(shown(" x"), " [[ ## x")
    assert.strictEqual(shown("\n\n[[ ## comp"), "")
    assert.strictEqual(shown("uter"), "")
    assert.strictEqual(shown("\nx"), "\n\n[[ ## computer\nx")
    assert.strictEqual(shown("\n**"), "")
    assert.strictEqual(shown("bold"), "\n**bold")
    assert.strictEqual(shown("\n- "), "")
    assert.strictEqual(shown("item"), "\n- item")
  })

  it("a field ends and the next begins in one piece", () => {
    const decoded = decode(Chat, two, ["[[ ## reasoning ## ]]\nBe", "cause\n\n[[ ## answer ## ]]\nYe", "s"])
    assert.deepStrictEqual(decoded.parts, [
      { field: "reasoning", text: "Be", isLast: false },
      { field: "reasoning", text: "cause", isLast: true },
      { field: "answer", text: "Ye", isLast: false },
      { field: "answer", text: "s", isLast: false },
      { field: "answer", text: "", isLast: true }
    ])
  })
})

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

describe("sections that nobody asked for", () => {
  const replies = {
    "of an input": "[[ ## answer ## ]]\nHi\n\n[[ ## question ## ]]\nAnd of Spain?",
    "of an input, with text on its line where others have it":
      "[[ ## answer ## ]] Hi\n\n[[ ## question ## ]] And of Spain?",
    "in bold": "[[ ## answer ## ]]\nHi\n\n**[[ ## citations ## ]]**\n[1]",
    "before the first": "[[ ## notes to myself ## ]]\nx\n\n[[ ## answer ## ]]\nHi",
    "at the reply's end": "[[ ## answer ## ]]\nHi\n\n[[ ## citations ## ]]",
    "behind a code fence that is closed": "[[ ## answer ## ]]\nHi\n[[ ## code ## ]]\n```\nx\n```\n[[ ## more ## ]]\nx"
  }
  for (const [name, reply] of Object.entries(replies)) {
    it(name, () => assert.strictEqual(answerOf(reply), "Hi"))
  }

  it("between two fields", () => {
    const reply = "[[ ## reasoning ## ]]\nr\n\n[[ ## plan ## ]]\nx\n[[ ## reasoning ## ]]\ny\n\n[[ ## answer ## ]]\na"
    assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, two, reply)), { reasoning: "r", answer: "a" })
  })
})

describe("the last marker too early", () => {
  it("the fields that are missing still count", () => {
    for (
      const reply of [
        "[[ ## reasoning ## ]]\nr\n\n[[ ## completed ## ]]\n\n[[ ## answer ## ]]\na\n\n[[ ## completed ## ]]",
        "[[ ## reasoning ## ]] r [[ ## completed ## ]]\n[[ ## answer ## ]] a [[ ## completed ## ]]",
        "[[ ## reasoning ## ]] r [[ ## completed ## ]] [[ ## answer ## ]] a [[ ## completed ## ]]",
        "[[ ## reasoning ## ]]\nx\n[[ ## completed ## ]]\nWell.\n[[ ## reasoning ## ]]\nr\n[[ ## answer ## ]]\na"
      ]
    ) {
      assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, two, reply)), { reasoning: "r", answer: "a" }, reply)
    }
  })

  it("but not those of the next turn", () => {
    const reply =
      "[[ ## reasoning ## ]]\nr\n\n[[ ## completed ## ]]\n\n[[ ## question ## ]]\nq\n\n[[ ## answer ## ]]\na"
    const error = errorOf(decodeEverySplit(Chat, two, reply))
    assert.deepStrictEqual([error.parsed, error.missing], [{ reasoning: "r" }, ["answer"]])
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

describe("code fences", () => {
  it("without an end hide no marker", () => {
    const reply = "[[ ## reasoning ## ]]\n```py\nx\n\n[[ ## answer ## ]]\na\n\n[[ ## completed ## ]]"
    for (const more of ["", "\n```"]) {
      assert.deepStrictEqual(
        valuesOf(decodeEverySplit(Chat, two, reply + more)),
        { reasoning: "```py\nx", answer: "a" }
      )
    }
    assert.strictEqual(answerOf(section("```py\nx")), "```py\nx")
  })

  it("around the end of a reply that has no other are asked again", () => {
    const error = errorOf(decodeEverySplit(Chat, qa, `${section("```py\nx")}\n\`\`\``))
    assert.deepStrictEqual(error.issues.map(({ path }) => path), [["answer"]])
  })
})

describe("a JSON object in place of the sections", () => {
  const typed = Signature.make("question -> answer, tags: list[str]")
  const object = "{\"answer\": \"see [[ ## answer ## ]]\\n[[ ## tags ## ]]\", \"tags\": [\"a\"]}"
  const values = { answer: "see [[ ## answer ## ]]\n[[ ## tags ## ]]", tags: ["a"] }

  it("is read, with or without a fence or words around it", () => {
    for (
      const reply of [
        object,
        `\n ${object}\n\n[[ ## completed ## ]]`,
        `\`\`\`json\n${object}\n\`\`\``,
        `\`\`\`\n${object}\n\`\`\`\nDone.`,
        `Here it is:\n\n${object}`,
        `Let me see {this}.\n</think>\n\n${object}`,
        `[[ ## answer ## ]]\nLondon?\n</think>\n${object}`
      ]
    ) {
      assert.deepStrictEqual(valuesOf(decodeEverySplit(Chat, typed, reply)), values, reply)
    }
  })

  it("streams where the reply begins with it", () => {
    const decoder = Chat.decoder(typed)
    assert.deepStrictEqual(decoder.push("```json\n{\"answer\": \"Hi"), [{ field: "answer", text: "Hi", isLast: false }])
  })

  it("is none where a section was there, or no field in it", () => {
    assert.deepStrictEqual(errorOf(decodeEverySplit(Chat, typed, "{\"other\": 1}")).missing, ["answer", "tags"])
    assert.strictEqual(answerOf("{so}\n[[ ## answer ## ]]\n{\"answer\": 1}"), "{\"answer\": 1}")
    assert.deepStrictEqual(errorOf(decode(Chat, qa, ["[[ ## question ## ]]\n{\"answer\": 1}"])).missing, ["answer"])
  })
})

describe("values that are no text", () => {
  const typed = Signature.fromSchemas({
    inputs: {},
    outputs: {
      value: Schema.Union([
        Schema.Array(Schema.String),
        Schema.Struct({ n: Schema.Finite }),
        Schema.Boolean,
        Schema.Int,
        Schema.Literals(["spam", "ham"])
      ])
    }
  })
  const read = (schema: Signature.Any, text: string) =>
    valuesOf(decodeEverySplit(Chat, schema, `[[ ## value ## ]]\n${text}\n\n[[ ## completed ## ]]`))["value"]

  it("JSON, also in a code fence, with words around it, in Python's spelling, with small mistakes", () => {
    for (
      const text of [
        `["a", "b"]`,
        `[\n  "a",\n  "b"\n]`,
        "```json\n[\"a\", \"b\"]\n```",
        "```\n[\"a\", \"b\"]\n```",
        `Here is the list: ["a", "b"]`,
        `["a", "b"] (two of them)`,
        `['a', 'b']`,
        `["a", "b",]`,
        `[a, b]`,
        `"[\\"a\\", \\"b\\"]"`
      ]
    ) {
      assert.deepStrictEqual(read(typed, text), ["a", "b"], text)
    }
    assert.deepStrictEqual(read(typed, "{n: 1}"), { n: 1 })
    assert.deepStrictEqual(read(typed, "{'n': 1,}"), { n: 1 })
  })

  it("booleans and numbers in any spelling", () => {
    const flag = Signature.fromSchemas({ inputs: {}, outputs: { value: Schema.Boolean } })
    for (const text of ["true", "True", "TRUE", "\"true\"", "```json\ntrue\n```"]) {
      assert.strictEqual(read(flag, text), true, text)
    }
    const count = Signature.fromSchemas({ inputs: {}, outputs: { value: Schema.Int } })
    for (const text of ["42", " 42 ", "\"42\"", "'42'", "`42`"]) assert.strictEqual(read(count, text), 42, text)
    for (const text of ["42.5", "about 42", "forty", "[42]", ""]) {
      const decoded = decode(Chat, count, [`[[ ## value ## ]]\n${text}`])
      assert.deepStrictEqual(errorOf(decoded).issues.map(({ path }) => path), [["value"]], text)
    }
  })

  it("literals unquoted, quoted, in another case where that is one value", () => {
    const literal = Signature.make("mail -> value: 'spam' | 'ham' | 'Ham!'")
    for (const text of ["spam", "\"spam\"", "'spam'", "`spam`", "Spam", "\"SPAM\"", "```\nspam\n```"]) {
      assert.strictEqual(read(literal, text), "spam", text)
    }
    for (const text of ["egg", "spam or ham", "spa"]) {
      assert.deepStrictEqual(errorOf(decode(Chat, literal, [`[[ ## value ## ]]\n${text}`])).missing, [], text)
    }
    const cased = Signature.make("q -> value: 'a' | 'A'")
    assert.strictEqual(read(cased, "A"), "A")
    const numbers = Signature.make("q -> value: 1 | 2 | true")
    assert.strictEqual(read(numbers, "2"), 2)
    assert.strictEqual(read(numbers, "True"), true)
    const nullable = Signature.make("q -> value: 'a' | None")
    assert.strictEqual(read(nullable, "None"), null)
    assert.strictEqual(read(nullable, "null"), null)
    assert.strictEqual(read(nullable, "a"), "a")
  })

  it("null, and what only looks like it", () => {
    const nullable = Signature.make("q -> value: str | None")
    for (const text of ["null", "None"]) assert.strictEqual(read(nullable, text), null)
    for (const text of ["nullable", "nul", "None of them", "N", "NULL", ""]) {
      assert.strictEqual(read(nullable, text), text)
    }
    assert.strictEqual(read(Signature.make("q -> value"), "null"), "null")
    assert.strictEqual(read(Signature.make("q -> value: int | None"), "None"), null)
  })

  it("a string or a number, by how it is written", () => {
    const union = Signature.make("q -> value: str | int")
    assert.strictEqual(read(union, "42"), 42)
    assert.strictEqual(read(union, "\"42\""), "42")
    assert.strictEqual(read(union, "some words"), "some words")
    assert.strictEqual(read(union, "see [1] there"), "see [1] there")
  })

  it("what is not whole is an error", () => {
    const list = Signature.make("q -> value: list[int]")
    for (const text of ["[1, 2", "[1, 2, ", "[1, 2}", "[1 2", "nothing", "{\"a\": 1}"]) {
      assert.deepStrictEqual(
        errorOf(decode(Chat, list, [`[[ ## value ## ]]\n${text}`])).issues.map(({ path }) => path[0]),
        ["value"],
        text
      )
    }
  })
})
