/**
 * Who watches a run.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Result from "effect/Result"
import type { Call } from "./Call.ts"
import type { RunEvent } from "./RunEvent.ts"

/** Which output fields' deltas and partial values an observer wants of one predictor call, and whether the deltas of tool calls. */
export interface Interest {
  readonly text: (field: string) => boolean
  readonly partial: (field: string) => boolean
  readonly toolCalls: boolean
}

/** Watches runs. Its effects run in the run's own fiber: one that waits slows the run down, which is what bounds memory. */
export interface Observer {
  /** Asked once per predictor call, before its first request; `undefined` wants no deltas, so the call need not stream. */
  readonly interest: (call: Call) => Interest | undefined
  /**
   * The events of one step, in order; never empty. It is called as soon as they happen, even if the run is interrupted just
   * then. A defect in it is logged and does not touch the run.
   */
  readonly onEvents: (events: ReadonlyArray<RunEvent>) => Effect.Effect<void>
}

/** The observers of what runs in this context; none by default, which costs nothing. */
export const Observers = Context.Reference<ReadonlyArray<Observer>>("effect-lm/run/Observers", {
  defaultValue: () => []
})

/** Runs an effect with one more observer. */
export const observe = (observer: Observer) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateService(self, Observers, (observers) => [...observers, observer])

/** Tells the observers at once; what they still do runs one after the other, in the effect. */
export const notify = (
  observers: ReadonlyArray<Observer>,
  events: ReadonlyArray<RunEvent>
): Effect.Effect<void | undefined> =>
  events.length === 0 || observers.length === 0
    ? Effect.void
    : observers.length === 1
    ? tell(observers[0]!, events)
    : Effect.forEach(observers.map((observer) => tell(observer, events)), identity, { discard: true })

const tell = (observer: Observer, events: ReadonlyArray<RunEvent>): Effect.Effect<void | undefined> =>
  harmless(
    "an observer of the run",
    Result.getOrElse(Result.try(() => observer.onEvents(events)), (thrown) => Effect.die(thrown))
  )

/**
 * Runs what others gave us to run beside the program: a defect in it is logged, and the program goes on. So it does where it
 * interrupts itself; an interruption of the run is none that can be caught.
 */
export const harmless = <A>(what: string, self: Effect.Effect<A>): Effect.Effect<A | undefined> =>
  Effect.catchCause(self, (cause) => Effect.as(Effect.logWarning(`${what} failed`, cause), undefined))
