/** Basic streaming, and the objects in the stream: pieces of a field, then the whole prediction. */
import { Console, Effect, Stream } from "effect"
import { ChainOfThought, Streaming, StreamListener } from "effect-lm"
import { write } from "./support/write.ts"

const program = ChainOfThought.make("question -> answer")

const streamingProgram = Streaming.streamify(program, {
  streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
})

export const main = streamingProgram({ question: "Explain black holes in simple terms" }).pipe(
  Stream.runForEach((event) => {
    switch (event._tag) {
      case "StreamResponse":
        return write(event.chunk)
      case "Prediction":
        return Console.log(`\n\n--- Final answer ---\n${event.answer}`)
      default:
        return Effect.void
    }
  })
)
