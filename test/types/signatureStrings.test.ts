/** What the types in signature strings mean, to the compiler. */
import { assert, describe, it } from "@effect/vitest"
import { Result, type Schema } from "effect"
import { type Field, History, Signature } from "effect-lm/signature"
import { type Equal, same } from "./support/equal.ts"
import { typeText } from "./support/typeText.ts"

/** A signature with one output `x` of the type. */
type X<T extends Field.FieldSchema> = Signature.Signature<{ readonly q: Schema.String }, { readonly x: T }>

/** Asserts the schema of the output `x`, and one value that it takes and one that it does not. */
const means = (signature: Signature.Any, type: string, good: unknown, bad: unknown) => {
  const field = signature.outputFields[0]!
  assert.strictEqual(typeText(field.schema), type)
  assert.isTrue(Result.isSuccess(field.decode(good)), `${type} takes ${JSON.stringify(good)}`)
  assert.isTrue(Result.isFailure(field.decode(bad)), `${type} does not take ${JSON.stringify(bad)}`)
}

describe("types in signature strings", () => {
  it("text, numbers, booleans", () => {
    const none = Signature.make("q -> x")
    same<Equal<typeof none, X<Schema.String>>>()
    means(none, "Schema.String", "a", 1)

    const str = Signature.make("q: str -> x: str")
    same<Equal<typeof str, X<Schema.String>>>()
    means(str, "Schema.String", "", null)

    const string = Signature.make("q: string -> x: string")
    same<Equal<typeof string, X<Schema.String>>>()
    means(string, "Schema.String", "a", true)

    const int = Signature.make("q -> x: int")
    same<Equal<typeof int, X<Schema.Int>>>()
    means(int, "Schema.Int", 3, 3.5)

    const float = Signature.make("q -> x: float")
    same<Equal<typeof float, X<Schema.Finite>>>()
    means(float, "Schema.Finite", 3.5, "3.5")

    const number = Signature.make("q -> x: number")
    same<Equal<typeof number, X<Schema.Finite>>>()
    means(number, "Schema.Finite", -1, NaN)

    const bool = Signature.make("q -> x: bool")
    same<Equal<typeof bool, X<Schema.Boolean>>>()
    means(bool, "Schema.Boolean", true, "true")

    const boolean = Signature.make("q -> x: boolean")
    same<Equal<typeof boolean, X<Schema.Boolean>>>()
    means(boolean, "Schema.Boolean", false, 0)
  })

  it("any JSON value", () => {
    const any = Signature.make("q -> x: Any")
    same<Equal<typeof any, X<typeof Schema.Json>>>()
    same<Equal<Signature.Output<typeof any>, { readonly x: Schema.Json }>>()
    means(any, "typeof Schema.Json", { a: [1, null] }, undefined)

    const lower = Signature.make("q -> x: any")
    same<Equal<typeof lower, typeof any>>()
    means(lower, "typeof Schema.Json", "a", () => 1)

    const unknown = Signature.make("q -> x: unknown")
    same<Equal<typeof unknown, typeof any>>()
    means(unknown, "typeof Schema.Json", 1, Symbol.iterator)
  })

  it("lists", () => {
    type Strings = X<Schema.$Array<Schema.String>>
    const text = "Schema.$Array<Schema.String>"
    const python = Signature.make("q -> x: list[str]")
    same<Equal<typeof python, Strings>>()
    means(python, text, ["a"], "a")

    const postfix = Signature.make("q -> x: str[]")
    same<Equal<typeof postfix, Strings>>()
    means(postfix, text, [], [1])

    const generic = Signature.make("q -> x: Array<string>")
    same<Equal<typeof generic, Strings>>()
    means(generic, text, ["a", "b"], {})

    const readonly = Signature.make("q -> x: ReadonlyArray<string>")
    same<Equal<typeof readonly, Strings>>()
    means(readonly, text, ["a"], null)

    const typing = Signature.make("q -> x: List[str]")
    same<Equal<typeof typing, Strings>>()
    means(typing, text, ["a"], [null])

    const bare = Signature.make("q -> x: list")
    same<Equal<typeof bare, X<Schema.$Array<typeof Schema.Json>>>>()
    means(bare, "Schema.$Array<typeof Schema.Json>", [1, "a"], {})

    const nested = Signature.make("q -> x: list[int[]][]")
    same<Equal<typeof nested, X<Schema.$Array<Schema.$Array<Schema.$Array<Schema.Int>>>>>>()
    means(nested, "Schema.$Array<Schema.$Array<Schema.$Array<Schema.Int>>>", [[[1]]], [[1]])

    const union = Signature.make("q -> x: (str | int)[]")
    same<Equal<typeof union, X<Schema.$Array<Schema.Union<readonly [Schema.String, Schema.Int]>>>>>()
    means(union, "Schema.$Array<Schema.Union<readonly [Schema.String, Schema.Int]>>", ["a", 1], [true])
  })

  it("dictionaries", () => {
    type Numbers = X<Schema.$Record<Schema.String, Schema.Finite>>
    const text = "Schema.$Record<Schema.String, Schema.Finite>"
    const python = Signature.make("q -> x: dict[str, float]")
    same<Equal<typeof python, Numbers>>()
    means(python, text, { a: 1 }, { a: "1" })

    const typescript = Signature.make("q -> x: Record<string, number>")
    same<Equal<typeof typescript, Numbers>>()
    means(typescript, text, {}, [])

    const typing = Signature.make("q -> x: Dict[str, float]")
    same<Equal<typeof typing, Numbers>>()
    means(typing, text, { b: 2 }, null)

    const bare = Signature.make("q -> x: dict")
    same<Equal<typeof bare, X<Schema.$Record<Schema.String, typeof Schema.Json>>>>()
    means(bare, "Schema.$Record<Schema.String, typeof Schema.Json>", { a: [1] }, "a")

    const nested = Signature.make("q -> x: dict[str, list[dict[str, Literal['a, b']]]], y")
    same<
      Equal<
        Signature.Output<typeof nested>,
        { readonly x: { readonly [x: string]: ReadonlyArray<{ readonly [x: string]: "a, b" }> }; readonly y: string }
      >
    >()
    means(
      nested,
      "Schema.$Record<Schema.String, Schema.$Array<Schema.$Record<Schema.String, Schema.Literals<readonly [\"a, b\"]>>>>",
      { a: [{ b: "a, b" }] },
      { a: [{ b: "a" }] }
    )
  })

  it("literals", () => {
    type Label = X<Schema.Literals<readonly ["spam", "ham"]>>
    const text = "Schema.Literals<readonly [\"spam\", \"ham\"]>"
    const python = Signature.make("q -> x: Literal['spam', \"ham\"]")
    same<Equal<typeof python, Label>>()
    same<Equal<Signature.Output<typeof python>, { readonly x: "spam" | "ham" }>>()
    means(python, text, "ham", "eggs")

    const typescript = Signature.make("q -> x: 'spam' | \"ham\"")
    same<Equal<typeof typescript, Label>>()
    means(typescript, text, "spam", "")

    const twice = Signature.make("q -> x: Literal['spam'] | 'ham' | 'spam'")
    same<Equal<typeof twice, Label>>()
    means(twice, text, "spam", null)

    const mixed = Signature.make("q -> x: Literal['a', 1, -2.5, True, false]")
    same<Equal<typeof mixed, X<Schema.Literals<readonly ["a", 1, -2.5, true, false]>>>>()
    means(mixed, "Schema.Literals<readonly [\"a\", 1, -2.5, true, false]>", -2.5, 2.5)

    const awkward = Signature.make("q -> x: 'a, b' | '->' | \"it's\" | '' | 'a | [b]: ?'")
    same<Equal<Signature.Output<typeof awkward>, { readonly x: "a, b" | "->" | "it's" | "" | "a | [b]: ?" }>>()
    means(awkward, "Schema.Literals<readonly [\"a, b\", \"->\", \"it's\", \"\", \"a | [b]: ?\"]>", "", " ")

    const nullable = Signature.make("q -> x: Literal['a', None]")
    same<Equal<typeof nullable, X<Schema.NullOr<Schema.Literals<readonly ["a"]>>>>>()
    means(nullable, "Schema.NullOr<Schema.Literals<readonly [\"a\"]>>", null, "null")
  })

  it("null and unions", () => {
    type Maybe = X<Schema.NullOr<Schema.String>>
    const text = "Schema.NullOr<Schema.String>"
    const optional = Signature.make("q -> x: Optional[str]")
    same<Equal<typeof optional, Maybe>>()
    means(optional, text, null, 1)

    const none = Signature.make("q -> x: str | None")
    same<Equal<typeof none, Maybe>>()
    means(none, text, "None", undefined)

    const nullFirst = Signature.make("q -> x: null | string")
    same<Equal<typeof nullFirst, Maybe>>()
    means(nullFirst, text, null, [])

    const union = Signature.make("q -> x: str | int")
    same<Equal<typeof union, X<Schema.Union<readonly [Schema.String, Schema.Int]>>>>()
    means(union, "Schema.Union<readonly [Schema.String, Schema.Int]>", 1, 1.5)

    const typing = Signature.make("q -> x: Union[str, int]")
    same<Equal<typeof typing, typeof union>>()
    means(typing, "Schema.Union<readonly [Schema.String, Schema.Int]>", "1", null)

    const flat = Signature.make("q -> x: Optional[Union[bool | 'a', (list[str] | None)]]")
    same<
      Equal<
        typeof flat,
        X<
          Schema.Union<
            readonly [Schema.Literals<readonly ["a"]>, Schema.Boolean, Schema.$Array<Schema.String>, Schema.Null]
          >
        >
      >
    >()
    means(
      flat,
      "Schema.Union<readonly [Schema.Literals<readonly [\"a\"]>, Schema.Boolean, Schema.$Array<Schema.String>, Schema.Null]>",
      ["a"],
      "b"
    )

    const only = Signature.make("q -> x: None")
    same<Equal<typeof only, X<Schema.Null>>>()
    means(only, "Schema.Null", null, 0)
  })

  it("fields that may be left out", () => {
    const optional = Signature.make("q?, n ? : int -> x?: list[str]")
    same<
      Equal<
        typeof optional,
        Signature.Signature<
          { readonly q: Schema.optionalKey<Schema.String>; readonly n: Schema.optionalKey<Schema.Int> },
          { readonly x: Schema.optionalKey<Schema.$Array<Schema.String>> }
        >
      >
    >()
    same<Equal<Signature.Input<typeof optional>, { readonly q?: string; readonly n?: number }>>()
    assert.isTrue(optional.outputFields[0]!.optional)
  })

  it("white space is free, and inputs may be none", () => {
    const spaced = Signature.make(`
      q : str ,
      tags : list [
        str
      ]
      -> x : Literal [ 'a b' , 'c' ]
    `)
    const dense = Signature.make("q:str,tags:list[str]->x:Literal['a b','c']")
    same<Equal<typeof spaced, typeof dense>>()
    assert.isTrue(Signature.equals(spaced, dense))

    const noInputs = Signature.make("-> x")
    same<Equal<typeof noInputs, Signature.Signature<{}, { readonly x: Schema.String }>>>()
    assert.deepStrictEqual(noInputs.inputFields, [])
  })

  it("a history is an input that may be left out", () => {
    const chat = Signature.make("q, h: History -> x")
    same<
      Equal<
        typeof chat,
        Signature.Signature<
          { readonly q: Schema.String; readonly h: typeof History.History },
          { readonly x: Schema.String }
        >
      >
    >()
    same<Equal<Signature.Input<typeof chat>, { readonly q: string; readonly h?: History.History }>>()
    assert.strictEqual(chat.inputFields[1]!.schema, History.History)
    // @ts-expect-error what is no JSON cannot have been said
    void ((): Signature.Input<typeof chat> => ({ q: "?", h: { messages: [{ q: new Date() }] } }))
    const left: Signature.Input<typeof chat> = { q: "?" }
    const given: Signature.Input<typeof chat> = { q: "?", h: History.make([{ q: "1", x: "2" }]) }
    assert.isTrue([left, given].every((inputs) => Result.isSuccess(Signature.decodeInputs(chat, inputs))))
  })
})
