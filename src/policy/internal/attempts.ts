/**
 * One answer out of several attempts: what the failed ones have used is part of what the answer has cost, and what they have shown
 * is taken back.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as LM from "../../lm/LM.ts"
import { LMError } from "../../lm/LMError.ts"
import { type GivenAgain, isContent, type LMEvent, type Notice, type UsageReport } from "../../lm/LMEvent.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"
import type { LMResponse } from "../../lm/LMResponse.ts"
import * as Usage from "../../lm/Usage.ts"

/** What follows an attempt that has failed. */
export interface Next {
  /** Who is asked. */
  readonly service: LM.Service
  /** The notice that is sent before `wait`. */
  readonly notice: Notice
  readonly wait: Effect.Effect<void>
}

/**
 * Decides what follows the attempt of this number (the first one is 1): nothing, and the error stands. `delivered` says that a
 * part of the answer was shown, which is then taken back.
 */
export type Plan = (error: LMError, attempt: number, delivered: boolean) => Effect.Effect<Next | undefined>

/** Answers a request with the first attempt that succeeds. */
export const stream = (first: LM.Service, request: LMRequest, plan: Plan): Stream.Stream<LMEvent, LMError> => {
  // `before` is what the attempts before have used.
  const attempt = (service: LM.Service, number: number, before?: Usage.Usage): Stream.Stream<LMEvent, LMError> =>
    Stream.suspend(() => {
      let delivered = false
      let used: Usage.Usage | undefined
      /** The answer of this attempt is given again, and costs nothing: what those before it have cost is left. */
      let isFree = false
      return service.stream(request).pipe(
        Stream.mapArray((events) => {
          delivered ||= events.some(isContent)
          if (!events.some(isPaid)) return events
          return Arr.map(events, (event): LMEvent => {
            if (!isPaid(event)) return event
            if (event._tag === "GivenAgain") {
              if (before === undefined) return event
              isFree = true
              return { _tag: "Usage", usage: before }
            }
            used = isFree ? undefined : event.usage
            return before === undefined ? event : { ...event, usage: sum(before, used) }
          })
        }),
        Stream.catch((failed) => {
          const error = paid(failed, before, failed.usage ?? used)
          return Stream.unwrap(Effect.map(plan(error, number, delivered), (next) => {
            if (next === undefined) return Stream.fail(error)
            const told: ReadonlyArray<LMEvent> = delivered ? [next.notice, { _tag: "Restart" }] : [next.notice]
            const again = Effect.as(next.wait, attempt(next.service, number + 1, error.usage))
            return Stream.concat(Stream.fromArray(told), Stream.unwrap(again))
          }))
        })
      )
    })
  return attempt(first, 1)
}

/** The same for a response that is not streamed. */
export const generate = (
  first: LM.Service,
  request: LMRequest,
  plan: Plan,
  tell: LM.Tell | undefined
): Effect.Effect<LMResponse, LMError> => {
  const attempt = (
    service: LM.Service,
    number: number,
    before?: Usage.Usage
  ): Effect.Effect<LMResponse, LMError> =>
    Effect.matchEffect(service.generate(request, tell), {
      onSuccess: (response) => Effect.succeed(before === undefined ? response : afterOthers(response, before)),
      onFailure: (failed) => {
        const error = paid(failed, before, failed.usage)
        return Effect.flatMap(plan(error, number, false), (next) => {
          if (next === undefined) return Effect.fail(error)
          const told = tell === undefined ? Effect.void : tell([next.notice])
          return Effect.andThen(Effect.andThen(told, next.wait), attempt(next.service, number + 1, error.usage))
        })
      }
    })
  return attempt(first, 1)
}

/** Whether an event says what was paid. */
const isPaid = (event: LMEvent): event is UsageReport | GivenAgain =>
  event._tag === "Usage" || event._tag === "GivenAgain"

/** A response with what the attempts before it have used. They have cost something, so it is not marked as given again. */
const afterOthers = ({ givenAgain, ...response }: LMResponse, before: Usage.Usage): LMResponse => ({
  ...response,
  usage: givenAgain === true ? before : sum(before, response.usage)
})

const sum = (before: Usage.Usage, usage: Usage.Usage | undefined): Usage.Usage =>
  usage === undefined ? before : Usage.add(before, usage)

/** The error with what all attempts have used. */
const paid = (error: LMError, before: Usage.Usage | undefined, used: Usage.Usage | undefined): LMError => {
  const usage = before === undefined ? used : sum(before, used)
  return usage === undefined || usage === error.usage ? error : new LMError({ ...error, usage })
}
