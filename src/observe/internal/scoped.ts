/**
 * What is put around an Effect or a Stream.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { kindOf } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import type { EffectOrStream } from "./effectOrStream.ts"

/** An Effect, or a Stream of one. */
export const running: Kinds.Kind = (what, value) => {
  if (Stream.isStream(value)) return
  if (typeof value === "object" && !Effect.isEffect(value)) {
    throw new TypeError(`${what} is ${kindOf(value)}: it is an Effect or a Stream`)
  }
  Kinds.effect(what, value)
}

/** Runs an Effect or a Stream with another value of a reference, made anew for each run by an Effect of the value outside. */
export const withReference = <S extends EffectOrStream, A>(
  self: S,
  reference: Context.Reference<A>,
  make: (outside: A) => Effect.Effect<A>
): S => {
  const made = Effect.flatMap(reference, make)
  const inside = Stream.isStream(self)
    ? Stream.unwrap(Effect.map(made, (value) => Stream.provideService(self, reference, value)))
    : Effect.flatMap(made, (value) => Effect.provideService(self as Effect.Effect<unknown>, reference, value))
  return inside as EffectOrStream as S // what is provided is no part of the types
}
