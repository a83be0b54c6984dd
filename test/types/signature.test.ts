/** The types of signatures: what their algebra keeps, and what takes them. */
import { describe, it } from "@effect/vitest"
import { Context, Effect, Schema } from "effect"
import { Signature } from "effect-lm/signature"
import type { DeepPartial } from "effect-lm/signature/Partial"
import { type Equal, same } from "./support/equal.ts"

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
