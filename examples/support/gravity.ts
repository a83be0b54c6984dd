/** The program of the script without async: what to stream of it, and whom to ask. */
import { Console } from "effect"
import { ChainOfThought, Discovery, Streaming, StreamListener } from "effect-lm"

export const program = ChainOfThought.make("question -> answer")

export const streaming = Streaming.streamify(program, {
  streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
})

export const layer = Discovery.layer({ onFound: (found) => Console.error(`${found.model}: ${found.why}`) })
