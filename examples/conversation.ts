/** A conversation: a session says again what was said, streams like any program, and its log is JSON. */
import { Console, Effect, Stream } from "effect"
import { History, Predict, Session, Streaming } from "effect-lm"
import { write } from "./support/write.ts"

const chat = Predict.make("question, history: History -> answer")

export const main = Effect.gen(function*() {
  const session = yield* Session.make(chat)
  yield* session({ question: "I am Ada, and I keep bees. Which month is it best to begin in?" })

  const streaming = Streaming.streamify(session)
  yield* streaming({ question: "What do I keep?" }).pipe(
    Stream.runForEach((event) => event._tag === "StreamResponse" ? write(event.chunk) : Effect.void)
  )

  const { messages } = yield* session.history
  yield* Console.log(`\n\nSaid so far: ${JSON.stringify(messages)}`)

  // The same by hand: the history is an input like any other.
  const history = History.make(messages.slice(0, 1))
  const { answer } = yield* chat({ question: "What is my name?", history })
  yield* Console.log(answer)
})
