/**
 * What a run has said and its stream has not taken yet. A consumer that is slow slows the run down, and loses nothing.
 */
import { isReadonlyArrayNonEmpty, type NonEmptyReadonlyArray } from "effect/Array"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"

/** Events on their way to a queue. */
export interface Outbox<in Event> {
  /** Puts events behind those that wait. */
  readonly add: (events: ReadonlyArray<Event>) => void
  /** Brings what waits to the queue; waits for room there. Where it is interrupted, the next delivery brings it along. */
  readonly deliver: Effect.Effect<unknown>
}

/** An empty outbox. */
export const make = <Event, E>(queue: Queue.Queue<NonEmptyReadonlyArray<Event>, E | Cause.Done>): Outbox<Event> => {
  let waiting: ReadonlyArray<Event> = []
  return {
    add: (events) => {
      waiting = waiting.length === 0 ? events : [...waiting, ...events]
    },
    deliver: Effect.suspend((): Effect.Effect<unknown> => {
      const events = waiting
      waiting = []
      if (!isReadonlyArrayNonEmpty(events)) return Effect.void
      if (Queue.offerUnsafe(queue, events)) {
        // A consumer that waits goes on at once, and not behind everything else that has come from the network.
        Queue.flushUnsafe(queue)
        return Effect.void
      }
      return Effect.onInterrupt(
        Queue.offer(queue, events),
        () => Effect.sync(() => void (waiting = [...events, ...waiting]))
      )
    })
  }
}
