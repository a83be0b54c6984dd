/** Two predictors have an `answer`; `predictName` says which one is streamed. */
import { Effect, Stream } from "effect"
import { Module, Predict, Streaming, StreamListener } from "effect-lm"
import { write } from "./support/write.ts"

const pipeline = Module.make("TwoStepPipeline", {
  step1: Predict.make("text -> answer"),
  step2: Predict.make("draft_answer -> answer")
}, ({ step1, step2 }) =>
  Effect.fnUntraced(function*(input: { readonly text: string }) {
    const draft = yield* step1(input)
    return yield* step2({ draft_answer: draft.answer })
  }))

const streamingProgram = Streaming.streamify(pipeline, {
  streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "step2" })]
})

export const main = streamingProgram({ text: "Why is the sky blue?" }).pipe(
  Stream.runForEach((event) => event._tag === "StreamResponse" ? write(event.chunk) : Effect.void),
  Effect.andThen(write("\n"))
)
