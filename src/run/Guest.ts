/**
 * What others give us to run beside the program: observers, sinks, hooks. Whatever they do, the program goes on.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { time } from "../text/numbers.ts"
import type { Run } from "./Call.ts"

/** Somebody whom runs tell what happens, and how long a run waits for them. */
export interface Guest {
  readonly timeout?: Duration.Input | undefined
}

/**
 * Calls at once what a guest does, and runs the effect that it gives; a program in plain JavaScript may give a promise, or
 * nothing. A defect is logged. One that does not come back in time is interrupted, logged, and not called again in this run.
 */
export const act = (
  guest: Guest,
  run: Run | undefined,
  what: string,
  does: () => unknown
): Effect.Effect<void> => {
  if (run !== undefined && lost.get(run)?.has(guest) === true) return Effect.void
  const doing = Result.match(Result.try(does), { onSuccess: toEffect, onFailure: (thrown) => Effect.die(thrown) })
  if (Exit.isExit(doing) && Exit.isSuccess(doing)) return Effect.void
  return harmless(
    what,
    Effect.suspend(() => {
      const timeout = time("its `timeout`", guest.timeout ?? "3 seconds")
      if (!Duration.isFinite(timeout)) return Effect.asVoid(doing)
      const late = Effect.suspend(() => {
        if (run !== undefined) lost.set(run, (lost.get(run) ?? new Set()).add(guest))
        const waited = Duration.format(timeout)
        return Effect.logWarning(`${what} has not come back for ${waited}: the run goes on, and tells it nothing more`)
      })
      return within(timeout, doing, late)
    })
  )
}

/**
 * Logs a defect, and the program goes on. The program also goes on where the guest's effect interrupts itself. An interruption of
 * the run itself passes.
 */
export const harmless = <A>(what: string, self: Effect.Effect<A>): Effect.Effect<A | undefined> =>
  Effect.catchCause(self, (cause) => Effect.as(Effect.logWarning(`${what} failed`, cause), undefined))

/** The guests of each run that were too late once: the run does not call them again. */
const lost = new WeakMap<Run, Set<Guest>>()

const toEffect = (given: unknown): Effect.Effect<unknown> => {
  if (Effect.isEffect(given)) return given as Effect.Effect<unknown> // what it needs or fails of, its type rules out
  if (!Predicate.isPromiseLike(given)) return Effect.void
  const promise = Promise.resolve(given)
  // The promise may be rejected while the run waits for another guest.
  promise.catch(() => {})
  return Effect.promise(() => promise)
}

/** Waits for an effect until the time is over, even if the effect cannot be interrupted. An effect that ends at once costs no timer. */
const within = (
  timeout: Duration.Duration,
  self: Effect.Effect<unknown>,
  late: Effect.Effect<void>
): Effect.Effect<void> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(self, { startImmediately: true }), (fiber) => {
      const exit = fiber.pollUnsafe()
      if (exit !== undefined) return Exit.asVoid(exit)
      return restore(Effect.timeoutOption(Fiber.join(fiber), timeout)).pipe(
        Effect.onInterrupt(() => Effect.timeoutOption(Fiber.interrupt(fiber), timeout)),
        Effect.flatMap((joined) => {
          if (Option.isSome(joined)) return Effect.void
          fiber.interruptUnsafe()
          return late
        })
      )
    })
  )
