/**
 * Makes the start and the end of a call visible to the observers.
 */
import * as Cause from "effect/Cause"
import { Clock } from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Call from "./Call.ts"
import { notify, type Observer, Observers } from "./Observer.ts"
import type { Outcome, RunEvent } from "./RunEvent.ts"

/**
 * Runs an effect between two events. The end is told however the effect ends, also when it is interrupted.
 */
export const watched = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  observers: ReadonlyArray<Observer>,
  start: () => RunEvent,
  end: (outcome: Outcome<A>, durationMillis: number) => RunEvent
): Effect.Effect<A, E, R> =>
  observers.length === 0 ? self : Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock)
    const started = clock.currentTimeMillisUnsafe()
    return Effect.onExit(
      Effect.andThen(notify(observers, [start()]), self),
      (exit) => notify(observers, [end(outcome(exit), clock.currentTimeMillisUnsafe() - started)])
    )
  })

const outcome = <A, E>(exit: Exit.Exit<A, E>): Outcome<A> =>
  Exit.isSuccess(exit)
    ? { _tag: "Success", value: exit.value }
    : Cause.hasInterruptsOnly(exit.cause)
    ? { _tag: "Interrupted" }
    : { _tag: "Failure", error: Cause.squash(exit.cause) }

/**
 * Makes any effect visible as a tool call of the module that runs it: status hooks and other observers see its name, inputs and
 * result.
 *
 * @example
 * const page = yield* Watched.tool("fetch", { url }, fetchPage(url))
 */
export const tool = <A, E, R>(
  name: string,
  inputs: Readonly<Record<string, unknown>>,
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const parent = fiber.getRef(Call.CurrentCall)
    const call = parent === undefined ? Call.make(undefined, name, name) : Call.within(parent, name)
    return watched(
      self,
      fiber.getRef(Observers),
      () => ({ _tag: "ToolStart", sequence: call.run.nextSequence(), call, inputs }),
      (outcome, durationMillis) => ({
        _tag: "ToolEnd",
        sequence: call.run.nextSequence(),
        call,
        outcome,
        durationMillis
      })
    )
  })
