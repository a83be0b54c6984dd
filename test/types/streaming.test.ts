/** What the types of programs and listeners accept and reject; `tsc` checks this file, the runtime checks what it can. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Stream } from "effect"
import {
  type AdapterParseError,
  ChainOfThought,
  type InputError,
  type LM,
  type LMError,
  Module,
  Predict,
  type Prediction,
  type StreamEvent,
  Streaming,
  StreamListener
} from "effect-lm"
import { type Equal, same } from "./support/equal.ts"

const research = Module.make("Research", {
  analyze: ChainOfThought.make("question -> key_points: list[str]"),
  synthesize: ChainOfThought.make("question, key_points: list[str] -> answer")
}, ({ analyze, synthesize }) =>
  Effect.fnUntraced(function*(input: { readonly question: string }) {
    const { key_points } = yield* analyze(input)
    return yield* synthesize({ ...input, key_points })
  }))

const nested = Module.make(
  "Nested",
  { first: research, second: Predict.make("draft -> verdict: bool, answer: str") },
  ({ first, second }) => (input: { readonly question: string }) =>
    Effect.flatMap(first(input), ({ answer }) => second({ draft: answer }))
)

describe("types of programs", () => {
  it("a call is typed by the signature", () => {
    const qa = Predict.make("question -> answer, confidence: float")
    const call = qa({ question: "?" })
    same<
      Equal<
        typeof call,
        Effect.Effect<
          Prediction.Prediction<{ readonly answer: string; readonly confidence: number }>,
          InputError | LMError | AdapterParseError,
          LM
        >
      >
    >()
    // @ts-expect-error a field `reasoning` beside the one that chain of thought adds
    assert.throws(() => ChainOfThought.make("a -> reasoning"), /reasoning/)
    // @ts-expect-error and an input of that name
    assert.throws(() => ChainOfThought.make("reasoning -> answer"), /reasoning/)
    // @ts-expect-error what is wrong with the string is still said
    assert.throws(() => ChainOfThought.make("a -> "))
    // @ts-expect-error a misspelt input
    void (() => qa({ qestion: "?" }))
    // @ts-expect-error a mistyped input
    void (() => qa({ question: 1 }))
    // @ts-expect-error a field that the signature does not have
    void (() => Effect.map(qa({ question: "?" }), (prediction) => prediction.anser))
  })

  it("a composed program knows its predictors by path", () => {
    same<Equal<keyof typeof nested.signatures, "first.analyze" | "first.synthesize" | "second">>()
    assert.deepStrictEqual(Object.keys(nested.signatures), ["first.analyze", "first.synthesize", "second"])
    const call = nested({ question: "?" })
    same<
      Equal<Effect.Success<typeof call>, Prediction.Prediction<{ readonly verdict: boolean; readonly answer: string }>>
    >()
  })

  it("a program may answer any record", () => {
    const plain = Module.make(
      "Plain",
      {},
      () => (input: { readonly n: number }) => Effect.succeed({ twice: input.n * 2 })
    )
    const call = plain({ n: 1 })
    same<Equal<typeof call, Effect.Effect<Prediction.Prediction<{ twice: number }>>>>()
  })
})

describe("types of listeners", () => {
  it("a listener is found by field, exact path, suffix or prefix", () => {
    const listen = Streaming.streamify(nested, {
      streamListeners: [
        StreamListener.make({ signatureFieldName: "verdict" }),
        StreamListener.make({ signatureFieldName: "answer", predictName: "synthesize" }),
        StreamListener.make({ signatureFieldName: "key_points", predictName: "first", partial: true }),
        StreamListener.make({ signatureFieldName: "answer", predictName: "second" })
      ]
    })
    const events = listen({ question: "?" })
    type Event = Stream.Success<typeof events>
    same<
      Equal<
        Event,
        | StreamEvent.StatusMessage
        | StreamEvent.Retracted<"first.analyze" | "first.synthesize" | "second">
        | StreamEvent.ToolCallDelta<"first.analyze" | "first.synthesize" | "second">
        | StreamEvent.ToolEvent
        | StreamEvent.Emitted
        | StreamEvent.StreamResponse<"second", "verdict">
        | StreamEvent.StreamResponse<"first.synthesize", "answer">
        | StreamEvent.PartialResponse<"first.analyze", "key_points", ReadonlyArray<string>>
        | StreamEvent.StreamResponse<"second", "answer">
        | Prediction.Prediction<{ readonly verdict: boolean; readonly answer: string }>
      >
    >()
  })

  it("a listener that fits no predictor is a compile error, and names the candidates at run time", () => {
    const field = StreamListener.make({ signatureFieldName: "anser" })
    // @ts-expect-error no predictor has the output field 'anser'
    const noField = () => Streaming.streamify(research, { streamListeners: [field] })
    assert.throws(noField, /analyze \(reasoning, key_points\)/)

    const name = StreamListener.make({ signatureFieldName: "answer", predictName: "sythesize" })
    // @ts-expect-error no predictor 'sythesize'
    const noPredictor = () => Streaming.streamify(research, { streamListeners: [name] })
    assert.throws(noPredictor, /there are: analyze, synthesize/)

    const either = StreamListener.make({ signatureFieldName: "reasoning" })
    // @ts-expect-error several predictors have the output field 'reasoning'
    const ambiguous = () => Streaming.streamify(research, { streamListeners: [either] })
    assert.throws(ambiguous, /give predictName, one of analyze/)

    const partial = StreamListener.make({ signatureFieldName: "answer", partial: true })
    // @ts-expect-error 'answer' is a string: it streams as text
    const notPartial = () => Streaming.streamify(research, { streamListeners: [partial] })
    assert.isFunction(notPartial)
  })
})
