/** What signature strings mean, to the compiler and at run time, and what the compiler says of those that mean nothing. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Result, Schema } from "effect"
import { type Field, History, Signature, SignatureError } from "effect-lm/signature"
import type { DeepPartial } from "effect-lm/signature/Partial"
import { typeText } from "./signatureSpecs.ts"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <_ extends true>() => {}

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
    // @ts-expect-error unknown type 'dspy.Tool'
    rejects(() => Signature.make("q: dspy.Tool -> x"), "unknown type 'dspy.Tool'", 4)
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
    // @ts-expect-error expected ',' or '->', not 'int'
    rejects(() => Signature.make("q -> x: str int"), "expected ',' or '->', not 'int'", 13)
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
    // @ts-expect-error expected '->' and the output fields
    rejects(() => Signature.make("q, x"), "expected '->' and the output fields", 5)
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

describe("types of signatures", () => {
  const qa = Signature.make("question, context: list[str] -> answer, confidence: float", {
    instructions: "Answer the question.",
    descriptions: { answer: "one sentence" }
  })
  type QA = Signature.Signature<
    { readonly question: Schema.String; readonly context: Schema.$Array<Schema.String> },
    { readonly answer: Schema.String; readonly confidence: Schema.Finite }
  >

  it("make, fromSchemas, and what a signature takes and gives", () => {
    same<Equal<typeof qa, QA>>()
    same<Equal<Signature.Input<typeof qa>, { readonly question: string; readonly context: ReadonlyArray<string> }>>()
    same<Equal<Signature.Output<typeof qa>, { readonly answer: string; readonly confidence: number }>>()
    // @ts-expect-error a description of a field that the signature does not have
    void (() => Signature.make("q -> x", { descriptions: { y: "" } }))

    const schemas = Signature.fromSchemas({
      inputs: { when: Schema.DateFromString.pipe(Schema.withConstructorDefault(Effect.succeed(new Date(0)))) },
      outputs: Schema.Struct({ points: Schema.Int, note: Schema.optionalKey(Schema.String) })
    })
    same<Equal<Signature.Input<typeof schemas>, { readonly when?: Date }>>()
    same<Equal<Signature.Output<typeof schemas>, { readonly points: number; readonly note?: string }>>()
    // @ts-expect-error a schema that needs a service
    void (() => Signature.fromSchemas({ inputs: {}, outputs: { x: needy } }))
  })

  it("the algebra keeps every other field's schema", () => {
    type Reasoned = Signature.Signature<
      QA["input"]["fields"],
      { readonly reasoning: Schema.String; readonly answer: Schema.String; readonly confidence: Schema.Finite }
    >
    const first = Signature.prependOutput(qa, "reasoning", Schema.String)
    same<Equal<typeof first, Reasoned>>()
    const last = qa.pipe(Signature.appendOutput("reasoning", Schema.String))
    same<Equal<typeof last, Reasoned>>()
    const between = Signature.insertOutput(qa, 1, "reasoning", Schema.String)
    same<Equal<typeof between, Reasoned>>()

    const input = qa.pipe(Signature.prependInput("n", Schema.Int), Signature.appendInput("m", Schema.Boolean))
    same<
      Equal<
        Signature.Input<typeof input>,
        { readonly n: number; readonly m: boolean; readonly question: string; readonly context: ReadonlyArray<string> }
      >
    >()

    const changed = Signature.withField(qa, "confidence", Schema.Literals(["low", "high"]))
    same<Equal<Signature.Output<typeof changed>, { readonly answer: string; readonly confidence: "low" | "high" }>>()

    const fewer = qa.pipe(Signature.deleteField("context"), Signature.deleteField("confidence"))
    same<
      Equal<typeof fewer, Signature.Signature<{ readonly question: Schema.String }, { readonly answer: Schema.String }>>
    >()

    const told = qa.pipe(Signature.withInstructions("x"), Signature.withDescriptions({ question: "y" }))
    same<Equal<typeof told, QA>>()
  })

  it("the algebra knows the fields", () => {
    // @ts-expect-error the field 'answer' is there twice
    void (() => Signature.prependOutput(qa, "answer", Schema.String))
    // @ts-expect-error the field 'question' is there twice, once as input
    void (() => qa.pipe(Signature.appendOutput("question", Schema.String)))
    // @ts-expect-error there is no field 'anser'
    void (() => Signature.deleteField(qa, "anser"))
    // @ts-expect-error there is no field 'anser'
    void (() => qa.pipe(Signature.deleteField("anser")))
    // @ts-expect-error there is no field 'anser'
    void (() => Signature.withField(qa, "anser", Schema.Int))
    // @ts-expect-error there is no field 'anser'
    void (() => Signature.withDescriptions(qa, { anser: "" }))
    // A signature that only run time knows has any field.
    const some: Signature.Any = qa
    void (() => Signature.deleteField(Signature.prependOutput(some, "x", Schema.String), "y"))
  })

  it("a function that takes a signature or its text is typed by it", () => {
    const reasoned = <const S extends string | Signature.Any>(spec: Signature.Arg<S>) =>
      Signature.prependOutput(Signature.from(spec) as Signature.From<S>, "reasoning", Schema.String)
    const fromText = reasoned("q -> x: int")
    same<Equal<Signature.Output<typeof fromText>, { readonly reasoning: string; readonly x: number }>>()
    const fromSignature = reasoned(qa)
    same<
      Equal<
        Signature.Output<typeof fromSignature>,
        { readonly reasoning: string; readonly answer: string; readonly confidence: number }
      >
    >()
    // @ts-expect-error unknown type 'itn'
    void (() => reasoned("q -> x: itn"))
    // @ts-expect-error a text that only run time knows
    void (() => reasoned(String(1)))
  })

  it("partial values: what has not come may be missing, and strings may be short", () => {
    same<
      Equal<
        DeepPartial<{
          readonly title: string
          readonly label: "spam" | "ham"
          readonly points: ReadonlyArray<{ readonly x: number; readonly tags: ReadonlyArray<string> }>
          readonly note: { readonly ok: boolean } | null
          readonly any: Schema.Json
        }>,
        {
          readonly title?: string
          readonly label?: string
          readonly points?: ReadonlyArray<{ readonly x?: number; readonly tags?: ReadonlyArray<string> }>
          readonly note?: { readonly ok?: boolean } | null
          readonly any?: Schema.Json
        }
      >
    >()
  })
})

class Service extends Context.Service<Service, string>()("effect-lm/test/Service") {}
declare const needy: Schema.Codec<string, string, Service>
