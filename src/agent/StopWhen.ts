/**
 * When an agent's work is over, beside its own judgement: conditions on what it has done, for the option `stopWhen` of
 * `ReAct.make`. They are looked at after each iteration that has called tools; where one holds, the agent answers from what it has.
 *
 * @example
 * const agent = ReAct.make("question -> answer", {
 *   tools: [search, confirm],
 *   stopWhen: [StopWhen.toolCalled("confirm"), StopWhen.repeated(3)]
 * })
 */
import type * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Kinds from "../text/kinds.ts"
import { given } from "../text/options.ts"
import type { Trajectory } from "./Trajectory.ts"

// Models

/** Whether the work is over; the trajectory has the last iteration, too. It may be an Effect, whose errors are the agent's. */
export type StopWhen<E = never, R = never> = (trajectory: Trajectory) => boolean | Effect.Effect<boolean, E, R>

// Constructors

/**
 * Holds once a tool of these names was called, by the model or by code that it wrote, however the call ended.
 *
 * @example
 * ReAct.make("question -> answer", { tools: [search, confirm], stopWhen: StopWhen.toolCalled("confirm") })
 */
export const toolCalled = (...names: ReadonlyArray<string>): StopWhen => {
  given("StopWhen.toolCalled", { names: Kinds.texts }, [names])
  return (trajectory) =>
    trajectory.at(-1)?.calls.some(({ calls = [], tool }) =>
      names.includes(tool) || calls.some(({ tool }) => names.includes(tool))
    ) === true
}

/**
 * Holds once the last iterations, as many as `times` says, have all made the same calls: the agent goes round in circles.
 *
 * @example
 * ReAct.make("question -> answer", { tools: [search], stopWhen: StopWhen.repeated(3) })
 */
export const repeated = (times: number): StopWhen => {
  given("StopWhen.repeated", { times: Kinds.countFrom(2) }, [times])
  return (trajectory) => {
    const [first, ...others] = trajectory.slice(-times).map(({ calls }) =>
      calls.map(({ arguments: args, tool }) => ({ tool, args }))
    )
    return first !== undefined && first.length > 0 && others.length === times - 1 &&
      others.every((calls) => Equal.equals(calls, first))
  }
}
