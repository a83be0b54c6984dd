/**
 * What somebody answers who is asked about a call: an approver, a client.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** The answer of a function whose type says that it gives an Effect. Plain JavaScript may give the answer as it is, or a promise of it. */
export const answered = (answer: unknown): Effect.Effect<unknown, unknown> =>
  Effect.isEffect(answer)
    // One that needs services fails of them, as no type would let it.
    ? answer as Effect.Effect<unknown, unknown>
    : Predicate.isPromiseLike(answer)
    ? Effect.promise(() => answer)
    : Effect.succeed(answer)
