/**
 * Who watches a run.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Kinds from "../text/kinds.ts"
import { given, hooks, type Names } from "../text/options.ts"
import type { Call } from "./Call.ts"
import * as Guest from "./Guest.ts"
import type { LMStart, ModuleStart, RunEvent, ToolStart } from "./RunEvent.ts"

/** What an observer wants to hear of one predictor call: deltas and partial values, by output field, and the deltas of tool calls. */
export interface Interest {
  readonly text: (field: string) => boolean
  readonly partial: (field: string) => boolean
  readonly toolCalls: boolean
  /** Wants to hear of a call that streams for somebody else, and is no reason to stream; false if left out. */
  readonly ifStreamed?: boolean | undefined
}

/** Watches runs. The run waits for its observers: a slow one slows the run down, so that events do not pile up in memory. */
export interface Observer {
  /**
   * Asked once per predictor call, before its first request, about the call and each of its output fields; `undefined` wants no
   * deltas, so the call need not stream. An error that it throws is logged, and counts as `undefined`.
   */
  readonly interest: (call: Call) => Interest | undefined
  /**
   * Hears the events of one step, in their order; there is at least one. It is called as soon as they happen, even if the run is
   * interrupted at that moment. A defect of the observer is logged, and the run goes on.
   */
  readonly onEvents: (events: ReadonlyArray<RunEvent>) => Effect.Effect<void>
  /**
   * How long the run waits for the observer at one step; 3 seconds by default, `Infinity` for an observer that slows the run down
   * on purpose. An observer that takes longer is interrupted, which is logged, and hears nothing more of this run.
   */
  readonly timeout?: Duration.Input | undefined
  /**
   * Wraps the work of a module, a language model or a tool, as a span does: whatever that calls runs inside the wrapper. `start` says
   * what begins. The wrapper has to give the result of the effect, or to fail of its error.
   */
  readonly around?: (<A, E, R>(start: Start, self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>) | undefined
}

/** What begins a call of a module, a language model or a tool. */
export type Start = ModuleStart | LMStart | ToolStart

/** The observers of what runs in this context; none by default, which costs nothing. */
export const Observers = Context.Reference<ReadonlyArray<Observer>>("effect-lm/run/Observers", {
  defaultValue: () => []
})

/** Runs an effect with one more observer. */
export const observe = (
  observer: Observer
): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> => {
  hooks("an observer", observer, names)
  return (self) => {
    given("Observer.observe", { self: Kinds.effect }, [self])
    return Effect.updateService(self, Observers, (observers) => [...observers, observer])
  }
}

const names: Names<Observer> = {
  interest: Kinds.needed(Kinds.fn("a function, () => undefined where no deltas are wanted")),
  onEvents: Kinds.needed(Kinds.fn("a function of events that gives an Effect")),
  timeout: Kinds.time,
  around: Kinds.fn("a function of what begins and of its Effect, which gives an Effect")
}

/** Calls all observers at once. The effects that they give run one after the other, in the effect that this gives. */
export const notify = (
  observers: ReadonlyArray<Observer>,
  events: ReadonlyArray<RunEvent>
): Effect.Effect<void> =>
  events.length === 0 || observers.length === 0
    ? Effect.void
    : observers.length === 1
    ? tell(observers[0]!, events)
    : Effect.forEach(observers.map((observer) => tell(observer, events)), identity, { discard: true })

const tell = (observer: Observer, events: ReadonlyArray<RunEvent>): Effect.Effect<void> =>
  Guest.act(observer, events[0]!.call.run, "an observer of the run", () => observer.onEvents(events))

/** Asks an observer what it wants of a call with these output fields: once, so that none of its code runs while a reply is read. */
export const interested = (
  observer: Observer,
  call: Call,
  fields: ReadonlyArray<string>
): Effect.Effect<Interest | undefined> =>
  Guest.harmless(
    "the interest of an observer",
    Effect.sync(() => {
      const interest = observer.interest(call)
      if (interest === undefined) return undefined
      // A promise is no interest. It may be rejected, and nobody else would handle that.
      if (Predicate.isPromiseLike(interest)) interest.then(undefined, () => {})
      const text = new Set(fields.filter((field) => interest.text(field)))
      const partial = new Set(fields.filter((field) => interest.partial(field)))
      return {
        text: (field) => text.has(field),
        partial: (field) => partial.has(field),
        toolCalls: interest.toolCalls,
        ifStreamed: interest.ifStreamed
      }
    })
  )
