/**
 * Modules around modules: another definition is made of one, and made anew where its predictors are replaced.
 */
import * as Effect from "effect/Effect"
import { mergeConfig } from "../../lm/LMRequest.ts"
import * as Call from "../../run/Call.ts"
import * as Kinds from "../../text/kinds.ts"
import { given } from "../../text/options.ts"
import type { Any, CallOptions, Definition, Module, Signatures } from "../Module.ts"
import type * as Prediction from "../Prediction.ts"
import { type Answer, checkedEffect, conclude } from "./answer.ts"
import { bind, TypeId } from "./invoke.ts"

/**
 * Makes a module around any other: it takes what that takes, and answers what `forward` makes of it. The predictors inside keep
 * their paths, so that listeners, demos and settings find them as before; the options of a call go to the module inside, under
 * those that `forward` gives itself. What `forward` calls more than once is told apart by {@link attempt}.
 *
 * @example
 * const shout = Module.wrap(qa, "Shout", (qa) => (input) =>
 *   Effect.map(qa(input), ({ answer }) => ({ answer: answer.toUpperCase() })))
 */
export const wrap: {
  <I extends object, O, E, R, S extends Signatures, O2, E2, R2>(
    self: Module<I, O, E, R, S>,
    name: string,
    forward: (
      inner: Module<I, O, E, R, S>
    ) => (input: I, options: CallOptions) => Effect.Effect<Prediction.Prediction<O2>, E2, R2>
  ): Module<I, O2, E2, R2, S>
  <I extends object, O, E, R, S extends Signatures, A extends object, E2, R2>(
    self: Module<I, O, E, R, S>,
    name: string,
    forward: (inner: Module<I, O, E, R, S>) => (input: I, options: CallOptions) => Effect.Effect<A & Answer<A>, E2, R2>
  ): Module<I, A, E2, R2, S>
} = <M extends Any>(
  self: M,
  name: string,
  forward: (inner: M) => (input: never, options: CallOptions) => Effect.Effect<object, unknown, unknown>
): M => {
  given("Module.wrap", wrapParameters, [self, name, forward])
  return around(self[TypeId], (inner) => {
    const bound: Any = bind(inner, undefined)
    return {
      name,
      signature: inner.signature,
      modules: inner.modules,
      signatures: inner.signatures,
      run: (input, options: CallOptions, call) => {
        const underOptions = (value: unknown, own: CallOptions = {}) =>
          bound(value, { ...options, ...own, config: mergeConfig(options.config ?? {}, own.config) })
        const inside = Object.defineProperties(
          underOptions,
          Object.getOwnPropertyDescriptors(bound)
        ) as unknown as M // defineProperties does not tell the type of what it defines
        return Effect.flatMap(
          Effect.suspend(() => checkedEffect(forward(inside)(input as never, options), call)).pipe(
            Effect.provideService(Call.CurrentCall, call)
          ),
          (answer) => conclude(answer, call)
        )
      }
    }
  })
}

/** Makes a module of the definition that `f` gives for another one. Its predictors are those of the module inside. */
export const around = <M extends Any>(
  definition: Definition,
  f: (inner: Definition) => Omit<Definition, "mapPredictors">
): M => {
  const made = f(definition)
  return bind({
    ...made,
    mapPredictors: (g, path) => around(definition.mapPredictors(g, path)[TypeId], f)
  }, made.name)
}

// Details

const wrapParameters = {
  self: Kinds.program,
  name: Kinds.text,
  forward: Kinds.fn("a function of the module inside")
}
