/**
 * Services that a program requires. The compiler sees that each is provided; in plain JavaScript nobody does before the program
 * runs. Then the run dies of a sentence that says how to provide it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** The service that the context has; `what` says what there is none of, and `layer` what provides one. */
export const providedIn = <I, S>(context: Context.Context<I>, key: Context.Key<I, S>, what: string, layer: string): S =>
  Option.getOrThrowWith(
    Context.getOption(context, key),
    () => new TypeError(`there is no ${what}: provide one, as in program.pipe(Effect.provide(${layer}))`)
  )

/** {@link providedIn} the context of the fiber. */
export const provided = <I, S>(key: Context.Key<I, S>, what: string, layer: string): Effect.Effect<S, never, I> =>
  Effect.map(Effect.context<I>(), (context) => providedIn(context, key, what, layer))
