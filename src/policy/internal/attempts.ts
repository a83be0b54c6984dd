/**
 * One answer out of several attempts: what the failed ones have used is part of what the answer has cost, and what they have shown
 * is taken back.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as LM from "../../lm/LM.ts"
import type { LMError } from "../../lm/LMError.ts"
import { isContent, isNotice, type LMEvent, type Notice } from "../../lm/LMEvent.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"
import type { LMResponse } from "../../lm/LMResponse.ts"
import type * as Usage from "../../lm/Usage.ts"
import { Paid, sum } from "./paid.ts"

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
      const paid = new Paid(before)
      return service.stream(request).pipe(
        Stream.mapArray((events) => {
          delivered ||= events.some(isContent)
          return paid.read(events)
        }),
        Stream.catch((failed) => {
          const error = paid.failed(failed)
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
    Effect.matchEffect(service.generate(request, tellingAll(tell, before)), {
      onSuccess: (response) => Effect.succeed(before === undefined ? response : afterOthers(response, before)),
      onFailure: (failed) => {
        const error = new Paid(before).failed(failed)
        return Effect.flatMap(plan(error, number, false), (next) => {
          if (next === undefined) return Effect.fail(error)
          const told = tell === undefined ? Effect.void : tell([next.notice])
          return Effect.andThen(Effect.andThen(told, next.wait), attempt(next.service, number + 1, error.usage))
        })
      }
    })
  return attempt(first, 1)
}

/** The same way to tell what policies below do, with what the attempts before have used. */
const tellingAll = (tell: LM.Tell | undefined, before: Usage.Usage | undefined): LM.Tell | undefined => {
  if (tell === undefined || before === undefined) return tell
  const paid = new Paid(before)
  return (events) => tell(Arr.map(events, (event) => isNotice(event) ? paid.noticed(event) : event))
}

/** A response with what the attempts before it have used. They have cost something, so it is not marked as given again. */
const afterOthers = ({ givenAgain, ...response }: LMResponse, before: Usage.Usage): LMResponse => ({
  ...response,
  usage: givenAgain === true ? before : sum(before, response.usage)
})
