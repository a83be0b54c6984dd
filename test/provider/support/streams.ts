/** What a stream of an answer is on the wire, and what comes of one. */
import { Cause, Effect, Exit, Stream } from "effect"
import type { LMError } from "effect-lm/lm/LMError"
import type { LMEvent } from "effect-lm/lm/LMEvent"
import { textIn } from "../../support/said.ts"
import * as WireServer from "../../support/wireServer.ts"

/** The chunks of an answer, of which the last one ends it. */
export const answer = [
  WireServer.chunk({ content: "Par" }),
  WireServer.chunk({ content: "is" }),
  WireServer.stop
] as const

/** Begins an answer, and then says no more. */
export const begun: WireServer.Handler = (exchange) =>
  Effect.gen(function*() {
    yield* exchange.head(200, WireServer.eventStream)
    yield* exchange.write(answer[0])
    yield* exchange.closed
  })

/** All events of a stream, their text, and the error that it ended with, if any. */
export const run = (stream: Stream.Stream<LMEvent, LMError>) =>
  Effect.suspend(() => {
    const events: Array<LMEvent> = []
    return stream.pipe(
      Stream.runForEach((event) => Effect.sync(() => events.push(event))),
      Effect.exit,
      Effect.map((exit) => ({
        events,
        text: textIn(events),
        error: Exit.isFailure(exit) ? Cause.squash(exit.cause) as LMError : undefined
      }))
    )
  })
