/**
 * How much of a provider's answer is taken in.
 *
 * A server that never ends a line, or never ends at all, costs no more memory than this. What is larger is an
 * `InvalidResponse` that names the limit, and is not asked for again.
 */
import { count } from "../text/numbers.ts"
import { type Names, onlyKnown } from "../text/options.ts"

/** Limits of one response. `Infinity` takes one away. */
export interface SizeLimits {
  /** The longest line of an event stream, in characters. */
  readonly line: number
  /** The most data of one event, in characters. */
  readonly event: number
  /** The largest body of an answer, streamed or whole, in bytes. */
  readonly reply: number
  /** The largest body of a response that is no success, in bytes. */
  readonly errorBody: number
}

const mebibyte = 1024 * 1024

/** 16 Mi characters for a line and for an event, 64 MiB for a reply, 1 MiB for an error's body. */
export const defaults: SizeLimits = {
  line: 16 * mebibyte,
  event: 16 * mebibyte,
  reply: 64 * mebibyte,
  errorBody: mebibyte
}

/** The default limits with these changes. */
export const make = (changes?: Partial<SizeLimits>): SizeLimits => {
  const { errorBody, event, line, reply } = { ...defaults, ...onlyKnown("`limits`", changes ?? {}, names) }
  return {
    line: count("`limits.line`", line),
    event: count("`limits.event`", event),
    reply: count("`limits.reply`", reply),
    errorBody: count("`limits.errorBody`", errorBody)
  }
}

const names: Names<SizeLimits> = { line: true, event: true, reply: true, errorBody: true }
