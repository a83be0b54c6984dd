/**
 * What was sent within the last minute: so many requests, with so many tokens.
 *
 * A bucket that fills up again lets through nearly twice its size within a minute. Here each request counts for a whole minute, which
 * begins when its server has surely seen it: at the first sign of an answer, or a second after it was sent.
 */
import type { WaitsFor } from "../../../lm/LMEvent.ts"

// Models

/** How much may be sent in any minute; `Infinity` is without limit. */
export interface Allowed {
  readonly requests: number
  readonly tokens: number
  /** How many requests more there may be in one minute. They are made up for: in the long run there are no more than `requests`. */
  readonly burst: number
}

/** A request that counts. */
export interface Entry {
  tokens: number
  /** When it counts no more, in milliseconds. */
  until: number
  counts: boolean
}

/** How long to wait, and for which limit. */
export interface Wait {
  readonly millis: number
  readonly for: WaitsFor
}

/** The length of a limit's window, in milliseconds. */
export const window = 60_000

/** How long a request may be on its way to a server that says nothing yet, in milliseconds. */
export const transit = 1000

// Constructors

/** The log of one key. */
export class Log {
  #entries: Array<Entry> = []
  /** Entries before this one count no more. */
  #first = 0
  #requests = 0
  #tokens = 0
  /** How many requests the long run allows, at this time. */
  #credit = { left: Infinity, at: 0 }

  /** How long a request of so many tokens has to wait; `undefined` where it has not. */
  wait(tokens: number, allowed: Allowed, now: number): Wait | undefined {
    this.#forget(now)
    // What is larger than the limit itself is sent alone.
    const needed = Math.min(tokens, allowed.tokens)
    const requests = this.#requests + 1 - allowed.requests - allowed.burst
    const over = this.#tokens + needed - allowed.tokens
    const millis = Math.ceil(Math.max(this.#until(requests, over) - now, this.#creditAt(allowed, now) - now))
    return millis <= 0 ? undefined : { millis, for: requests > 0 || over <= 0 ? "requests" : "tokens" }
  }

  /** Counts a request that is sent now. */
  add(tokens: number, allowed: Allowed, now: number): Entry {
    const entry: Entry = { tokens, until: now + transit + window, counts: true }
    this.#entries.push(entry)
    this.#requests++
    this.#tokens += tokens
    if (allowed.burst > 0) this.#credit = { left: this.#creditLeft(allowed, now) - 1, at: now }
    return entry
  }

  /** The server has seen the request. */
  seen(entry: Entry, now: number): void {
    entry.until = Math.min(entry.until, now + window)
  }

  /** The request has so many tokens. */
  correct(entry: Entry, tokens: number): void {
    if (entry.counts) this.#tokens += tokens - entry.tokens
    entry.tokens = tokens
  }

  /** The request was not sent. */
  remove(entry: Entry): void {
    if (!entry.counts) return
    this.#drop(entry)
    this.#credit.left++
  }

  /** Whether nothing counts any more. */
  isEmpty(now: number): boolean {
    this.#forget(now)
    return this.#requests === 0
  }

  // Details

  /** The time from which so many requests and tokens fewer count. */
  #until(requests: number, tokens: number): number {
    let until = -Infinity
    for (let at = this.#first; (requests > 0 || tokens > 0) && at < this.#entries.length; at++) {
      const entry = this.#entries[at]!
      // One is forgotten after those before it.
      until = Math.max(until, entry.until)
      if (!entry.counts) continue
      requests--
      tokens -= entry.tokens
    }
    return until
  }

  #creditAt(allowed: Allowed, now: number): number {
    if (allowed.burst === 0) return now
    return now + Math.max(0, 1 - this.#creditLeft(allowed, now)) * window / allowed.requests
  }

  #creditLeft({ burst, requests }: Allowed, now: number): number {
    const { at, left } = this.#credit
    return Math.min(requests + burst, left + (now - at) * requests / window)
  }

  #forget(now: number): void {
    for (; this.#first < this.#entries.length; this.#first++) {
      const entry = this.#entries[this.#first]!
      if (!entry.counts) continue
      if (entry.until > now) break
      this.#drop(entry)
    }
    if (this.#first > 1000 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
  }

  #drop(entry: Entry): void {
    entry.counts = false
    this.#requests--
    this.#tokens -= entry.tokens
  }
}
