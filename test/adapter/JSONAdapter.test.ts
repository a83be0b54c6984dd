/** What replies as a JSON object look like in practice, and how they are read. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import { adapters, decode, decodeEverySplit, errorOf, inPieces, valuesOf } from "./support/decode.ts"

const { JSON: json } = adapters
const qa = Signature.make("question -> answer")
const two = Signature.make("question -> reasoning, answer")

const read = (signature: Signature.Any, reply: string) => valuesOf(decodeEverySplit(json, signature, reply))
const answerOf = (reply: string) => read(qa, reply)["answer"]

describe("nothing leaks, nothing is quoted", () => {
  it("keys and values in a model's tokens", () => {
    const decoded = decode(json, two, [
      `{"`,
      "reason",
      "ing",
      `":"`,
      "Be",
      "cause",
      `","`,
      "ans",
      "wer",
      `":"`,
      "Yes",
      `"}`
    ])
    assert.deepStrictEqual(decoded.parts, [
      { field: "reasoning", text: "Be", isLast: false },
      { field: "reasoning", text: "cause", isLast: false },
      { field: "reasoning", text: "", isLast: true },
      { field: "answer", text: "Yes", isLast: false },
      { field: "answer", text: "", isLast: true }
    ])
  })

  it("keys and values in big pieces", () => {
    const decoded = decode(json, two, [`{"reasoning": "Be`, `cause", "answer": "Yes`, ` sir"}`])
    assert.deepStrictEqual(decoded.parts, [
      { field: "reasoning", text: "Be", isLast: false },
      { field: "reasoning", text: "cause", isLast: true },
      { field: "answer", text: "Yes", isLast: false },
      { field: "answer", text: " sir", isLast: true }
    ])
  })

  it("one character at a time, and the whole answer at once", () => {
    const reply = `{"reasoning": "Because", "answer": "Yes"}`
    for (const pieces of [[reply], inPieces(reply, [1])]) {
      assert.deepStrictEqual(decode(json, two, pieces).texts, { reasoning: "Because", answer: "Yes" })
    }
  })

  it("escapes and surrogate pairs", () => {
    assert.strictEqual(
      answerOf(String.raw`{"answer": "He said \"hi\"\nand \/left\\ \u00e9\u65e5 \ud83d\udc4d\b\f\r\t"}`),
      "He said \"hi\"\nand /left\\ é日 👍\b\f\r\t"
    )
  })

  it("half a surrogate pair becomes U+FFFD", () => {
    assert.strictEqual(answerOf(String.raw`{"answer": "a\ud83d"}`), "a\ufffd")
    assert.strictEqual(
      answerOf(String.raw`{"answer": "\ud83d b \udc4d \ud83d\ud83d\udc4d"}`),
      "\ufffd b \ufffd \ufffd👍"
    )
    assert.strictEqual(answerOf("{\"answer\": \"\ud83d\"}"), "\ufffd")
  })

  it("a number, then a string", () => {
    const decoded = decodeEverySplit(json, Signature.make("q -> n: int, answer"), `{"n": 42, "answer": "y"}`)
    assert.deepStrictEqual(decoded.texts, { n: "42", answer: "y" })
  })

  it("objects and lists are streamed as they are written", () => {
    const typed = Signature.make("q -> d: dict[str, int], items: list[str], answer")
    const decoded = decodeEverySplit(json, typed, `{"d": {"a": 1, "b": 2}, "items": ["x", "y]}"], "answer": "z"}`)
    assert.deepStrictEqual(decoded.texts, { d: `{"a": 1, "b": 2}`, items: `["x", "y]}"]`, answer: "z" })
    const first = decode(json, typed, [`{"d": {"a": 1, `, `"b": 2`, `}, "answer": "z"}`]).parts.map(({ text }) => text)
    assert.deepStrictEqual(first, [`{"a": 1`, `, "b":`, ` 2}`, "z"])
  })

  it("braces, the other key and its quoting inside a value", () => {
    const value = `use {x} and {"answer": 1} done, the answer is clear", "answer": "no`
    assert.deepStrictEqual(read(two, JSON.stringify({ reasoning: value, answer: "yes" })), {
      reasoning: value,
      answer: "yes"
    })
    const decoded = decode(json, qa, [`{"answer": "use {x}`, " and {y}", ` done"}`])
    assert.deepStrictEqual(decoded.parts.map(({ text }) => text), ["use {x}", " and {y}", " done"])
  })
})

describe("which keys count", () => {
  it("the first level's", () => {
    assert.strictEqual(answerOf(`{"meta": {"answer": "NOT THIS", "x": [{"answer": 1}]}, "answer": "yes"}`), "yes")
  })

  it("one of each in an object, and the last object that has any", () => {
    assert.deepStrictEqual(errorOf(decodeEverySplit(json, qa, `{"answer": "yes", "Answer": "no"}`)).issues, [
      { path: ["answer"], message: "is there twice" }
    ])
    assert.strictEqual(answerOf(`{"answer": "no"}\nWait, I was wrong:\n{"answer": "yes"}`), "yes")
    assert.strictEqual(answerOf(`{"answer": "yes"}\nI used {braces} and {"other": "keys"}.`), "yes")
  })

  it("none under the marker of an input, where the model plays the next turn", () => {
    assert.strictEqual(answerOf(`{"answer": "yes"}\n\n[[ ## question ## ]]\nAnd?\n\n{"answer": "no"}`), "yes")
    assert.deepStrictEqual(errorOf(decode(json, qa, [`[[ ## question ## ]]\n{"answer": "no"}`])).missing, ["answer"])
  })

  it("not the unknown ones, whatever their values", () => {
    assert.strictEqual(
      answerOf(`{"a": "x", "b": 1, "c": null, "d": [1, {"e": "}"}], "f": "\\"}", "": true, "answer": "yes", "z": 0}`),
      "yes"
    )
  })

  it("with escapes, in another case, in any order", () => {
    assert.strictEqual(answerOf(String.raw`{"\u0061nswer": "yes"}`), "yes")
    assert.strictEqual(answerOf(`{"Answer": "yes"}`), "yes")
    assert.deepStrictEqual(read(two, `{"answer": "a", "reasoning": "r"}`), { answer: "a", reasoning: "r" })
  })
})

describe("what models do to JSON", () => {
  const replies = {
    "as it should be": `{"answer":"Hi"}`,
    "pretty": `{\n  "answer" : "Hi"\n}\n`,
    "a space before the colon": `{"answer" :"Hi"}`,
    "windows line ends": `{\r\n\t"answer":\r\n"Hi"\r\n}`,
    "a code fence": "```json\n{\"answer\": \"Hi\"}\n```",
    "prose around it": `Here you are: {"answer": "Hi"} Is that good?`,
    "prose with a brace before it": `I use {not json} and {"a"} and {} and {{"answer": "Hi"}`,
    "another object before it": `The form is {"type": "object", "x": {"answer": 1}}: {"answer": "Hi"}`,
    "a list around it": `[{"answer": "Hi"}]`,
    "a comma at the end": `{"answer": "Hi",}`,
    "no brace at the end": `{"answer": "Hi"`,
    "no brace and a comma at the end": `{"answer": "Hi", `,
    "single quotes": `{'answer': 'Hi'}`,
    "no quotes": `{"answer": Hi}`,
    "a forgotten comma": `{"x": "1"\n "answer": "Hi"\n "y": 2}`
  }
  for (const [name, reply] of Object.entries(replies)) {
    it(name, () => assert.strictEqual(answerOf(reply), "Hi"))
  }

  it("raw control characters and unknown escapes in a string", () => {
    assert.strictEqual(answerOf("{\"answer\": \"a\nb\tc\u0001\"}"), "a\nb\tc\u0001")
    assert.strictEqual(
      answerOf(String.raw`{"answer": "\alpha \(x\) \'y\' \u12 \u{1}"}`),
      String.raw`\alpha \(x\) 'y' \u12 \u{1}`
    )
  })

  it("quotes without escapes in a string", () => {
    assert.deepStrictEqual(
      read(two, `{"reasoning": "He said "hi" there", "answer": "the "big" one"}`),
      { reasoning: `He said "hi" there`, answer: `the "big" one` }
    )
  })

  it("something else for a text: its JSON as text", () => {
    assert.strictEqual(answerOf(`{"answer": 42}`), "42")
    assert.strictEqual(answerOf(`{"answer": -1.5e3 }`), "-1.5e3")
    assert.strictEqual(answerOf(`{"answer": true}`), "true")
    assert.strictEqual(answerOf(`{"answer": {"a": [1, "}"]}}`), `{"a": [1, "}"]}`)
    assert.strictEqual(answerOf(`{"answer": ["x", "y"]}`), `["x", "y"]`)
  })

  it("null for a text: null where it may be, left out where it may be, else an issue", () => {
    const nullable = Signature.make("q -> answer: str | None")
    const decoded = decodeEverySplit(json, nullable, `{"answer": null}`)
    assert.deepStrictEqual(decoded.parts, [{ field: "answer", text: "", isLast: true, isNull: true }])
    assert.deepStrictEqual(valuesOf(decoded), { answer: null })
    assert.deepStrictEqual(read(nullable, `{"answer": "null"}`), { answer: "null" })
    const optional = Signature.fromSchemas({
      inputs: {},
      outputs: { answer: Schema.optionalKey(Schema.String), n: Schema.optionalKey(Schema.Int) }
    })
    assert.deepStrictEqual(read(optional, `{"answer": null, "n": null}`), {})
    const error = errorOf(decodeEverySplit(json, qa, `{"answer": null}`))
    assert.deepStrictEqual(error.missing, [])
    assert.deepStrictEqual(error.issues.map(({ path }) => path), [["answer"]])
  })

  it("Python's constants, numbers and literals as strings", () => {
    const typed = Signature.make("q -> flag: bool, n: int, label: 'good' | 'bad', none: int | None")
    assert.deepStrictEqual(
      read(typed, `{'flag': True, "n": "42", 'label': 'Good', "none": None}`),
      { flag: true, n: 42, label: "good", none: null }
    )
    assert.deepStrictEqual(
      read(typed, `{"flag": "false", "n": 42, "label": good, "none": "7"}`),
      { flag: false, n: 42, label: "good", none: 7 }
    )
  })

  it("an object or list as a string", () => {
    const typed = Signature.make("q -> items: list[int]")
    assert.deepStrictEqual(read(typed, String.raw`{"items": "[1, 2]"}`), { items: [1, 2] })
  })
})

describe("what is not whole is an error", () => {
  it("a string that is not closed", () => {
    const error = errorOf(decodeEverySplit(json, two, `{"reasoning": "Because", "answer": "Hi the`))
    assert.deepStrictEqual(error.issues.map(({ path }) => path), [["answer"]])
    assert.deepStrictEqual(error.parsed, { reasoning: "Because" })
    assert.deepStrictEqual(error.missing, [])
    assert.deepStrictEqual(decode(json, two, [`{"answer": "Hi`, " the"]).texts, { answer: "Hi the" })
  })

  it("a list or an object that is not closed", () => {
    const typed = Signature.make("q -> items: list[int], o: dict[str, str]")
    for (
      const reply of [
        `{"items": [1, 2`,
        `{"items": [1], "o": {"a": "x`,
        `{"items": [1], "o": {"a": "x",`,
        `{"items": [1], "o": {"a": "x", "b"`,
        `{"items": [1], "o": {"a": "x" // the "b": "y"`
      ]
    ) {
      assert.isTrue(errorOf(decodeEverySplit(json, typed, reply)).issues.length > 0, reply)
    }
    // Behind a whole string nothing can be missing but brackets.
    assert.deepStrictEqual(read(typed, `{"items": [1], "o": {"a": "x"`), { items: [1], o: { a: "x" } })
  })

  it("an object that goes on as no JSON: text may have been lost", () => {
    for (const reply of [`{"answer": "Hi" and more}`, `{"answer": "Paris, n": 3}`, `{"answer": "a""b"}`]) {
      const error = errorOf(decodeEverySplit(json, qa, reply))
      assert.deepStrictEqual(error.issues.map(({ path }) => path), [["answer"]], reply)
    }
    assert.include(errorOf(decode(json, qa, [`{"answer": 1, 2}`])).issues[0]!.message, "not valid")
  })

  it("no object at all", () => {
    for (
      const reply of ["", "Paris", "{}", "[]", "{", `{"`, `{"answer"`, `{"answer":`, `{"answer": }`, `"answer"`]
    ) {
      assert.deepStrictEqual(errorOf(decode(json, qa, [reply])).missing, ["answer"], reply)
    }
  })
})
