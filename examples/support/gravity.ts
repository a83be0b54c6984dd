/** The program of the script without async: what to stream of it, and whom to ask. */
import { ChainOfThought, Streaming, StreamListener } from "effect-lm"
import * as Model from "./model.ts"

export const program = ChainOfThought.make("question -> answer")

export const streaming = Streaming.streamify(program, {
  streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
})

export const layer = Model.layer("synchronous-streaming")
