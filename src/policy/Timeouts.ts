/**
 * How long to wait for a provider.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type * as LM from "../lm/LM.ts"
import * as LMError from "../lm/LMError.ts"
import { isContent } from "../lm/LMEvent.ts"
import * as Middleware from "../lm/Middleware.ts"
import { time } from "../text/numbers.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import { withTimeoutsOf } from "./internal/keepingTime.ts"

// Models

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
  /** From the request to the end of the response, streamed or not, for each attempt. */
  readonly attempt: Duration.Input
}

/** Time limits, ready for use. */
export type Limits = { readonly [Limit in keyof Timeouts]: Duration.Duration }

// Constructors

/**
 * 5 minutes to the first word, 2 minutes of silence after it, 10 seconds after the last one, 10 minutes for a whole reply. A streamed
 * answer may take as long as it goes on.
 */
export const defaults: Timeouts = {
  firstEvent: "5 minutes",
  idle: "2 minutes",
  afterFinish: "10 seconds",
  reply: "10 minutes",
  attempt: "Infinity"
}

/**
 * The limits with these changes; `Duration.infinity` takes one away. Node's own fetch gives up after 5 minutes without
 * headers and after 5 minutes of silence, whatever is set here.
 */
export const make = (changes?: Partial<Timeouts>): Limits => {
  const { afterFinish, attempt, firstEvent, idle, reply } = {
    ...defaults,
    ...onlyKnown("`timeouts`", changes ?? {}, names)
  }
  return {
    firstEvent: time("`timeouts.firstEvent`", firstEvent),
    idle: time("`timeouts.idle`", idle),
    afterFinish: time("`timeouts.afterFinish`", afterFinish),
    reply: time("`timeouts.reply`", reply),
    attempt: time("`timeouts.attempt`", attempt)
  }
}

const names: Names<Timeouts> = { firstEvent: true, idle: true, afterFinish: true, reply: true, attempt: true }

/**
 * The limits as a middleware. A service that keeps limits itself keeps these; of another one the events are watched: there, only
 * they are signs of life, and `afterFinish` is the service's own to keep.
 */
export const middleware = (limits: Limits): Middleware.Middleware =>
  Middleware.fromApply({
    name: "timeouts",
    description: `timeouts (first event ${Duration.format(limits.firstEvent)}, silence ${
      Duration.format(limits.idle)
    })`,
    place: 0,
    apply: (self) =>
      inTime(withTimeoutsOf(self)?.(limits) ?? watched(self, limits), limits.attempt, "answer of this attempt")
  })

// Layers

/**
 * The model of a layer with these changes to {@link defaults} in the place of its own time limits.
 *
 * @example
 * OpenAI.layerConfig.pipe(Timeouts.layer({ firstEvent: "20 seconds" }))
 */
export const layer = (
  changes: Partial<Timeouts>
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E, R> =>
  Middleware.layer(middleware(make(changes)))

/**
 * The model of a layer, with one time limit for each call in all: retries, and the waits for them and for a turn, are within it.
 * Only waiting counts, as everywhere: a slow consumer uses none of it up.
 *
 * @example
 * OpenAI.layerConfig.pipe(Retry.layer({ times: 5 }), Timeouts.inAll("1 minute"))
 */
export const inAll = (
  limit: Duration.Input
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E, R> => {
  const most = time("Timeouts.inAll: `limit`", limit)
  return Middleware.layer(Middleware.fromApply({
    name: "timeout",
    description: `timeout (in all ${Duration.format(most)})`,
    apply: (self) => inTime(self, most, "answer in all")
  }))
}

// Details

/** The service, whose answers may be waited for so long. */
const inTime = (self: LM.Service, limit: Duration.Duration, waitedFor: string): LM.Service =>
  !Duration.isFinite(limit) ? self : {
    ...self,
    stream: (request) =>
      Stream.transformPull(self.stream(request), (pull) =>
        Effect.sync(() => {
          let left = Duration.toMillis(limit)
          return Effect.flatMap(Clock.currentTimeMillis, (began) =>
            Effect.flatMap(
              Effect.timeoutOrElse(pull, {
                duration: Duration.millis(left),
                orElse: () => failed(self, limit, waitedFor)
              }),
              (events) =>
                Effect.map(Clock.currentTimeMillis, (now) => {
                  left -= now - began
                  return events
                })
            ))
        })),
    generate: (request, tell) =>
      Effect.timeoutOrElse(self.generate(request, tell), {
        duration: limit,
        orElse: () => failed(self, limit, waitedFor)
      })
  }

const failed = ({ model }: LM.Service, limit: Duration.Duration, waitedFor: string) =>
  Effect.fail(
    new LMError.LMError({
      model,
      reason: new LMError.Timeout({ description: `waited ${Duration.format(limit)} for the ${waitedFor}` })
    })
  )

const watched = (self: LM.Service, { firstEvent, idle, reply }: Limits): LM.Service => {
  const fail = (limit: Duration.Duration, waitedFor: string) => failed(self, limit, waitedFor)
  return {
    ...self,
    stream: (request) =>
      Stream.transformPull(self.stream(request), (pull) =>
        Effect.sync(() => {
          /** How long the first content is still waited for. */
          let left = Duration.toMillis(firstEvent)
          let isStarted = false
          return Effect.flatMap(Clock.currentTimeMillis, (began) =>
            Effect.flatMap(
              Effect.timeoutOrElse(pull, {
                duration: isStarted ? idle : Duration.millis(left),
                orElse: () => isStarted ? fail(idle, "provider to go on") : fail(firstEvent, "first word")
              }),
              (events) =>
                Effect.map(Clock.currentTimeMillis, (now) => {
                  left -= now - began
                  isStarted ||= events.some(isContent)
                  return events
                })
            ))
        })),
    generate: (request, tell) =>
      Effect.timeoutOrElse(self.generate(request, tell), { duration: reply, orElse: () => fail(reply, "whole reply") })
  }
}
