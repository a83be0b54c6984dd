/**
 * A limit for the agents that run in this context.
 */
import * as Context from "effect/Context"

/** The most iterations of each agent in this context, whatever its own limit is; none is set by default. */
export const CurrentMaxIterations = Context.Reference<number | undefined>("effect-lm/module/CurrentMaxIterations", {
  defaultValue: () => undefined
})
