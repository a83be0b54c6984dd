/**
 * Trying again, where that can help and nobody has seen anything yet.
 *
 * A call is repeated only while none of its content has been delivered, and only for failures that may pass. What the
 * provider asks for (Retry-After) comes before our own delays; a wait longer than the policy allows fails at once, with
 * the provider's error. What failed attempts have used is part of what the call has used.
 */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import { isRecord } from "../text/json.ts"
import * as Kinds from "../text/kinds.ts"
import { count, wait } from "../text/numbers.ts"
import { combinator, type Names, onlyKnown } from "../text/options.ts"
import type * as LM from "./LM.ts"
import { LMError } from "./LMError.ts"
import type { LMEvent, UsageReport } from "./LMEvent.ts"
import type { LMResponse } from "./LMResponse.ts"
import * as Usage from "./Usage.ts"

/** When to try again. */
export interface Policy {
  /** How often, after the first attempt; 0 turns retries off. */
  readonly times: number
  /** The wait before the first retry. It doubles with each further one, and up to a quarter of it is taken off at random. */
  readonly delay: Duration.Input
  /** The longest of these waits. */
  readonly maxDelay: Duration.Input
  /** The longest wait that a provider may ask for. */
  readonly maxRetryAfter: Duration.Input
}

/** 3 retries after about 0.5, 1 and 2 seconds; a provider may ask for up to a minute. */
export const defaults: Policy = { times: 3, delay: "500 millis", maxDelay: "8 seconds", maxRetryAfter: "1 minute" }

/** The default policy with these changes. */
export const make = (changes?: Partial<Policy>): Policy => {
  const { delay, maxDelay, maxRetryAfter, times } = { ...defaults, ...onlyKnown("`retry`", changes ?? {}, names) }
  return {
    times: count("`retry.times`", times, 0),
    delay: wait("`retry.delay`", delay),
    maxDelay: wait("`retry.maxDelay`", maxDelay),
    maxRetryAfter: wait("`retry.maxRetryAfter`", maxRetryAfter)
  }
}

const names: Names<Policy> = { times: true, delay: true, maxDelay: true, maxRetryAfter: true }

const service = Kinds.make(
  "a language model's service, as OpenAI.make gives one",
  (value) => isRecord(value) && typeof value["stream"] === "function" && typeof value["generate"] === "function"
)

/** The service with its calls tried again as the policy says. */
export const apply: {
  (policy: Policy): (self: LM.Service) => LM.Service
  (self: LM.Service, policy: Policy): LM.Service
} = combinator("Retry.apply", { self: service, policy: (_, value) => make(value as Partial<Policy>) }, (
  self: LM.Service,
  policy: Policy
): LM.Service => {
  // `before` is what the attempts before have used.
  const stream = (
    request: Parameters<LM.Service["stream"]>[0],
    attempt: number,
    before?: Usage.Usage
  ): Stream.Stream<LMEvent, LMError> =>
    Stream.suspend(() => {
      let delivered = false
      let used: Usage.Usage | undefined
      return self.stream(request).pipe(
        Stream.mapArray((events) => {
          delivered ||= events.some(isContent)
          if (!events.some(isUsage)) return events
          return Arr.map(events, (event) => {
            if (!isUsage(event)) return event
            used = event.usage
            return before === undefined ? event : { ...event, usage: Usage.add(before, used) }
          })
        }),
        Stream.catch((failed) => {
          const error = paid(failed, before, failed.usage ?? used)
          return delivered
            ? Stream.fail(error)
            : Stream.unwrap(Effect.as(pause(policy, error, attempt), stream(request, attempt + 1, error.usage)))
        })
      )
    })

  const generate = (
    request: Parameters<LM.Service["generate"]>[0],
    attempt: number,
    before?: Usage.Usage
  ): Effect.Effect<LMResponse, LMError> =>
    Effect.matchEffect(self.generate(request), {
      onSuccess: (response) =>
        Effect.succeed(before === undefined ? response : { ...response, usage: sum(before, response.usage) }),
      onFailure: (failed) => {
        const error = paid(failed, before, failed.usage)
        return Effect.andThen(pause(policy, error, attempt), generate(request, attempt + 1, error.usage))
      }
    })

  return {
    ...self,
    stream: (request) => stream(request, 0),
    generate: (request) => generate(request, 0)
  }
})

/** Whether an event shows something of the answer. */
const isContent = (event: LMEvent): boolean => event._tag !== "ResponseInfo" && event._tag !== "Usage"

const isUsage = (event: LMEvent): event is UsageReport => event._tag === "Usage"

const sum = (before: Usage.Usage | undefined, usage: Usage.Usage | undefined): Usage.Usage | undefined =>
  before === undefined || usage === undefined ? before ?? usage : Usage.add(before, usage)

/** The error with what all attempts have used. */
const paid = (error: LMError, before: Usage.Usage | undefined, used: Usage.Usage | undefined): LMError => {
  const usage = sum(before, used)
  return usage === undefined || usage === error.usage ? error : new LMError({ ...error, usage })
}

/** Waits for the next attempt, or fails with the error where there is none. */
const pause = (policy: Policy, error: LMError, attempt: number): Effect.Effect<void, LMError> => {
  if (!error.isRetryable || attempt >= policy.times) return Effect.fail(error)
  if (error.retryAfter !== undefined) {
    return Duration.toMillis(error.retryAfter) > Duration.toMillis(policy.maxRetryAfter)
      ? Effect.fail(error)
      : Effect.sleep(error.retryAfter)
  }
  const doubled = Duration.toMillis(policy.delay) * 2 ** attempt
  const longest = Math.min(doubled, Duration.toMillis(policy.maxDelay))
  return Effect.flatMap(Random.next, (random) => Effect.sleep(longest * (1 - random / 4)))
}
