/**
 * Layers of modules: built once in a run, however many calls need them.
 */
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Run } from "../../run/Call.ts"

type AnyLayer = Layer.Layer<never, unknown, unknown>
type Services = Deferred.Deferred<Context.Context<never>, unknown>

/** The services of each layer that a run has built, or is building. */
const builtIn = new WeakMap<Run, Map<AnyLayer, Services>>()

/**
 * The services of a layer in a run. The layer is built when a call first needs it, in a fiber of its own: where that call is
 * interrupted, the layer goes on being built for the others. After a failure the next call builds it again.
 */
export const build = (layer: AnyLayer, run: Run): Effect.Effect<Context.Context<never>, unknown, unknown> =>
  Effect.uninterruptibleMask((restore) => {
    let built = builtIn.get(run)
    if (built === undefined) builtIn.set(run, built = new Map())
    const known = built.get(layer)
    if (known !== undefined) return restore(Deferred.await(known))
    const services: Services = Deferred.makeUnsafe()
    built.set(layer, services)
    return Effect.andThen(
      Effect.forkIn(
        Effect.onExit(inOwnScope(layer, run.scope()), (exit) => {
          if (Exit.isFailure(exit)) built.delete(layer)
          return Deferred.done(services, exit)
        }),
        run.scope()
      ),
      restore(Deferred.await(services))
    )
  })

/** Releases at once what a layer that fails has acquired. */
const inOwnScope = (layer: AnyLayer, parent: Scope.Scope) =>
  Effect.flatMap(Scope.fork(parent), (scope) =>
    Effect.onExit(
      Layer.buildWithScope(layer, scope),
      (exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void
    ))
