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

/** Which output fields' deltas and partial values an observer wants of one predictor call, and whether the deltas of tool calls. */
export interface Interest {
  readonly text: (field: string) => boolean
  readonly partial: (field: string) => boolean
  readonly toolCalls: boolean
}

/** Watches runs. The run waits for what it does: one that takes its time slows the run down, which is what bounds memory. */
export interface Observer {
  /**
   * Asked once per predictor call, before its first request, about the call and each of its output fields; `undefined` wants no
   * deltas, so the call need not stream. What it throws is logged: it wants none.
   */
  readonly interest: (call: Call) => Interest | undefined
  /**
   * The events of one step, in order; never empty. It is called as soon as they happen, even if the run is interrupted just
   * then. A defect in it is logged and does not touch the run.
   */
  readonly onEvents: (events: ReadonlyArray<RunEvent>) => Effect.Effect<void>
  /**
   * How long the run waits for one step; 3 seconds by default, `Infinity` where the observer slows it down on purpose. After
   * that what it does is interrupted, which is logged, and it hears no more of this run.
   */
  readonly timeout?: Duration.Input | undefined
  /**
   * Wraps what a module, a language model or a tool does, as a span does: what is called below it runs inside. `start` says what
   * begins. The effect stays what it is: it has to give its own result, or fail of its own error.
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

/** Tells the observers at once; what they still do runs one after the other, in the effect. */
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

/** Asks an observer what it wants of a call with these output fields, so that nothing of it runs while a reply is read. */
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
      // A promise is no interest; that it may fail as well is nobody's to handle.
      if (Predicate.isPromiseLike(interest)) interest.then(undefined, () => {})
      const text = new Set(fields.filter((field) => interest.text(field)))
      const partial = new Set(fields.filter((field) => interest.partial(field)))
      return {
        text: (field) => text.has(field),
        partial: (field) => partial.has(field),
        toolCalls: interest.toolCalls
      }
    })
  )
