/**
 * Trying again, where that can help.
 *
 * A call is repeated only for failures that may pass, and only while none of its content has been delivered, unless the policy
 * has it begin anew. What the provider asks for (Retry-After) comes before our own delays; a wait longer than the policy allows
 * fails at once, with the provider's error. What failed attempts have used is part of what the call has used.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { service } from "../lm/internal/service.ts"
import type * as LM from "../lm/LM.ts"
import * as Middleware from "../lm/Middleware.ts"
import * as Kinds from "../text/kinds.ts"
import { count, wait } from "../text/numbers.ts"
import { combinator, type Names, onlyKnown } from "../text/options.ts"
import * as Attempts from "./internal/attempts.ts"
import { waitOf } from "./internal/waits.ts"

// Models

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
  /** Whether an answer that breaks off in the middle begins anew: what was shown of it is retracted. */
  readonly restart: boolean
}

// Constructors

/**
 * 3 retries after about 0.5, 1 and 2 seconds; a provider may ask for up to a minute. An answer that was begun does not begin
 * anew.
 */
export const defaults: Policy = {
  times: 3,
  delay: "500 millis",
  maxDelay: "8 seconds",
  maxRetryAfter: "1 minute",
  restart: false
}

/** The default policy with these changes. */
export const make = (changes?: Partial<Policy>): Policy => {
  const { delay, maxDelay, maxRetryAfter, restart, times } = {
    ...defaults,
    ...onlyKnown("`retry`", changes ?? {}, names)
  }
  return {
    times: count("`retry.times`", times, 0),
    delay: wait("`retry.delay`", delay),
    maxDelay: wait("`retry.maxDelay`", maxDelay),
    maxRetryAfter: wait("`retry.maxRetryAfter`", maxRetryAfter),
    restart
  }
}

const names: Names<Policy> = { times: true, delay: true, maxDelay: true, maxRetryAfter: true, restart: Kinds.flag }

/** Trying again as the policy says, as a middleware. */
export const middleware = (policy: Policy): Middleware.Middleware =>
  Middleware.fromApply({
    name: "retry",
    description: policy.times === 0 ? "no retries" : `retry (${policy.times} times)`,
    place: 3,
    apply: (self) => {
      const plan: Attempts.Plan = (error, attempt, delivered) =>
        Effect.map(waitOf(policy, error, attempt, delivered), (delayMillis) =>
          delayMillis === undefined ? undefined : {
            service: self,
            notice: { _tag: "Retrying", attempt: attempt + 1, delayMillis, error },
            wait: Effect.sleep(delayMillis)
          })
      return {
        ...self,
        stream: (request) => Attempts.stream(self, request, plan),
        generate: (request, tell) => Attempts.generate(self, request, plan, tell)
      }
    }
  })

/** The service with its calls tried again as the policy says, in the place of the policy that it may have. */
export const apply: {
  (policy: Policy): (self: LM.Service) => LM.Service
  (self: LM.Service, policy: Policy): LM.Service
} = combinator(
  "Retry.apply",
  { self: service, policy: (_, value) => make(value as Partial<Policy>) },
  (self: LM.Service, policy: Policy): LM.Service => Middleware.apply(self, middleware(make(policy)))
)

// Layers

/**
 * The model of a layer with these changes to {@link defaults} in the place of its own retries, wherever they stand: retries never
 * multiply. `false` turns them off.
 *
 * @example
 * OpenAI.layerModel("groq/llama-3.3-70b-versatile").pipe(Retry.layer({ times: 5 }))
 */
export const layer = (
  changes: Partial<Policy> | false
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E, R> =>
  Middleware.layer(middleware(changes === false ? make({ times: 0 }) : make(changes)))
