/**
 * Attempts at one thing. A stream takes back those that are not used.
 */
import * as Effect from "effect/Effect"
import * as Call from "../../run/Call.ts"
import { notify, Observers } from "../../run/Observer.ts"

/** What came of an attempt, and how it is discarded. */
export interface Attempt<out A> {
  readonly value: A
  /** Says that the attempt is not used, and why: what it has shown in a stream is `Retracted`. What it has used stays used. */
  readonly discard: (reason?: string) => Effect.Effect<void>
}

/**
 * Runs a part of a module as an attempt, of which there may be others: a stream shows all of them, and takes back what is
 * discarded. An attempt that fails is taken back by itself.
 *
 * @example
 * const first = yield* Module.attempt(qa(input))
 * const second = yield* Module.attempt(qa(input, { config: { rolloutId: 1 } }))
 * yield* first.discard("the second answer is shorter")
 */
export const attempt = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<Attempt<A>, E, R> =>
  Effect.withFiber((fiber) => {
    const parent = fiber.getRef(Call.CurrentCall)
    if (parent === undefined) return Effect.map(self, (value) => ({ value, discard: () => Effect.void }))
    const call = Call.attempt(parent)
    const observers = fiber.getRef(Observers)
    return Effect.map(Effect.provideService(self, Call.CurrentCall, call), (value) => ({
      value,
      discard: (reason = "another answer was chosen") =>
        Effect.suspend(() =>
          notify(observers, [{ _tag: "Discarded", sequence: call.run.nextSequence(), call, reason }])
        )
    }))
  })
