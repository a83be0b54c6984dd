/**
 * The ids of tool calls: each is given once in a run. Results, events and messages are told apart by them, and models and
 * gateways begin to count anew in each reply.
 */
import type { Run } from "../../run/Call.ts"

const taken = new WeakMap<Run, Set<string>>()

/** The id, or, where a call of the run has it already, one of its own that begins with it. */
export const claim = (run: Run, id: string): string => {
  let ids = taken.get(run)
  if (ids === undefined) taken.set(run, ids = new Set())
  let own = id
  for (let count = 2; ids.has(own); count++) own = `${id}_${count}`
  ids.add(own)
  return own
}
