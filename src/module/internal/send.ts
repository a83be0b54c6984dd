/**
 * One request of a predictor call: sent, read while its response arrives, and shown to those who watch.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import { Clock } from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import * as CallFacts from "../../lm/CallFacts.ts"
import type * as LM from "../../lm/LM.ts"
import { LMError, withUsage } from "../../lm/LMError.ts"
import { isNotice } from "../../lm/LMEvent.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"
import * as LMResponse from "../../lm/LMResponse.ts"
import * as Usage from "../../lm/Usage.ts"
import * as Call from "../../run/Call.ts"
import * as Meter from "../../run/Meter.ts"
import { notify, type Observer } from "../../run/Observer.ts"
import * as Step from "../../run/Step.ts"
import { watched } from "../../run/Watched.ts"
import type { AnswerReader } from "./ask.ts"
import type { Reply } from "./reply.ts"
import type { Turn } from "./turn.ts"
import type { Watch } from "./watching.ts"

/** Who reads and who watches the reply to a request. */
export interface Readers {
  readonly reply: Reply
  readonly answering: AnswerReader | undefined
  readonly call: Call.Call
  readonly watch: Watch
}

/** Sends the request of a turn. Where a server refuses the fallback's request, the error is the one of the reply before, which could not be read. */
export const sendTurn = (
  lm: LM.Service,
  turn: Turn,
  readers: Readers
): Effect.Effect<LMResponse.LMResponse, LMError | AdapterParseError> => {
  const { unread } = turn
  const { call } = readers
  const sent = send(lm, turn, readers)
  return unread === undefined ? sent : Effect.catchIf(
    sent,
    (error) => refused.has(error.reason._tag),
    () => Effect.suspend(() => Effect.fail(CallFacts.add(unread, { usage: call.usage() })))
  )
}

/** The errors of a server that refuses a request for what is in it. */
const refused: ReadonlySet<LMError["reason"]["_tag"]> = new Set(["InvalidRequest", "NotSupported", "UnsupportedModel"])

/** Sends the request, streaming only where somebody wants deltas, and tells the observers of it. */
const send = (
  lm: LM.Service,
  turn: Turn,
  readers: Readers
): Effect.Effect<LMResponse.LMResponse, LMError> =>
  Effect.withFiber((fiber) => {
    const { answering, call, reply, watch } = readers
    const lmCall = watch.observers.length === 0 ? undefined : Call.within(call, lm.model)
    const meter = lmCall === undefined && !Step.isPerformed(fiber) ? undefined : meterOf(lm, turn, fiber)
    const tell: LM.Tell | undefined = meter && telling(meter, lmCall, turn, watch.observers)
    const response = Step.perform(
      sending(
        watch.watchers.length > 0 || answering?.isWatched === true
          ? streamed(lm, turn.request, readers, meter, tell)
          : lm.generate(turn.request, tell),
        meter
      ),
      () => ({
        _tag: "LM",
        name: lm.model,
        asked: turn.request,
        success: LMResponse.LMResponse,
        error: LMError,
        meter
      }),
      call
    )
    const counted = Effect.matchEffect(metered(response, meter), {
      onSuccess: (response) => {
        // A response that is given again was paid before.
        if (response.givenAgain !== true) call.addUsage({ ...(response.usage ?? Usage.empty), calls: 1 })
        return Effect.succeed(response)
      },
      onFailure: (error) => {
        if (wasAsked(error)) call.addUsage({ ...(error.usage ?? Usage.empty), calls: 1 })
        return failed(withPartial(new LMError({ ...error, partial: reply.abort() }), answering), call)
      }
    })
    return lmCall === undefined || meter === undefined
      ? counted
      : observed(counted, turn, lmCall, meter, watch.observers)
  })

const meterOf = (lm: LM.Service, { request }: Turn, fiber: Fiber.Fiber<unknown, unknown>): Meter.Filling => {
  const clock = fiber.getRef(Clock)
  return Meter.make(lm.model, request, () => clock.currentTimeMillisUnsafe())
}

/** Whether the request of this failure was sent, and not given again, or refused before. */
const wasAsked = ({ givenAgain, reason }: LMError): boolean => givenAgain !== true && reason._tag !== "OverBudget"

/** Sends a request, of which its meter takes note. */
const sending = (
  self: Effect.Effect<LMResponse.LMResponse, LMError>,
  meter: Meter.Filling | undefined
): Effect.Effect<LMResponse.LMResponse, LMError> =>
  meter === undefined ? self : Effect.suspend(() => {
    meter.sent()
    return metered(self, meter)
  })

/** Takes what comes of a request into its meter, however it ends. */
const metered = <R>(
  self: Effect.Effect<LMResponse.LMResponse, LMError, R>,
  meter: Meter.Filling | undefined
): Effect.Effect<LMResponse.LMResponse, LMError, R> =>
  meter === undefined ? self : Effect.onExit(self, (exit) => {
    if (Exit.isSuccess(exit)) meter.answered(exit.value)
    else {
      const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      if (error === undefined) meter.interrupted()
      else meter.failed(error)
    }
    return Effect.void
  })

/** Tells of what a middleware does while it has no answer yet. */
const telling = (
  meter: Meter.Filling,
  call: Call.Call | undefined,
  { attempt }: Turn,
  observers: ReadonlyArray<Observer>
): LM.Tell =>
(events) => {
  const notices = events.filter(isNotice)
  meter.push(notices)
  return call === undefined ? Effect.void : notify(
    observers,
    notices.map((notice) => ({ _tag: "LMNotice", sequence: call.run.nextSequence(), call, attempt, notice }))
  )
}

const streamed = Effect.fnUntraced(function*(
  lm: LM.Service,
  request: LMRequest,
  { answering, reply, watch: { watchers } }: Readers,
  meter: Meter.Filling | undefined,
  tell: LM.Tell | undefined
): Effect.fn.Return<LMResponse.LMResponse, LMError> {
  const response = LMResponse.builder()
  yield* Effect.mapError(
    Stream.runForEachArray(lm.stream(request), (events) => {
      response.push(events)
      const notices = tell === undefined ? [] : events.filter(isNotice)
      meter?.push(notices.length === 0 ? events : events.filter((event) => !isNotice(event)))
      const shown = notify(watchers, reply.push(events))
      const told = answering === undefined ? shown : Effect.andThen(shown, answering.push(events))
      return Arr.isArrayNonEmpty(notices) && tell !== undefined ? Effect.andThen(tell(notices), told) : told
    }),
    (error) => withUsage(error, response.result().usage)
  )
  const whole = response.result()
  // The last events are told inside of the step: a performer that gives a stored response does not tell them again.
  yield* notify(watchers, reply.end(whole).events)
  if (answering !== undefined) yield* answering.end(whole)
  return whole
})

/** Makes the request visible as a language model call of the predictor. */
const observed = (
  response: Effect.Effect<LMResponse.LMResponse, LMError>,
  turn: Turn,
  call: Call.Call,
  meter: Meter.Meter,
  observers: ReadonlyArray<Observer>
): Effect.Effect<LMResponse.LMResponse, LMError> => {
  const stamp = () => ({ sequence: call.run.nextSequence(), call, attempt: turn.attempt, meter })
  return watched(
    response,
    observers,
    () => ({ _tag: "LMStart", ...stamp(), request: turn.request }),
    (outcome, durationMillis) => ({ _tag: "LMEnd", ...stamp(), outcome, durationMillis })
  )
}

/** The failure of a call, with what it has used so far. */
export const failed = (error: LMError, call: Call.Call): Effect.Effect<never, LMError> =>
  Effect.fail(CallFacts.add(error, { predictor: call.path, module: call.name, usage: call.usage() }))

/** The error with the fields of an answer that had begun, too. */
export const withPartial = (error: LMError, answering: AnswerReader | undefined): LMError =>
  answering === undefined ? error : new LMError({ ...error, partial: { ...error.partial, ...answering.partial() } })
