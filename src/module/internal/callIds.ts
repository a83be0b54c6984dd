/**
 * The ids of tool calls: each is given once in a conversation, which is an agent's run, or a predictor's call outside of one.
 * Results and messages are told apart by them, and models and gateways begin to count anew in each reply. Conversations that run at
 * the same time do not share them, so that a run which is begun again gives the same ids, in whatever order its fibers wake.
 */
import type { Call } from "../../run/Call.ts"

/** By the id of the call whose conversation it is. */
const taken = new WeakMap<Call["run"], Map<number, Set<string>>>()

/** The call whose conversation a predictor's call is part of: the agent's, of which it is an iteration, or its own. */
export const conversationOf = (call: Call): Call =>
  call.parent !== undefined && call.iteration !== undefined && call.parent.place.endsWith(`@${call.iteration}`)
    ? call.parent
    : call

/** The id; if a tool call of the conversation has that id already, a new id that begins with it. */
export const claim = ({ id: conversation, run }: Call, id: string): string => {
  let conversations = taken.get(run)
  if (conversations === undefined) taken.set(run, conversations = new Map())
  let ids = conversations.get(conversation)
  if (ids === undefined) conversations.set(conversation, ids = new Set())
  let own = id
  for (let count = 2; ids.has(own); count++) own = `${id}_${count}`
  ids.add(own)
  return own
}
