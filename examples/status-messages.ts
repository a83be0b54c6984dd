/** A status message provider: what happens inside, beside what is answered. */
import { Console, Effect, Stream } from "effect"
import { ChainOfThought, type Status, Streaming, StreamListener } from "effect-lm"
import { write } from "./support/write.ts"

const provider: Status.StatusMessageProvider = {
  lmStart: () => "Thinking...",
  lmEnd: () => "Got response",
  moduleStart: (module) => `Starting ${module.name}...`,
  moduleEnd: (module) => `Finished ${module.name}`,
  toolStart: (tool) => `Calling tool: ${tool.name}...`,
  toolEnd: (tool) => `Tool ${tool.name} completed`
}

const streamingProgram = Streaming.streamify(ChainOfThought.make("question -> answer"), {
  streamListeners: [StreamListener.make({ signatureFieldName: "answer" })],
  statusMessageProvider: provider
})

export const main = streamingProgram({ question: "What causes tides?" }).pipe(
  Stream.runForEach((event) => {
    switch (event._tag) {
      case "StatusMessage":
        return Console.log(`\n[STATUS] ${event.message}`)
      case "StreamResponse":
        return write(event.chunk)
      case "Prediction":
        return Console.log(`\n\nFinal: ${event.answer}`)
      default:
        return Effect.void
    }
  })
)
