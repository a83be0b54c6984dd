/** What the types of blocking programs accept and reject; `tsc` checks this file, nothing in it runs a thread. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import {
  BlockingStream,
  LM,
  Module,
  Predict,
  type Prediction,
  type StreamEvent,
  Streaming,
  StreamListener
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { type Equal, same } from "./support/equal.ts"

class Clock extends Context.Service<Clock, { readonly now: number }>()("test/Clock") {}

const program = Predict.make("question -> answer, score: float")

/** What a file exports. */
const file = {
  program,
  streaming: Streaming.streamify(program, {
    streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
  }),
  clocked: Module.make(
    "Clocked",
    { program },
    ({ program }) => (input: { readonly question: string }) => Effect.flatMap(Clock, () => program(input))
  ),
  free: Module.make("Free", {}, () => (input: { readonly n: number }) => Effect.succeed({ twice: input.n * 2 })),
  words: (input: { readonly n: number }) => Stream.make("a", String(input.n)),
  layer: ScriptedLM.layer([]),
  everything: Layer.merge(ScriptedLM.layer([]), Layer.succeed(Clock, { now: 0 })),
  unfinished: Layer.effect(LM, Effect.as(Clock, {} as typeof LM.Service)),
  helper: (n: number) => n + 1
}
type File = typeof file

const url = new URL("file:///program.ts")
const programs = BlockingStream.module<File>(url)

type Answer = Prediction.Prediction<{ readonly answer: string; readonly score: number }>

describe("types of blocking programs", () => {
  it("a module streams all its fields, and answers its prediction", () => {
    const ask = programs()
    same<
      Equal<
        typeof ask,
        BlockingStream.BlockingProgram<
          { readonly question: string },
          StreamEvent.StreamEvent<
            File["program"]["signatures"],
            [],
            { readonly answer: string; readonly score: number }
          >,
          Answer
        >
      >
    >()
    same<Equal<typeof ask, ReturnType<typeof programs<"program">>>>()
    void (() => same<Equal<ReturnType<typeof ask.call>, Answer>>())
    // @ts-expect-error a misspelt input
    void (() => ask.stream({ qestion: "?" }))
    // @ts-expect-error a mistyped input
    void (() => ask.call({ question: 1 }))
    // @ts-expect-error a field that the signature does not have
    void (() => ask.call({ question: "?" }).anser)
    assert.isFunction(ask.stream)
  })

  it("a streaming program streams what its listeners hear", () => {
    const ask = programs("streaming")
    type Event = ReturnType<typeof ask.stream> extends Iterable<infer Event> ? Event : never
    same<
      Equal<
        Extract<Event, { readonly _tag: "StreamResponse" }>,
        StreamEvent.StreamResponse<"self", "answer">
      >
    >()
    void (() => same<Equal<ReturnType<typeof ask.call>, Answer>>())
    assert.isFunction(ask.stream)
  })

  it("a stream without a prediction has nothing to call for", () => {
    const words = programs("words")
    same<Equal<typeof words, BlockingStream.BlockingProgram<{ readonly n: number }, string, never>>>()
    assert.isFunction(words.stream)
  })

  it("names must be those of programs", () => {
    // @ts-expect-error no such export
    assert.isObject(programs("progam"))
    // @ts-expect-error no program, a layer
    assert.isObject(programs("layer"))
    // @ts-expect-error no program, a function that gives no stream
    assert.isObject(programs("helper"))
    // @ts-expect-error the file exports no 'program', so one must be named
    void (() => BlockingStream.module<Pick<File, "streaming" | "layer">>(url)().call({ question: "?" }))
  })

  it("a layer must provide what the program requires", () => {
    assert.isObject(programs("clocked", { layer: "everything" }))
    assert.isObject(programs("program", { layer: "everything" }))
    // @ts-expect-error 'layer' has no Clock, so another must be named
    assert.isObject(programs("clocked"))
    // @ts-expect-error 'layer' has no Clock
    assert.isObject(programs("clocked", { layer: "layer" }))
    // @ts-expect-error 'unfinished' requires something itself
    assert.isObject(programs("program", { layer: "unfinished" }))
    // @ts-expect-error no such export
    assert.isObject(programs("program", { layer: "layr" }))
    // @ts-expect-error no layer
    assert.isObject(programs("program", { layer: "helper" }))
  })

  it("a file without a layer is enough for a program that requires nothing, and for no other", () => {
    const bare = BlockingStream.module<Pick<File, "program" | "free">>(url)
    assert.isObject(bare("free"))
    // @ts-expect-error the file exports no layer with the services that 'program' requires
    assert.isObject(bare("program"))
    // @ts-expect-error the file exports no layer with the services that 'program' requires
    assert.isObject(bare())
  })

  it("errors are classes made with Schema.TaggedError", () => {
    assert.isObject(programs("program", { errors: [BlockingStream.WorkerError] }))
    // @ts-expect-error a class without a schema
    assert.throws(() => programs("program", { errors: [TypeError] }), TypeError, "a class made with Schema.TaggedError")
  })
})
