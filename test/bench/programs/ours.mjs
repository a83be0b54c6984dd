/** A program in a fresh process, to the first piece of a field. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { OpenAI, Predict, Streaming } from "effect-lm"

const program = Streaming.streamify(Predict.make("question -> reasoning, answer"))

await program({ question: "?" }).pipe(
  Stream.runForEach((event) => Effect.sync(() => event._tag === "StreamResponse" && process.stdout.write(event.chunk))),
  Effect.provide(OpenAI.layer({ model: "chat-200", baseUrl: process.argv[2] })),
  Effect.runPromise
)
