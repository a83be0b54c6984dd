/** Texts that are no signatures: what the compiler says of them. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Signature, SignatureError } from "effect-lm/signature"
import { type Equal, same } from "./support/equal.ts"

describe("texts that are no signatures", () => {
  /** The error, as the compiler should say it, at a line and column. */
  const rejects = (make: () => unknown, reason: string, column: number, line = 1) => {
    let error: unknown
    try {
      make()
    } catch (thrown) {
      error = thrown
    }
    assert.instanceOf(error, SignatureError)
    // Behind the colon is what there is.
    assert.deepStrictEqual([error.reason.split(": there are ")[0], error.line, error.column], [reason, line, column])
  }

  it("types", () => {
    // @ts-expect-error unknown type 'strng'
    rejects(() => Signature.make("q -> x: strng"), "unknown type 'strng'", 9)
    // @ts-expect-error unknown type 'bytes'
    rejects(() => Signature.make("q -> x: list[bytes]"), "unknown type 'bytes'", 14)
    // @ts-expect-error unknown type 'dspy.Example'
    rejects(() => Signature.make("q: dspy.Example -> x"), "unknown type 'dspy.Example'", 4)
    // @ts-expect-error expected a type, not the end
    rejects(() => Signature.make("q -> x:"), "expected a type, not the end", 8)
    // @ts-expect-error expected a type, not '->'
    rejects(() => Signature.make("q: -> x"), "expected a type, not '->'", 4)
    // @ts-expect-error expected a type, not ']'
    rejects(() => Signature.make("q -> x: list[]"), "expected a type, not ']'", 14)
    // @ts-expect-error expected ']', not the end
    rejects(() => Signature.make("q -> x: list[str"), "expected ']', not the end", 17)
    // @ts-expect-error expected ')', not 'y'
    rejects(() => Signature.make("q -> x: (str | int[] y)"), "expected ')', not 'y'", 22)
    // @ts-expect-error expected '[' or '<' after 'Array'
    rejects(() => Signature.make("q -> x: Array"), "expected '[' or '<' after 'Array'", 14)
    // @ts-expect-error 'list' takes 1 type, not 2
    rejects(() => Signature.make("q -> x: list[str, int]"), "'list' takes 1 type, not 2", 9)
    // @ts-expect-error 'dict' takes 2 types, not 1
    rejects(() => Signature.make("q -> x: dict[str]"), "'dict' takes 2 types, not 1", 9)
    // @ts-expect-error the keys of 'dict' are strings
    rejects(() => Signature.make("q -> x: dict[int, str]"), "the keys of 'dict' are strings", 9)
    // @ts-expect-error Literal takes literals only
    rejects(() => Signature.make("q -> x: Literal['a', str]"), "Literal takes literals only", 9)
    // @ts-expect-error the quote ' is not closed
    rejects(() => Signature.make("q -> x: 'a | \"b\""), "the quote ' is not closed", 9)
    // @ts-expect-error a quoted literal has no escapes
    rejects(() => Signature.make("q -> x: 'it\\'s'"), "a quoted literal has no escapes", 12)
    // @ts-expect-error '1.50' is not a number in its shortest form
    rejects(() => Signature.make("q -> x: 1.50"), "'1.50' is not a number in its shortest form", 9)
    // @ts-expect-error expected ',' or the end, not 'int'
    rejects(() => Signature.make("q -> x: str int"), "expected ',' or the end, not 'int'", 13)
    // @ts-expect-error expected ',' or the end, not 'int'
    rejects(() => Signature.make("q -> x int"), "expected ',' or the end, not 'int'", 8)
  })

  it("histories", () => {
    // @ts-expect-error 'h' cannot be a History: only an input can
    rejects(() => Signature.make("q -> h: History"), "'h' cannot be a History: only an input can", 6)
    rejects(
      // @ts-expect-error a signature has one History: 'h' is one, 'i' cannot be another
      () => Signature.make("h: History, i: History -> x"),
      "a signature has one History: 'h' is one, 'i' cannot be another",
      13
    )
    // @ts-expect-error History stands alone, as the type of an input
    rejects(() => Signature.make("h: list[History] -> x"), "History stands alone, as the type of an input", 9)
    // @ts-expect-error expected ',' or '->', not '|'
    rejects(() => Signature.make("h: History | None -> x"), "expected ',' or '->', not '|'", 12)
  })

  it("fields and sides", () => {
    // @ts-expect-error expected '->' and the output fields, as in question -> answer
    rejects(() => Signature.make("q, x"), "expected '->' and the output fields, as in question -> answer", 5)
    // @ts-expect-error expected a field name, not the end
    rejects(() => Signature.make(""), "expected a field name, not the end", 1)
    // @ts-expect-error expected a field name, not the end
    rejects(() => Signature.make("q ->"), "expected a field name, not the end", 5)
    // @ts-expect-error a signature has one '->'
    rejects(() => Signature.make("q -> x -> y"), "a signature has one '->'", 8)
    // @ts-expect-error expected a field name, not '-'
    rejects(() => Signature.make("q, -> x"), "expected a field name, not '-'", 4)
    // @ts-expect-error expected a field name, not ','
    rejects(() => Signature.make("q -> x,, y"), "expected a field name, not ','", 8)
    // @ts-expect-error expected ',' or '->', not 'b'
    rejects(() => Signature.make("a b -> x"), "expected ',' or '->', not 'b'", 3)
    // @ts-expect-error a field name begins with a letter or '_', unlike '1st'
    rejects(() => Signature.make("q -> 1st"), "a field name begins with a letter or '_', unlike '1st'", 6)
    // @ts-expect-error a field name has only letters, digits and '_', unlike 'a.b'
    rejects(() => Signature.make("q -> a.b"), "a field name has only letters, digits and '_', unlike 'a.b'", 6)
    // @ts-expect-error expected ',' or '->', not '→'
    rejects(() => Signature.make("q → x"), "expected ',' or '->', not '→'", 3)
    // @ts-expect-error the field 'q' is there twice
    rejects(() => Signature.make("q, q -> x"), "the field 'q' is there twice", 4)
    // @ts-expect-error the field 'q' is there twice: once as input, once as output
    rejects(() => Signature.make("q -> x, q: int"), "the field 'q' is there twice", 9)
    // @ts-expect-error a field cannot be named '__proto__'
    rejects(() => Signature.make("__proto__ -> x"), "a field cannot be named '__proto__'", 1)
    // @ts-expect-error a field cannot be named '_tag'
    rejects(() => Signature.make("q -> _tag: str"), "a field cannot be named '_tag'", 6)
    // @ts-expect-error a field cannot be named 'toJSON'
    rejects(() => Signature.make("q -> toJSON"), "a field cannot be named 'toJSON'", 6)
    // @ts-expect-error unknown type 'strng', in the second line
    rejects(() => Signature.make("question ->\n  answer: strng"), "unknown type 'strng'", 11, 2)
  })

  it("what is no signature is told so", () => {
    for (
      const make of [
        // @ts-expect-error this is no signature: write "question -> answer", or Signature.fromSchemas(...)
        () => Signature.make(Schema.Struct({ answer: Schema.String })),
        // @ts-expect-error this is no signature
        () => Signature.make(42)
      ]
    ) {
      assert.throws(make, Error, "signature")
    }
  })

  it("a text that only run time knows is read with parse", () => {
    const text: string = "q -> x"
    // @ts-expect-error the compiler does not know this text: read it with Signature.parse
    void (() => Signature.make(text))
    const known = `q -> ${text}` as const
    // @ts-expect-error the compiler does not know all of this text
    void (() => Signature.make(known))
    const parsed = Signature.parse(text)
    same<Equal<typeof parsed, Result.Result<Signature.Any, SignatureError>>>()
    assert.strictEqual(String(Result.getOrThrow(parsed)), "q -> x")
  })
})
