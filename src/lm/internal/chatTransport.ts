/**
 * Sending a chat completion request, and reading what comes back.
 *
 * Reads are driven by the consumer: one effect per network read, which hands over the events of that read as one array,
 * and no read while the consumer is busy. The stream's scope owns the request: leaving it closes the socket.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as LMError from "../LMError.ts"
import type { LMEvent } from "../LMEvent.ts"
import * as LMResponse from "../LMResponse.ts"
import type { Limits } from "../Timeouts.ts"
import * as ChatDecoder from "./chatDecoder.ts"
import type * as ChatStream from "./chatStream.ts"
import * as Failure from "./failure.ts"

/** Where requests go. */
export interface Endpoint<Body> extends Failure.Origin {
  readonly timeouts: Limits
  /** Sends one request; the promise rejects unless the response is a success. */
  readonly send: (body: Body, signal: AbortSignal) => Promise<Response>
}

/** The events of a streamed response. */
export const stream = <Body>(
  endpoint: Endpoint<Body>,
  body: Body,
  decoding: ChatStream.Options
): Stream.Stream<LMEvent, LMError.LMError> =>
  Stream.fromChannel(Channel.fromTransformBracket(Effect.fnUntraced(function*(_upstream, _scope, scope) {
    const signal = yield* Scope.provide(Effect.abortSignal, scope)
    const patience = yield* makePatience(endpoint.timeouts, scope)
    const decoder = ChatDecoder.make(decoding)
    const fail = (reason: LMError.Reason) => Effect.fail(Failure.toError(endpoint, reason))

    const response = yield* patience.wait(() => endpoint.send(body, signal)).pipe(
      Effect.catch((lost) => Effect.flatMap(toReason(endpoint, lost), fail))
    )
    const reader = response.body?.getReader()
    // Some servers neither announce the end nor close the connection.
    let isSilent = false
    const silence = {
      duration: grace,
      orElse: () =>
        Effect.sync(() => {
          isSilent = true
          return { done: true, value: undefined } as const
        })
    }

    const read: Pull.Pull<Arr.NonEmptyReadonlyArray<LMEvent>, LMError.LMError> = Effect.suspend(() => {
      const failure = decoder.failure()
      if (failure !== undefined) return fail(failure)
      if (reader === undefined || isSilent) return Cause.done()
      if (decoder.over()) return Effect.andThen(readOut(reader), Cause.done())
      const next = patience.wait(() => reader.read())
      return Effect.matchEffect(decoder.finished() ? Effect.timeoutOrElse(next, silence) : next, {
        onSuccess: ({ value }) => deliver(value === undefined ? decoder.end() : decoder.push(value)),
        onFailure: (lost) => Effect.flatMap(toReason(endpoint, lost), (reason) => deliver(decoder.end(reason)))
      })
    })

    const deliver = (events: ReadonlyArray<LMEvent>): typeof read => {
      if (!Arr.isReadonlyArrayNonEmpty(events)) return read
      patience.heard(events)
      return Effect.succeed(events)
    }

    return reader === undefined ? Effect.suspend(() => deliver(decoder.end())) : read
  })))

/** The response that comes whole. */
export const generate = <Body>(
  endpoint: Endpoint<Body>,
  body: Body,
  decoding: ChatStream.Options
): Effect.Effect<LMResponse.LMResponse, LMError.LMError> =>
  within(
    endpoint.timeouts.reply,
    (signal) => endpoint.send(body, signal).then((response) => response.text())
  ).pipe(
    Effect.matchEffect({
      onSuccess: (text) => {
        const decoder = ChatDecoder.make(decoding)
        const events = [...decoder.pushText(text), ...decoder.end()]
        const failure = decoder.failure()
        return failure === undefined
          ? Effect.succeed(LMResponse.fold(events))
          : Effect.fail(Failure.toError(endpoint, failure))
      },
      onFailure: (lost) =>
        Effect.flatMap(toReason(endpoint, lost), (reason) => Effect.fail(Failure.toError(endpoint, reason)))
    })
  )

/**
 * Waits for a promise, for as long as that. Neither the limit nor an interruption leaves the request behind.
 *
 * The timer is a fiber of its own that is started at once: a race would put off both by a turn of the event loop.
 */
const within = <A>(limit: Duration.Duration, start: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, Lost> =>
  Effect.flatMap(
    Effect.forkChild(Effect.sleep(limit), { startImmediately: true }),
    (timer) =>
      Effect.callback<A, Lost>((resume) => {
        const controller = new AbortController()
        timer.addObserver((exit) => {
          if (Exit.isFailure(exit)) return
          controller.abort()
          resume(Effect.fail({ _tag: "TimedOut", waitedFor: "whole reply", limit }))
        })
        const end = (result: Effect.Effect<A, Lost>) => {
          timer.interruptUnsafe()
          resume(result)
        }
        start(controller.signal).then(
          (value) => end(Effect.succeed(value)),
          (thrown: unknown) => end(Effect.fail({ _tag: "Thrown", thrown }))
        )
        return Effect.sync(() => {
          timer.interruptUnsafe()
          controller.abort()
        })
      })
  )

/** Why nothing came back. */
type Lost =
  | { readonly _tag: "Thrown"; readonly thrown: unknown }
  | { readonly _tag: "TimedOut"; readonly waitedFor: string; readonly limit: Duration.Duration }

const toReason = (origin: Failure.Origin, lost: Lost): Effect.Effect<LMError.Reason> =>
  lost._tag === "Thrown"
    ? Effect.map(Clock.currentTimeMillis, (now) => Failure.fromThrown(origin, lost.thrown, now))
    : Effect.succeed(
      new LMError.Timeout({
        description: `waited ${Duration.format(lost.limit)} for the ${lost.waitedFor}`
      })
    )

/** How long a response that has all that was asked for may take to end. */
const grace = Duration.seconds(1)

/**
 * After the announced end the body is read to its real end, which leaves the connection usable for the next request. A
 * server that does not close it is not waited for.
 */
const readOut = (reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Effect.Effect<void> => {
  if (reader === undefined) return Effect.void
  const toEnd = (): Promise<void> => reader.read().then(({ done }) => done ? undefined : toEnd(), () => undefined)
  return Effect.asVoid(Effect.timeoutOption(Effect.promise(toEnd), grace))
}

/** Waits for promises within the time limits. */
interface Patience {
  readonly wait: <A>(start: () => Promise<A>) => Effect.Effect<A, Lost>
  /** Takes note of what came: from the first content on, only silence is limited. */
  readonly heard: (events: ReadonlyArray<LMEvent>) => void
}

/** One fiber watches the clock for the whole response, so that a read costs no timer of its own. */
const makePatience = Effect.fnUntraced(function*(timeouts: Limits, scope: Scope.Scope) {
  const clock = yield* Clock.Clock
  const idle = Duration.toMillis(timeouts.idle)
  const deadline = clock.currentTimeMillisUnsafe() + Duration.toMillis(timeouts.firstEvent)
  let started = false
  /** When to give up, and how; infinity while nobody waits. */
  let until = deadline
  let giveUp: () => void = () => {}

  // No wait that begins while this sleeps can end before it wakes: it never sleeps longer than the shortest wait.
  const watch: Effect.Effect<void> = Effect.suspend(() => {
    const left = until - clock.currentTimeMillisUnsafe()
    if (left > 0) return Effect.andThen(Effect.sleep(Math.min(left, idle)), watch)
    giveUp()
    return Effect.void
  })
  yield* Effect.forkIn(watch, scope, { startImmediately: true })

  const patience: Patience = {
    wait: (start) =>
      Effect.callback((resume) => {
        until = started ? clock.currentTimeMillisUnsafe() + idle : deadline
        giveUp = () =>
          resume(Effect.fail(
            started
              ? { _tag: "TimedOut", waitedFor: "provider to go on", limit: timeouts.idle }
              : { _tag: "TimedOut", waitedFor: "first word", limit: timeouts.firstEvent }
          ))
        const done = <B>(exit: Effect.Effect<B, Lost>) => {
          until = Infinity
          return exit
        }
        start().then(
          (value) => resume(done(Effect.succeed(value))),
          (thrown: unknown) => resume(done(Effect.fail({ _tag: "Thrown", thrown })))
        )
      }),
    heard: (events) => {
      started ||= events.some((event) => event._tag !== "ResponseInfo" && event._tag !== "Usage")
    }
  }
  return patience
})
