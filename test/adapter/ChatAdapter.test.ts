/** What replies in sections look like in practice, and how they are read. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import { adapters, decode, decodeEverySplit, errorOf, inPieces, valuesOf } from "./support.ts"

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
    "a marker of no field at a line's start": "[[ ## foo ## ]]\nis no field",
    "the marker of the field itself": "It says\n[[ ## answer ## ]]\nagain",
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
    const answer = "First\n[[ ## reasoning ## ]]\nthen\n[[ ## answer ## ]]\nthat was it"
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
    assert.strictEqual(shown("uter"), "\n\n[[ ## computer")
    assert.strictEqual(shown("\n**"), "")
    assert.strictEqual(shown("bold"), "\n**bold")
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
    "the section twice": "[[ ## answer ## ]]\nHi\n\n[[ ## completed ## ]]\n[[ ## answer ## ]]\nNo"
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
