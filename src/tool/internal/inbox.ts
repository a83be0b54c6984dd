/**
 * Requests of runs that wait for an answer from elsewhere.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"

/** Requests that wait, and how they are answered. */
export interface Inbox<Request, Answer> {
  /** Waits here for an answer. */
  readonly ask: (request: Request) => Effect.Effect<Answer>
  /** The requests without an answer, oldest first. One is gone when it was answered, or its run was interrupted. */
  readonly pending: Effect.Effect<ReadonlyArray<Request>>
  /** The pending requests, and then each that is made. */
  readonly requests: Stream.Stream<Request>
  /** Answers a request; false where it is not there, or not there any more. */
  readonly answer: (id: string, answer: Answer) => Effect.Effect<boolean>
}

/** An inbox without requests. */
export const make = <Request extends { readonly id: string }, Answer>(): Inbox<Request, Answer> => {
  const waiting = new Map<string, Waiting<Request, Answer>>()
  let count = 0
  let arrival = Deferred.makeUnsafe<void>()

  const ask = (request: Request): Effect.Effect<Answer> =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const answer = Deferred.makeUnsafe<Answer>()
        waiting.set(request.id, { request, answer, number: ++count })
        Deferred.doneUnsafe(arrival, Exit.void)
        arrival = Deferred.makeUnsafe()
        return answer
      }),
      (answer) => Deferred.await(answer),
      () => Effect.sync(() => waiting.delete(request.id))
    )

  // A reader holds the number of the last request that it was given: nothing is queued for one that does not read.
  const requests = Stream.suspend(() => {
    let last = 0
    const pull: Effect.Effect<NonEmptyReadonlyArray<Request>> = Effect.suspend(() => {
      const [first, ...others] = [...waiting.values()].filter(({ number }) => number > last)
      if (first === undefined) return Effect.andThen(Deferred.await(arrival), pull)
      last = count
      return Effect.succeed([first.request, ...others.map(({ request }) => request)])
    })
    return Stream.fromPull(Effect.succeed(pull))
  })

  return {
    ask,
    pending: Effect.sync(() => [...waiting.values()].map(({ request }) => request)),
    requests,
    answer: (id, answer) =>
      Effect.suspend(() => {
        const found = waiting.get(id)
        // The request leaves at once: a second answer is too late, even if the run has not gone on yet.
        waiting.delete(id)
        return found === undefined ? Effect.succeed(false) : Deferred.succeed(found.answer, answer)
      })
  }
}

interface Waiting<Request, Answer> {
  readonly request: Request
  readonly answer: Deferred.Deferred<Answer>
  readonly number: number
}
