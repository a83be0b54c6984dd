/** Signature strings that only run time knows. */
import { assert, describe, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import { Signature, SignatureError } from "effect-lm/signature"
import * as Random from "../support/random.ts"
import * as Meanings from "../types/support/meanings.ts"
import * as Specs from "../types/support/specs.ts"
import * as Spellings from "../types/support/spellings.ts"
import { typeText } from "../types/support/typeText.ts"

/** As the error says it. */
const typesThereAre =
  "there are str, int, float, bool, Any, None, datetime, date, list[T], set[T], tuple[T, U], dict[str, T], Literal['a', 'b'], " +
  "T | U, { name: T }, Code['python'], Reasoning, Image, Audio, File, Document, Citations, History, Tool, ToolCalls and TypeScript's words for them; Signature.fromSchemas takes any Schema"

const failure = (text: string) => Result.getOrThrow(Result.flip(Signature.parse(text)))

describe("parse", () => {
  it("every type reads to its schema, in Python's spelling, in TypeScript's, and in any mixture", () => {
    const random = Random.random(3)
    for (let i = 0; i < 1000; i++) {
      const spec = Specs.randomSpec(random)
      for (const spelling of [Spellings.python, Spellings.typescript, Spellings.mixed(random)]) {
        const text = Spellings.printSpec(spec, spelling)
        const signature = Result.getOrThrow(Signature.parse(text))
        const fields = [...spec.inputs, ...spec.outputs]
        const read = [...signature.inputFields, ...signature.outputFields]
        assert.deepStrictEqual(
          read.map((field) => [field.name, typeText(field.schema)]),
          fields.map((field) => [field.name, typeText(Meanings.fieldSchema(field))]),
          text
        )
        for (const [index, field] of fields.entries()) {
          const absent = Result.getOrElse(read[index]!.validateAbsent(), () => Option.none())
          if (!read[index]!.isHistory) {
            assert.deepStrictEqual(Option.getOrUndefined(absent), Meanings.defaultOf(field), text)
          }
        }
        assert.strictEqual(signature.inputFields.length, spec.inputs.length)
      }
    }
  })

  it("the type of every field, as prompts show it, reads as the same type", () => {
    const random = Random.random(6)
    for (let i = 0; i < 500; i++) {
      const spec = Specs.randomSpec(random)
      for (
        const { isHistory, type } of Result.getOrThrow(Signature.parse(Spellings.printSpec(spec, Spellings.python)))
          .outputFields
      ) {
        assert.isFalse(isHistory)
        const [again] = Result.getOrThrow(Signature.parse(`-> x: ${type}`)).outputFields
        assert.strictEqual(again!.type, type)
      }
    }
  })

  it("every text is a signature or an error that points into it", () => {
    const random = Random.random(4)
    for (let i = 0; i < 5000; i++) {
      let text = Spellings.printSpec(Specs.randomSpec(random), Spellings.mixed(random))
      for (let slips = random.int(4); slips > 0; slips--) text = Spellings.mutate(text, random)
      const parsed = Signature.parse(text)
      if (Result.isSuccess(parsed)) continue
      const { column, line, message } = parsed.failure
      const lines = text.split("\n")
      assert.isTrue(line! >= 1 && line! <= lines.length, text)
      assert.isTrue(column! >= 1 && column! <= lines[line! - 1]!.length + 1, text)
      assert.isTrue(message.split("\n")[1]!.endsWith(lines[line! - 1]!), text)
    }
  })

  it.prop("any text at all", [Schema.String], ([text]) => {
    const parsed = Signature.parse(text)
    assert.isTrue(Result.isSuccess(parsed) || parsed.failure instanceof SignatureError)
  })

  it("a long text is read", () => {
    const count = 20_000
    const text = `${Array.from({ length: count }, (_, i) => `field_${i}: list[str]`).join(", ")} -> answer`
    assert.strictEqual(Result.getOrThrow(Signature.parse(text)).inputFields.length, count)
  })
})

describe("SignatureError", () => {
  it("shows the line, and a caret under the column", () => {
    assert.strictEqual(
      failure("question -> answer: strng").message,
      [
        `unknown type 'strng': ${typesThereAre} (column 21)`,
        "  question -> answer: strng",
        "                      ^"
      ].join("\n")
    )
    assert.strictEqual(
      failure("question,\r\n\tcontext: list[str\n-> answer").message,
      [
        "expected ']', not '-' (line 3, column 1)",
        "  -> answer",
        "  ^"
      ].join("\n")
    )
    assert.strictEqual(
      failure("q ->\n\ta: strng").message,
      [
        `unknown type 'strng': ${typesThereAre} (line 2, column 5)`,
        "  \ta: strng",
        "  \t   ^"
      ].join("\n")
    )
  })

  it("is a value that can be sent", () => {
    const error = failure("q -> x: strng")
    const json = Schema.encodeSync(Schema.toCodecJson(SignatureError))(error)
    assert.deepStrictEqual(json, {
      _tag: "SignatureError",
      reason: `unknown type 'strng': ${typesThereAre}`,
      text: "q -> x: strng",
      line: 1,
      column: 9
    })
    assert.strictEqual(Schema.decodeUnknownSync(Schema.toCodecJson(SignatureError))(json).message, error.message)
  })
})
