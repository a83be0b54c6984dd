/**
 * How long to wait for a provider.
 */
import type * as Duration from "effect/Duration"
import { time } from "../text/numbers.ts"
import { type Names, onlyKnown } from "../text/options.ts"

/** Time limits of a call. Only waiting for the provider counts: a slow consumer uses none of it up. */
export interface Timeouts {
  /** From the request to the first word, thought or tool call of a streamed response. */
  readonly firstEvent: Duration.Input
  /** Between two network reads of a streamed response: the comments that servers send as a sign of life count. */
  readonly idle: Duration.Input
  /**
   * From the last word, once every completion has said that it is finished, to the end of the response: the answer is
   * complete then. What ends it at once is the announced end, the usage, or the end of the connection.
   */
  readonly afterFinish: Duration.Input
  /** From the request to the end of a response that is not streamed. */
  readonly reply: Duration.Input
}

/** Time limits, ready for use. */
export type Limits = { readonly [Limit in keyof Timeouts]: Duration.Duration }

/** 5 minutes to the first word, 2 minutes of silence after it, 10 seconds after the last one, 10 minutes for a whole reply. */
export const defaults: Timeouts = {
  firstEvent: "5 minutes",
  idle: "2 minutes",
  afterFinish: "10 seconds",
  reply: "10 minutes"
}

/**
 * The limits with these changes; `Duration.infinity` takes one away. Node's own fetch gives up after 5 minutes without
 * headers and after 5 minutes of silence, whatever is set here.
 */
export const make = (changes?: Partial<Timeouts>): Limits => {
  const { afterFinish, firstEvent, idle, reply } = { ...defaults, ...onlyKnown("`timeouts`", changes ?? {}, names) }
  return {
    firstEvent: time("`timeouts.firstEvent`", firstEvent),
    idle: time("`timeouts.idle`", idle),
    afterFinish: time("`timeouts.afterFinish`", afterFinish),
    reply: time("`timeouts.reply`", reply)
  }
}

const names: Names<Timeouts> = { firstEvent: true, idle: true, afterFinish: true, reply: true }
