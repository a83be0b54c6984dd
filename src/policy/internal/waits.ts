/**
 * When to try again, as a policy says, and how long to wait before.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { LMError } from "../../lm/LMError.ts"
import type { Policy } from "../Retry.ts"

/** Tries again what gives one whole answer, of which nothing is shown before its end. */
export const retrying = <A, R>(self: Effect.Effect<A, LMError, R>, policy: Policy): Effect.Effect<A, LMError, R> => {
  const attempt = (number: number): Effect.Effect<A, LMError, R> =>
    Effect.catch(
      self,
      (error) =>
        Effect.flatMap(waitOf(policy, error, number, false), (millis) =>
          millis === undefined ? Effect.fail(error) : Effect.delay(attempt(number + 1), millis))
    )
  return attempt(1)
}

/** How many milliseconds to wait for the next attempt; `undefined` where there is none. */
export const waitOf = (
  policy: Policy,
  error: LMError,
  attempt: number,
  delivered: boolean
): Effect.Effect<number | undefined> => {
  if (!error.isRetryable || attempt > policy.times || (delivered && !policy.restart)) return nothing
  if (error.retryAfter !== undefined) {
    const asked = Duration.toMillis(error.retryAfter)
    return asked > Duration.toMillis(policy.maxRetryAfter) ? nothing : Effect.succeed(asked)
  }
  const doubled = Duration.toMillis(policy.delay) * 2 ** (attempt - 1)
  const longest = Math.min(doubled, Duration.toMillis(policy.maxDelay))
  return Effect.map(Random.next, (random) => longest * (1 - random / 4))
}

const nothing = Effect.succeed(undefined)
