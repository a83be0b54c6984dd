/** What replies in sections look like in practice, and how they are read. */
import { assert, describe, it } from "@effect/vitest"
import * as Signature from "effect-lm/signature/Signature"
import { answerOf, Chat, qa, section, two } from "./chat/replies.ts"
import { decode, decodeEverySplit, errorOf, inPieces, valuesOf } from "./support/decode.ts"

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
