/**
 * How fast the provider lets us ask, as its answers and refusals say.
 *
 * A refusal with a time to wait stops all calls until then. Each refusal halves the rate too, once for those that were under way
 * together; within a minute the rate grows back. What headers say is left is not passed until its limit begins anew.
 */
import * as Duration from "effect/Duration"
import type * as LMError from "../../../lm/LMError.ts"
import * as RetryDelay from "../../../text/retryDelay.ts"
import type { Wait } from "./log.ts"

// Models

type Headers = Readonly<Record<string, string>>

/** What is left of a limit of the provider's until it begins anew, in milliseconds. */
interface Left {
  amount: number
  readonly until: number
  /** The number of the request whose answer said so. */
  readonly by: number
}

// Constructors

/** The pace of one key. */
export class Pace {
  #pausedUntil = 0
  #slowed = { share: 1, at: 0 }
  /** How many requests were sent before the rate was halved last. */
  #sentBefore = 0
  #sent = 0
  readonly #left: { requests?: Left; tokens?: Left } = {}

  /** The part of the limits that is used now, up to 1. */
  share(now: number): number {
    const { at, share } = this.#slowed
    return share === 1 ? 1 : Math.min(1, share + (now - at) / recovery)
  }

  /** How long the provider wants nothing of so many tokens; `undefined` where it does. */
  wait(tokens: number, now: number): Wait | undefined {
    const { requests, tokens: ofTokens } = this.#left
    const until = Math.max(this.#pausedUntil, after(requests, 1, now), after(ofTokens, tokens, now))
    return until <= now ? undefined : { millis: until - now, for: "provider" }
  }

  /** A request is sent, with so many tokens. Gives its number. */
  send(tokens: number): number {
    const { requests, tokens: ofTokens } = this.#left
    if (requests !== undefined) requests.amount--
    if (ofTokens !== undefined) ofTokens.amount -= tokens
    return ++this.#sent
  }

  /** The request of this number was answered with these headers. */
  answered(number: number, headers: Headers, now: number): void {
    const header: RetryDelay.Header = (name) => Object.hasOwn(headers, name) ? headers[name] : undefined
    for (const { left, of, reset } of RetryDelay.left(header, now)) {
      const until = now + Duration.toMillis(reset)
      const known = this.#left[of]
      // Answers overtake each other, and of several limits the tightest counts.
      if (
        known !== undefined && known.until > now && (number < known.by || (number === known.by && left > known.amount))
      ) {
        continue
      }
      // The server may not know yet of those that were sent after it.
      const amount = of === "requests" ? left - (this.#sent - number) : left
      this.#left[of] = { amount, until, by: number }
    }
  }

  /** The request of this number was refused: too much was asked for. Gives how long to pause, in milliseconds. */
  refused(number: number, error: LMError.LMError, now: number): number {
    if (number > this.#sentBefore) {
      this.#slowed = { share: Math.max(leastShare, this.share(now) / 2), at: now }
      this.#sentBefore = this.#sent
    }
    const millis = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
    this.pause(millis, now)
    return millis
  }

  /** Whether nothing is held back. */
  isEven(now: number): boolean {
    const { requests, tokens } = this.#left
    return this.#pausedUntil <= now && this.share(now) === 1 && (requests?.until ?? 0) <= now &&
      (tokens?.until ?? 0) <= now
  }

  /** Nothing is sent for so long. */
  pause(millis: number, now: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + millis)
  }
}

// Details

/** How long it takes from nothing to the full rate, in milliseconds. */
const recovery = 60_000

const leastShare = 1 / 16

/** When there is enough of a limit: at once, or once it begins anew. */
const after = (left: Left | undefined, amount: number, now: number): number =>
  left === undefined || left.until <= now || left.amount >= amount ? now : left.until
