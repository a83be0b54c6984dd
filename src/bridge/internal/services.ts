/**
 * The services of programs that are run from outside Effect.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"

export interface Services<R, E> {
  /** Builds the layer on the first use and keeps it. What could not be built is tried again by the next use. */
  readonly context: Effect.Effect<Context.Context<R>, E>
  /** Releases them; nothing may use them any more. */
  readonly release: Effect.Effect<void>
}

export const make = <R, E>(layer: Layer.Layer<R, E>): Services<R, E> => {
  let runtime: ManagedRuntime.ManagedRuntime<R, E> | undefined
  return {
    context: Effect.suspend(() => {
      const building = runtime ??= ManagedRuntime.make(layer)
      // A runtime that has failed to build keeps failing, so the next use makes another. Whoever waited for this one comes by
      // here; only the first of them takes it away.
      return Effect.tapCause(building.contextEffect, () => {
        if (runtime === building) runtime = undefined
        return building.disposeEffect
      })
    }),
    release: Effect.suspend(() => runtime?.disposeEffect ?? Effect.void)
  }
}
