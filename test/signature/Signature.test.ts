/** Signatures as values: how they are made, shown, compared and changed. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { type Field, Signature, SignatureError } from "effect-lm/signature"

const qa = Signature.make("question, context: list[str] -> answer, confidence: float")

const rejects = (make: () => unknown, message: RegExp) => assert.throws(make, SignatureError, message)
const descriptions = (fields: ReadonlyArray<Field.Field>) => fields.map((field) => field.description)

describe("constructors", () => {
  it("a signature has its fields in order, and structs of them", () => {
    assert.deepStrictEqual(qa.inputFields.map((field) => field.name), ["question", "context"])
    assert.deepStrictEqual(qa.outputFields.map((field) => field.name), ["answer", "confidence"])
    assert.deepStrictEqual(Object.keys(qa.output.fields), ["answer", "confidence"])
    assert.deepStrictEqual(
      Schema.decodeUnknownSync(qa.output)({ answer: "a", confidence: 1 }),
      { answer: "a", confidence: 1 }
    )
    assert.strictEqual(qa.output.fields.answer, Schema.String)
  })

  it("instructions name the fields unless they are given", () => {
    assert.strictEqual(qa.instructions, "Given `question` and `context`, produce `answer` and `confidence`.")
    assert.strictEqual(Signature.make("-> a").instructions, "Produce `a`.")
    assert.strictEqual(Signature.make("a, b, c -> d").instructions, "Given `a`, `b` and `c`, produce `d`.")
    assert.strictEqual(Signature.make("a -> b", { instructions: "Do." }).instructions, "Do.")
    assert.strictEqual(Signature.make("a -> b", { instructions: "" }).instructions, "")
  })

  it("descriptions are those of the fields", () => {
    const described = Signature.make("a, b -> c", { descriptions: { b: "the b", c: "the c" } })
    assert.deepStrictEqual(descriptions(described.inputFields), [undefined, "the b"])
    assert.deepStrictEqual(descriptions(described.outputFields), ["the c"])
    assert.strictEqual(described.outputFields[0]!.jsonSchema.description, "the c")
  })

  it("make takes a signature too", () => {
    const made = Signature.make(qa, { instructions: "Do.", descriptions: { answer: "short" } })
    assert.deepStrictEqual([made.instructions, made.outputFields[0]!.description], ["Do.", "short"])
    assert.strictEqual(Signature.from(qa), qa)
    assert.strictEqual(String(Signature.from("a -> b")), "a -> b")
    rejects(
      () => Signature.from(undefined),
      /expected a signature or its text, as in "question -> answer" \(undefined\)/
    )
    rejects(() => Signature.from("a"), /expected '->'/)
  })

  it("fromSchemas keeps the order of keys, and takes structs and fields", () => {
    const graded = Signature.fromSchemas({
      inputs: Schema.Struct({ essay: Schema.String.annotateKey({ description: "what was handed in" }) }),
      outputs: {
        zeal: Schema.Literals(["low", "high"]),
        points: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 }))
      },
      instructions: "Grade the essay."
    })
    assert.strictEqual(String(graded), "essay -> zeal, points")
    assert.strictEqual(graded.instructions, "Grade the essay.")
    assert.deepStrictEqual(descriptions(graded.inputFields), ["what was handed in"])
    assert.deepStrictEqual(graded.outputFields[1]!.constraints, ["between 0 and 10"])
  })

  it("fromSchemas rejects what cannot be a signature", () => {
    const { String: text } = Schema
    rejects(() => Signature.fromSchemas({ inputs: { a: text }, outputs: {} }), /at least one output field \(a ->/)
    rejects(() => Signature.fromSchemas({ inputs: { a: text }, outputs: { a: text } }), /'a' is there twice/)
    rejects(
      () => Signature.fromSchemas({ inputs: {}, outputs: { "a-b": text } }),
      /only letters, digits and '_', unlike 'a-b'/
    )
    rejects(
      () => Signature.fromSchemas({ inputs: {}, outputs: { "1": text } }),
      /begins with a letter or '_', unlike '1'/
    )
    rejects(() => Signature.fromSchemas({ inputs: {}, outputs: { "": text } }), /a field has a name/)
    rejects(
      () => Signature.fromSchemas({ inputs: {}, outputs: { constructor: text } }),
      /cannot be named 'constructor'/
    )
    rejects(
      () => Signature.fromSchemas({ inputs: {}, outputs: { ["__proto__"]: text } }),
      /cannot be named '__proto__'/
    )
  })

  it("is shown by its short form and its instructions", () => {
    assert.strictEqual(String(qa), "question, context -> answer, confidence")
    assert.strictEqual(String(Signature.make("-> a")), "-> a")
    assert.deepStrictEqual(JSON.parse(JSON.stringify(Signature.make("a -> b", { instructions: "Do." }))), {
      _id: "Signature",
      fields: "a -> b",
      instructions: "Do."
    })
    assert.isTrue(Signature.isSignature(qa))
    assert.isFalse(Signature.isSignature({ input: qa.input, output: qa.output }))
  })
})

describe("the algebra", () => {
  const names = (signature: Signature.Any) => String(signature)

  it("changes instructions", () => {
    assert.strictEqual(Signature.withInstructions(qa, "Do.").instructions, "Do.")
    assert.strictEqual(
      qa.pipe(Signature.withInstructions("Do."), Signature.appendInstructions("Well.")).instructions,
      "Do.\n\nWell."
    )
    assert.strictEqual(
      Signature.appendInstructions(Signature.make("a -> b"), "Well.").instructions,
      "Given `a`, produce `b`.\n\nWell."
    )
  })

  it("adds fields at either end, and between", () => {
    assert.strictEqual(names(Signature.prependInput(qa, "x", Schema.Int)), "x, question, context -> answer, confidence")
    assert.strictEqual(names(Signature.appendInput(qa, "x", Schema.Int)), "question, context, x -> answer, confidence")
    assert.strictEqual(
      names(Signature.prependOutput(qa, "x", Schema.Int)),
      "question, context -> x, answer, confidence"
    )
    assert.strictEqual(
      names(qa.pipe(Signature.appendOutput("x", Schema.Int))),
      "question, context -> answer, confidence, x"
    )
    const inserted = (index: number) => names(Signature.insertOutput(qa, index, "x", Schema.Int)).split("-> ")[1]
    assert.deepStrictEqual([0, 1, 2].map(inserted), [
      "x, answer, confidence",
      "answer, x, confidence",
      "answer, confidence, x"
    ])
    assert.deepStrictEqual([-3, -2, -1].map(inserted), [0, 1, 2].map(inserted))
    assert.strictEqual(
      names(qa.pipe(Signature.insertInput(-2, "x", Schema.Int))),
      "question, x, context -> answer, confidence"
    )
  })

  it("says where a field cannot be", () => {
    rejects(() => Signature.insertOutput(qa, 3, "x", Schema.Int), /'x' cannot be output 3: there are 2 fields/)
    rejects(() => Signature.insertOutput(qa, -4, "x", Schema.Int), /'x' cannot be output -4/)
    rejects(
      () => Signature.insertInput(Signature.make("a -> b"), 0.5, "x", Schema.Int),
      /there is 1 field/
    )
    const any: Signature.Any = qa
    rejects(() => Signature.appendInput(any, "answer", Schema.String), /'answer' is there twice/)
    rejects(() => Signature.appendInput(any, "not a name", Schema.String), /only letters/)
  })

  it("describes what it adds", () => {
    const reasoned = Signature.prependOutput(qa, "reasoning", Schema.String, { description: "step by step" })
    assert.deepStrictEqual(descriptions(reasoned.outputFields), ["step by step", undefined, undefined])
    const told = Signature.withDescriptions(reasoned, { reasoning: "briefly", question: "what is asked" })
    assert.deepStrictEqual(descriptions([...told.inputFields, ...told.outputFields]), [
      "what is asked",
      undefined,
      "briefly",
      undefined,
      undefined
    ])
    assert.deepStrictEqual(descriptions(reasoned.outputFields), ["step by step", undefined, undefined])
  })

  it("changes and deletes fields in their place", () => {
    const changed = Signature.withField(qa, "answer", Schema.Int, { description: "a number" })
    assert.strictEqual(names(changed), names(qa))
    assert.deepStrictEqual(changed.outputFields.map((field) => field.type), ["integer", "number"])
    assert.strictEqual(changed.outputFields[0]!.description, "a number")
    assert.strictEqual(names(Signature.deleteField(qa, "question")), "context -> answer, confidence")
    assert.strictEqual(names(qa.pipe(Signature.deleteField("answer"))), "question, context -> confidence")
    rejects(() => Signature.deleteField(Signature.make("a -> b"), "b"), /at least one output/)
    const any: Signature.Any = qa
    rejects(() => Signature.deleteField(any, "x"), /there is no field 'x' \(question, context -> answer, confidence\)/)
    rejects(() => Signature.withField(any, "x", Schema.Int), /there is no field 'x'/)
    rejects(() => Signature.withDescriptions(any, { toString: "x" }), /there is no field 'toString'/)
  })

  it("instructions that were not given follow the fields, others stay", () => {
    assert.strictEqual(
      Signature.make("a -> b").pipe(Signature.prependOutput("reasoning", Schema.String)).instructions,
      "Given `a`, produce `reasoning` and `b`."
    )
    assert.strictEqual(
      Signature.make("a -> b", { instructions: "Do." }).pipe(Signature.prependOutput("reasoning", Schema.String))
        .instructions,
      "Do."
    )
  })

  it("leaves the signature it began with as it was", () => {
    const before = [qa.instructions, String(qa), Object.keys(qa.output.fields).join()]
    Signature.prependOutput(qa, "x", Schema.Int)
    Signature.deleteField(qa, "answer")
    Signature.withDescriptions(qa, { answer: "x" })
    assert.deepStrictEqual([qa.instructions, String(qa), Object.keys(qa.output.fields).join()], before)
    assert.isUndefined(qa.outputFields[0]!.description)
  })

  it("what is prepended and deleted is gone", () => {
    const there = qa.pipe(Signature.prependOutput("x", Schema.Int), Signature.deleteField("x"))
    assert.isTrue(Signature.equals(there, qa))
  })
})

describe("equals", () => {
  it("compares what a model is told", () => {
    assert.isTrue(
      Signature.equals(
        Signature.make("a: list[str] -> b: 'x' | 'y'"),
        Signature.make("a: str[] -> b: Literal['x', 'y']")
      )
    )
    const bounded = () =>
      Signature.fromSchemas({
        inputs: {},
        outputs: { n: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })).annotateKey({ description: "n" }) }
      })
    assert.isTrue(bounded().pipe(Signature.equals(bounded())))
    const other = (signature: Signature.Any) => assert.isFalse(Signature.equals(Signature.make("a, b -> c"), signature))
    other(Signature.make("b, a -> c"))
    other(Signature.make("a, b -> c: int"))
    other(Signature.make("a, b -> c?"))
    other(Signature.make("a, b -> d"))
    other(Signature.make("a -> c"))
    other(Signature.make("a, b -> c", { instructions: "Do." }))
    other(Signature.make("a, b -> c", { descriptions: { c: "x" } }))
  })
})

describe("errors", () => {
  it("make throws the error that parse returns", () => {
    const text: string = "a -> b: strng"
    const parsed = Result.getOrThrow(Result.flip(Signature.parse(text)))
    assert.throws(() => Signature.make(text as "a -> b"), SignatureError, parsed.message)
  })
})
