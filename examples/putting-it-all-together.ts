/** A pipeline of two predictors that streams its last field and says what it does. */
import { Console, Effect, Stream } from "effect"
import { ChainOfThought, Module, Signature, Streaming, StreamListener } from "effect-lm"
import { write } from "./support/write.ts"

/** With a signature of its own the program also runs as a command: `effect-lm run ./examples/putting-it-all-together.ts`. */
export const program = Module.make("ResearchPipeline", {
  analyze: ChainOfThought.make("question -> key_points: list[str]"),
  synthesize: ChainOfThought.make("question, key_points: list[str] -> answer")
}, ({ analyze, synthesize }) =>
  Effect.fnUntraced(function*(input: { readonly question: string }) {
    const { key_points } = yield* analyze(input)
    return yield* synthesize({ ...input, key_points })
  })).pipe(Module.withSignature(Signature.make("question -> reasoning, answer")))

const streamingPipeline = Streaming.streamify(program, {
  streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "synthesize" })],
  statusMessageProvider: {
    moduleStart: (module) => `Starting ${module.name}...`,
    lmStart: () => "Generating response..."
  }
})

export const main = streamingPipeline({ question: "What are the key challenges in quantum computing?" }).pipe(
  Stream.runForEach((event) => {
    switch (event._tag) {
      case "StatusMessage":
        return Console.log(`\n[${event.message}]`)
      case "StreamResponse":
        return write(event.chunk)
      case "Prediction":
        return Console.log("\n\nDone!")
      default:
        return Effect.void
    }
  })
)
