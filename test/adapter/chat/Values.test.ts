/** Values in sections that are no text. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import { decode, decodeEverySplit, errorOf, valuesOf } from "../support/decode.ts"
import { Chat } from "./replies.ts"

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
