/** Several output fields stream, each to its own listener. */
import { Effect, Stream } from "effect"
import { Predict, Streaming, StreamListener } from "effect-lm"
import { write } from "./support/write.ts"

const program = Predict.make("article -> title, summary, keywords")

const streamingProgram = Streaming.streamify(program, {
  streamListeners: [
    StreamListener.make({ signatureFieldName: "title" }),
    StreamListener.make({ signatureFieldName: "summary" }),
    StreamListener.make({ signatureFieldName: "keywords" })
  ]
})

const article = "Tides are the rise and fall of sea levels, caused by the gravity of the Moon and the Sun."

export const main = Effect.gen(function*() {
  let begun = ""
  yield* streamingProgram({ article }).pipe(
    Stream.runForEach((event) => {
      if (event._tag !== "StreamResponse") return Effect.void
      const { chunk, isLastChunk, signatureFieldName } = event
      const label = signatureFieldName === begun ? "" : `[${signatureFieldName}] `
      begun = signatureFieldName
      return write(`${label}${chunk}${isLastChunk ? "\n" : ""}`)
    })
  )
})
