/** An observer of tests. */
import { Effect } from "effect"
import { Observer, type RunEvent } from "effect-lm"

/** Observes a run, and adds all that it hears to these events. */
export const heardInto = (events: Array<RunEvent.RunEvent>) =>
  Observer.observe({ interest: () => undefined, onEvents: (batch) => Effect.sync(() => events.push(...batch)) })
