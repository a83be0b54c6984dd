/**
 * Which sending of one call a request is. Whoever sends a call a second time beside the first wants another answer on its way: a
 * cache below must not let it follow the one that is slow.
 */
import * as Context from "effect/Context"

/** 0 for the first sending. */
export const CurrentSending = Context.Reference<number>("effect-lm/policy/Sending", { defaultValue: () => 0 })
