/** Every turn's thought, what the tools do, and the answer, while the agent works. */
import { Effect, Stream } from "effect"
import { ReAct, Streaming, StreamListener } from "effect-lm"
import { write } from "./support/write.ts"
import { calculator, fetchPage } from "./tools/index.ts"

const agent = ReAct.make("question -> answer", { tools: [calculator, fetchPage] })

const streamingAgent = Streaming.streamify(agent, {
  streamListeners: [
    // The turns are calls of one predictor: without `allowReuse` only the first would be heard.
    StreamListener.make({ signatureFieldName: "next_thought", allowReuse: true }),
    StreamListener.make({ signatureFieldName: "answer" })
  ]
})

export const main = streamingAgent({ question: "How many seconds have a leap year?" }).pipe(
  Stream.runForEach((event) => {
    switch (event._tag) {
      case "StreamResponse":
        return write(`${event.chunk}${event.isLastChunk ? "\n" : ""}`)
      case "ToolStart":
        return write(`[${event.iteration}] ${event.toolName}(${JSON.stringify(event.inputs)})\n`)
      case "ToolEnd":
        return write(`[${event.iteration}] ${JSON.stringify(event.outcome)}\n`)
      default:
        return Effect.void
    }
  })
)
