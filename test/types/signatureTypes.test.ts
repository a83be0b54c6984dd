/** Objects, tuples, sets, dates, defaults and names in signature strings: what the compiler makes of them, and run time. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Result, Schema } from "effect"
import type { ToolCalls } from "effect-lm/module"
import {
  type CalendarDate,
  type Citations,
  type Code,
  type Document,
  type Field,
  type Image,
  type Reasoning,
  Signature,
  SignatureError
} from "effect-lm/signature"
import type { DeepPartial } from "effect-lm/signature/Partial"
import { type Equal, same } from "./support/equal.ts"

/** A signature with one output `x` of the type. */
type X<T extends Field.FieldSchema> = Signature.Signature<{ readonly q: Schema.String }, { readonly x: T }>

const output = (signature: Signature.Any): Field.Field => signature.outputFields[0]!

/** What the output `x` makes of JSON. */
const read = (signature: Signature.Any, json: unknown): unknown => Result.getOrThrow(output(signature).decode(json))

const refuses = (signature: Signature.Any, ...jsons: ReadonlyArray<unknown>) => {
  for (const json of jsons) assert.isTrue(Result.isFailure(output(signature).decode(json)), JSON.stringify(json))
}

/** The error, as the compiler should say it, at a column. */
const rejects = (make: () => unknown, reason: string, column: number) => {
  const error = Result.getOrThrow(Result.flip(Result.try(make)))
  assert.instanceOf(error, SignatureError)
  assert.deepStrictEqual([error.reason, error.column], [reason, column])
}

describe("types in signature strings", () => {
  it("objects", () => {
    const people = Signature.make("q -> x: { name: str, age?: int }[]")
    same<
      Equal<
        Signature.Output<typeof people>,
        { readonly x: ReadonlyArray<{ readonly name: string; readonly age?: number }> }
      >
    >()
    assert.strictEqual(output(people).type, "Array<{ name: string; age?: integer }>")
    assert.deepStrictEqual(read(people, [{ name: "Ada" }, { name: "Bob", age: 3 }]), [{ name: "Ada" }, {
      name: "Bob",
      age: 3
    }])
    refuses(people, [{ age: 3 }], [{ name: "Ada", age: 3.5 }], { name: "Ada" })

    const spelled = Signature.make("q -> x: Array<{ readonly name: string; age?: integer; }>")
    same<Equal<typeof spelled, typeof people>>()
    assert.isTrue(Signature.equals(spelled, people))

    const nested = Signature.make("q -> x: { 'first name': str; at: { days: int[], readonly: bool } | None }")
    same<
      Equal<
        Signature.Output<typeof nested>,
        {
          readonly x: {
            readonly "first name": string
            readonly at: { readonly days: ReadonlyArray<number>; readonly readonly: boolean } | null
          }
        }
      >
    >()
    const value = { "first name": "Ada", at: { days: [1], readonly: true } }
    assert.deepStrictEqual(read(nested, value), value)
  })

  it("tuples", () => {
    type Pair = X<Schema.Tuple<readonly [Schema.Int, Schema.String]>>
    const python = Signature.make("q -> x: tuple[int, str]")
    same<Equal<typeof python, Pair>>()
    same<Equal<Signature.Output<typeof python>, { readonly x: readonly [number, string] }>>()
    const typescript = Signature.make("q -> x: [int, string]")
    same<Equal<typeof typescript, Pair>>()
    assert.deepStrictEqual(read(python, [1, "a"]), [1, "a"])
    refuses(python, [1], [1, "a", 2], ["a", 1])

    const open = Signature.make("q -> x: tuple[int, ...]")
    same<Equal<typeof open, X<Schema.$Array<Schema.Int>>>>()
    assert.deepStrictEqual(read(open, [1, 2, 3]), [1, 2, 3])
  })

  it("sets", () => {
    const python = Signature.make("q -> x: set[str]")
    same<Equal<typeof python, X<Schema.$ReadonlySet<Schema.String>>>>()
    same<Equal<Signature.Output<typeof python>, { readonly x: ReadonlySet<string> }>>()
    const typescript = Signature.make("q -> x: Set<string>")
    same<Equal<typeof typescript, typeof python>>()
    assert.deepStrictEqual(read(python, ["a", "b", "a"]), new Set(["a", "b"]))
    assert.deepStrictEqual(output(python).encode(new Set(["a"])), Result.succeed(["a"]))
    assert.deepStrictEqual(output(python).constraints, ["no item twice"])
  })

  it("dates and times", () => {
    const at = Signature.make("q -> x: datetime")
    same<Equal<Signature.Output<typeof at>, { readonly x: DateTime.Utc }>>()
    const utc = DateTime.makeUnsafe("2026-01-02T01:04:05Z")
    assert.deepStrictEqual(read(at, "2026-01-02T03:04:05+02:00"), utc)
    assert.deepStrictEqual(output(at).encode(utc), Result.succeed("2026-01-02T01:04:05.000Z"))
    refuses(at, "Item 5", "2026-02-30T00:00:00Z", "tomorrow", 0)

    const day = Signature.make("q -> x: date")
    same<Equal<typeof day, X<CalendarDate>>>()
    same<Equal<Signature.Output<typeof day>, { readonly x: DateTime.Utc }>>()
    assert.deepStrictEqual(read(day, "2026-01-02"), DateTime.makeUnsafe("2026-01-02"))
    assert.deepStrictEqual(output(day).encode(DateTime.makeUnsafe("2026-01-02")), Result.succeed("2026-01-02"))
    assert.isTrue(Result.isFailure(output(day).encode(utc)))
    refuses(day, "2026-02-30", "2026-1-2", "2026-01-02T00:00:00Z")

    const date = Signature.make("q -> x: Date")
    same<Equal<Signature.Output<typeof date>, { readonly x: Date }>>()
    assert.deepStrictEqual(read(date, "2026-01-02"), new Date("2026-01-02"))
    refuses(date, "Item 5", "2026-02-30")

    const module = Signature.make("q -> x: typing.Optional[datetime.date]")
    same<Equal<typeof module, X<Schema.NullOr<CalendarDate>>>>()
  })

  it("code", () => {
    const solve = Signature.make(
      "-> a: Code, b?: Code['sql'], c: list[Code['js']] | None, d: dspy.Code[\"py\"][], e: Code[]"
    )
    same<Equal<typeof solve.output.fields.a, Code.Code>>()
    same<
      Equal<Signature.Output<typeof solve>, {
        readonly a: string
        readonly b?: string
        readonly c: ReadonlyArray<string> | null
        readonly d: ReadonlyArray<string>
        readonly e: ReadonlyArray<string>
      }>
    >()
    assert.deepStrictEqual(solve.outputFields.map(({ code, streaming }) => [code?.language, streaming]), [
      [undefined, "text"],
      ["sql", "text"],
      [undefined, "json"],
      [undefined, "json"],
      [undefined, "json"]
    ])
  })

  it("thoughts", () => {
    const solve = Signature.make("-> a: Reasoning, b?: dspy.Reasoning, c: Reasoning | None")
    same<Equal<typeof solve.output.fields.a, Reasoning>>()
    same<
      Equal<Signature.Output<typeof solve>, { readonly a: string; readonly b?: string; readonly c: string | null }>
    >()
    assert.deepStrictEqual(solve.outputFields.map(({ isReasoning, streaming }) => [isReasoning, streaming]), [
      [true, "text"],
      [true, "text"],
      [true, "text"]
    ])
  })

  it("documents and citations", () => {
    const ask = Signature.make(
      "doc: Document, docs: list[dspy.Document] | None -> a: Citations, b?: Citations | None, c: { sources: Citations }[]"
    )
    same<Equal<typeof ask.input.fields.doc, typeof Document.Document>>()
    same<Equal<typeof ask.output.fields.a, typeof Citations.Citations>>()
    same<
      Equal<Signature.Input<typeof ask>, {
        readonly doc: Document.Document
        readonly docs: ReadonlyArray<Document.Document> | null
      }>
    >()
    same<Equal<Signature.Output<typeof ask>["a"], ReadonlyArray<Citations.Citation>>>()
    same<Equal<Citations.Citation["start"], number>>()
    assert.deepStrictEqual(
      ask.outputFields.map(({ hasCitations, streaming, type }) => [hasCitations, streaming, type]),
      [
        [true, "json", "Array<{ text: string; document: integer }>"],
        [true, "json", "Array<{ text: string; document: integer }> | null"],
        [true, "json", "Array<{ sources: Array<{ text: string; document: integer }> }>"]
      ]
    )
  })

  it("content", () => {
    const see = Signature.make("photos: list[Image], clip: Audio | None, paper?: dspy.File -> x")
    same<Equal<Signature.Input<typeof see>["photos"], ReadonlyArray<Image.Image>>>()
    assert.deepStrictEqual(see.inputFields.map(({ contents }) => contents), [["Image"], ["Audio"], ["File"]])
  })

  it("tools and their calls", () => {
    const choose = Signature.make("tools: list[Tool], one: dspy.Tool | None -> calls: ToolCalls")
    same<Equal<Signature.Input<typeof choose>["tools"], ReadonlyArray<ToolCalls.Tool>>>()
    same<Equal<Signature.Input<typeof choose>["one"], ToolCalls.Tool | null>>()
    same<
      Equal<
        Signature.Output<typeof choose>["calls"],
        ReadonlyArray<
          { readonly id: string; readonly name: string; readonly args: { readonly [x: string]: Schema.Json } }
        >
      >
    >()
    assert.deepStrictEqual(choose.inputFields.map(({ holdsTools }) => holdsTools), [true, true])
    assert.deepStrictEqual(choose.outputFields.map(({ isToolCalls }) => isToolCalls), [true])
  })

  it("partial values of them are JSON", () => {
    same<
      Equal<
        DeepPartial<{ readonly at: DateTime.Utc; readonly on: Date; readonly tags: ReadonlySet<"a" | "b"> }>,
        { readonly at?: string; readonly on?: string; readonly tags?: ReadonlyArray<string> }
      >
    >()
  })

  it("of a union's members those that take more are tried later", () => {
    const union = Signature.make("q -> x: dict[str, Any] | { at: datetime } | datetime | None")
    const utc = DateTime.makeUnsafe("2026-01-02T00:00:00Z")
    for (const value of [utc, { at: utc }, { b: 1 }, null]) {
      const json = Result.getOrThrow(output(union).encode(value))
      assert.deepStrictEqual(read(union, json), value)
    }
  })
})

describe("defaults", () => {
  it("make an input one that may be left out, and an output one that is always there", () => {
    const ask = Signature.make(
      "q, k: int = 3, style = 'plain: a, b', tags: list[str] = ['x', \"y\"] -> x: bool = False"
    )
    same<
      Equal<
        Signature.Input<typeof ask>,
        { readonly q: string; readonly k?: number; readonly style?: string; readonly tags?: ReadonlyArray<string> }
      >
    >()
    same<Equal<Signature.Output<typeof ask>, { readonly x: boolean }>>()
    assert.deepStrictEqual(
      Signature.decodeInputs(ask, { q: "?" }),
      Result.succeed({ q: "?", k: 3, style: "plain: a, b", tags: ["x", "y"] })
    )
    assert.deepStrictEqual(
      Signature.decodeInputs(ask, { q: "?", k: undefined, style: "", tags: [] }),
      Result.succeed({
        q: "?",
        k: 3,
        style: "",
        tags: []
      })
    )
    const fields = [...ask.inputFields, ...ask.outputFields]
    assert.deepStrictEqual(fields.map((field) => field.default), [undefined, 3, "plain: a, b", ["x", "y"], false])
  })

  it("are of any type, and no call shares one with another", () => {
    const ask = Signature.make(
      "at: date = '2026-01-02', s: set[int] = [1], o: { a: int, b?: str } = { a: 1 }, n: str | None = None, j: Any = {'a': [1]} -> x"
    )
    const inputs = () => Result.getOrThrow(Signature.decodeInputs(ask, {}))
    assert.deepStrictEqual(inputs(), {
      at: DateTime.makeUnsafe("2026-01-02"),
      s: new Set([1]),
      o: { a: 1 },
      n: null,
      j: { a: [1] }
    })
    assert.notStrictEqual(inputs()["s"], inputs()["s"])
    assert.deepStrictEqual(Signature.decodeJsonInputs(ask, {}), Result.succeed(inputs()))
  })

  it("have to be of the field's type", () => {
    const notOf = "the default is not of the field's type"
    // @ts-expect-error the default is not of the field's type
    rejects(() => Signature.make("k: int = 'x' -> x"), notOf, 10)
    // @ts-expect-error the default is not of the field's type
    rejects(() => Signature.make("k: str = None -> x"), notOf, 10)
    // @ts-expect-error the default is not of the field's type
    rejects(() => Signature.make("q -> x: 'a' | 'b' = 'c'"), notOf, 21)
    // @ts-expect-error the default is not of the field's type
    rejects(() => Signature.make("k: { a: int } = { b: 1 } -> x"), notOf, 17)
    // The compiler knows no whole numbers and no days.
    rejects(() => Signature.make("k: int = 3.5 -> x"), notOf, 10)
    rejects(() => Signature.make("k: date = '2026-02-30' -> x"), notOf, 11)
    // @ts-expect-error a field with a default may be left out without '?'
    rejects(() => Signature.make("k?: int = 3 -> x"), "a field with a default may be left out without '?'", 2)
    // @ts-expect-error expected a value, not 'list'
    rejects(() => Signature.make("k: list = list() -> x"), "expected a value, not 'list'", 11)
    // @ts-expect-error expected ',' or '->', not '='
    rejects(() => Signature.make("h: History = None -> x"), "expected ',' or '->', not '='", 12)
  })

  it("belong to what a signature asks", () => {
    const three = Signature.make("k: int = 3 -> x")
    assert.isTrue(Signature.equals(three, Signature.make("k: int=3 -> x")))
    assert.isFalse(Signature.equals(three, Signature.make("k: int = 4 -> x")))
    const told = Signature.withDescriptions(three, { k: "how many" })
    assert.deepStrictEqual([told.inputFields[0]!.default, told.inputFields[0]!.description], [3, "how many"])
  })

  it("of a program's own schemas are told where an annotation says them", () => {
    const told = Schema.Int.pipe(Schema.annotateKey({ default: 7 }))
    const { inputFields } = Signature.fromSchemas({ inputs: { told, not: Schema.Int }, outputs: { x: Schema.String } })
    assert.deepStrictEqual(inputFields.map((field) => field.default), [7, undefined])
  })
})

describe("names", () => {
  it("have letters of any script", () => {
    const ask = Signature.make("вопрос, été: int, 質問?: str -> 答え, ключ_слова: { имя: str }[]")
    same<
      Equal<Signature.Input<typeof ask>, { readonly вопрос: string; readonly été: number; readonly 質問?: string }>
    >()
    same<
      Equal<
        Signature.Output<typeof ask>,
        { readonly 答え: string; readonly ключ_слова: ReadonlyArray<{ readonly имя: string }> }
      >
    >()
    assert.strictEqual(String(ask), "вопрос, été, 質問 -> 答え, ключ_слова")
  })

  it("are in one form, and no two look the same", () => {
    rejects(
      () => Signature.make("e\u0301te\u0301 -> x"),
      "write 'été' in Unicode's normal form NFC: 'e\u0301te\u0301' has the same look in other characters",
      1
    )
    rejects(
      () => Signature.make("a, \u0430 -> x"),
      "the fields 'a' and '\u0430' look the same, but are written with other characters",
      4
    )
    rejects(
      () => Signature.make("a\u200db -> x"),
      "a field name has only letters, digits and '_', unlike 'a\u200db', which has U+200D",
      1
    )
    rejects(() => Signature.make("😀 -> x"), "a field name begins with a letter or '_', unlike '😀'", 1)
    // @ts-expect-error expected ',' or '->', not '，'
    rejects(() => Signature.make("a，b -> x"), "expected ',' or '->', not '，'", 2)
    assert.throws(
      () => Signature.appendInput(Signature.make("a -> x"), "\u0430", Schema.String),
      SignatureError,
      "look the same"
    )
  })
})

describe("objects that are none", () => {
  it("are refused where they go wrong", () => {
    // @ts-expect-error expected a property's name, not '}'
    rejects(() => Signature.make("q -> x: {}"), "expected a property's name, not '}'", 10)
    // @ts-expect-error expected ':', not '}'
    rejects(() => Signature.make("q -> x: { a }"), "expected ':', not '}'", 13)
    // @ts-expect-error the property 'a' is there twice
    rejects(() => Signature.make("q -> x: { a: str, a: int }"), "the property 'a' is there twice", 19)
    // @ts-expect-error expected ',' or '}', not '='
    rejects(() => Signature.make("q -> x: { a: int = 3 }"), "expected ',' or '}', not '='", 18)
    // @ts-expect-error a property cannot be named '__proto__'
    rejects(() => Signature.make("q -> x: { __proto__: str }"), "a property cannot be named '__proto__'", 11)
    // @ts-expect-error expected ',' or '}', not the end
    rejects(() => Signature.make("q -> x: { a: str"), "expected ',' or '}', not the end", 17)
  })
})
