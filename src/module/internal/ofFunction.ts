/**
 * What a function of a user's options gave.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** The value that the function gave, or that its Effect comes to; `what` is what the function is called. */
export const valueOf = <A, E, R>(
  what: string,
  f: () => A | Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const given = f()
    if (Effect.isEffect(given)) return given as Effect.Effect<A, E, R> // an A that is an Effect would be run as well
    return Predicate.isPromiseLike(given)
      ? Effect.die(new TypeError(`${what} gave a promise: make an Effect of it with Effect.promise`))
      : Effect.succeed(given)
  })
