/**
 * A response that comes whole: it is read as a streamed one is, and its events are gathered.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as LMError from "../../../lm/LMError.ts"
import type { LMEvent, ResponseInfo } from "../../../lm/LMEvent.ts"
import * as LMResponse from "../../../lm/LMResponse.ts"
import type { Decoder } from "../../Protocol.ts"
import type { SizeLimits } from "../../SizeLimits.ts"
import * as Deadlines from "../deadlines.ts"
import * as Failure from "../failure.ts"
import { Abort, type Reply } from "../reply.ts"
import { type Exchange, type Failed, failed, infoOf, toReason, warn } from "./exchange.ts"
import { makePatience, whole } from "./patience.ts"
import { reading, readOut } from "./reading.ts"

/** The response that comes whole. */
export const generate = (
  begin: Effect.Effect<Exchange, LMError.LMError>
): Effect.Effect<LMResponse.LMResponse, LMError.LMError> =>
  Effect.flatMap(begin, (exchange) =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const whole = new Whole(exchange)
      return Effect.matchEffect(within(clock, exchange.timeouts.reply, (abort) => whole.send(abort, clock)), {
        onSuccess: (left) => whole.read(left),
        onFailure: (lost) => whole.lose(lost)
      })
    }))

/** A response that comes whole, while it comes. */
class Whole {
  readonly #exchange: Exchange
  readonly #response = LMResponse.builder()
  /** Set once there is a response. */
  #decoder: Decoder | undefined
  #headers: ReadonlyArray<string> | undefined

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  /** Sends the request, and reads the response up to its last event. Gives what is left to be read. */
  send(abort: Abort, clock: Clock.Clock): Promise<Left> {
    const exchange = this.#exchange
    return exchange.send(abort, clock.currentTimeMillisUnsafe()).then((reply): Left | Promise<Left> => {
      const decoder = this.#decoder = exchange.decoder()
      const info = infoOf(exchange, reply)
      this.#headers = reply.headers
      this.#take([info])
      return isKnown(info, exchange.limits) ? reply.text() : gather(reply, decoder, this.#take)
    })
  }

  /** Reads what is left of the response, and folds its events. */
  read(left: Left): Effect.Effect<LMResponse.LMResponse, LMError.LMError> {
    const decoder = this.#decoder!
    if (typeof left === "object") {
      return Effect.matchEffect(readAll(this.#exchange, left, decoder, this.#take), {
        onSuccess: () => this.#end(decoder),
        onFailure: (error) => this.#fail(error)
      })
    }
    if (left !== undefined) this.#take(decoder.pushText(left))
    return this.#end(decoder)
  }

  /** Ends a response that broke off. */
  lose(lost: Failed): Effect.Effect<LMResponse.LMResponse, LMError.LMError> {
    return this.#decoder === undefined
      ? failed(this.#exchange, lost)
      : this.#end(this.#decoder, toReason(this.#exchange, lost))
  }

  #end(decoder: Decoder, cause?: LMError.Reason): Effect.Effect<LMResponse.LMResponse, LMError.LMError> {
    this.#take(decoder.end(cause))
    const failure = decoder.failure()
    if (failure !== undefined) return this.#fail(Failure.toError(this.#exchange, failure, this.#headers))
    const response = this.#response.result()
    return decoder.missing() === 0 ? Effect.succeed(response) : Effect.as(warn(decoder), response)
  }

  #fail(error: LMError.LMError): Effect.Effect<never, LMError.LMError> {
    return Effect.fail(LMError.withUsage(error, this.#response.result().usage))
  }

  readonly #take = (events: ReadonlyArray<LMEvent>): void => this.#response.push(events)
}

/** What is left to read: a text, all that a connection still brings, or nothing. */
type Left = string | Reply | undefined

/**
 * Reads a body up to the end of the answer. Gives the reply where more bytes may still come: they have to be waited for,
 * though the answer is whole.
 */
const gather = (
  reply: Reply,
  decoder: Decoder,
  take: (events: ReadonlyArray<LMEvent>) => void
): Promise<Reply | undefined> => {
  const next = (): Promise<Reply | undefined> =>
    reply.read().then((bytes) => {
      if (bytes === undefined) return undefined
      take(decoder.push(bytes))
      if (decoder.over()) {
        void readOut(reply).then((ended) => ended ? undefined : reply.cancel())
        return undefined
      }
      return decoder.finished() ? reply : next()
    })
  return next()
}

/** Waits for a promise up to a limit. Where the limit passes, or the fiber is interrupted, the request is ended. */
export const within = <A>(
  clock: Clock.Clock,
  limit: Duration.Duration,
  start: (abort: Abort) => Promise<A>
): Effect.Effect<A, Failed> =>
  Effect.callback((resume) => {
    const abort = new Abort()
    const stop = Deadlines.of(clock, Duration.toMillis(limit)).begin(() => {
      abort.abort()
      resume(Effect.fail({ _tag: "TimedOut", waitedFor: "whole reply", limit }))
    })
    start(abort).then(
      (value) => {
        stop()
        resume(Effect.succeed(value))
      },
      (thrown: unknown) => {
        stop()
        resume(Effect.fail({ _tag: "Thrown", thrown }))
      }
    )
    return Effect.sync(() => {
      stop()
      abort.abort()
    })
  })

/** Hands over what else a response brings; it is waited for within the limits of a whole reply. */
const readAll = (
  exchange: Exchange,
  reply: Reply,
  decoder: Decoder,
  take: (events: ReadonlyArray<LMEvent>) => void
): Effect.Effect<void, LMError.LMError> =>
  Effect.scopedWith(Effect.fnUntraced(function*(scope) {
    let isReleased = false
    yield* Scope.addFinalizer(scope, Effect.sync(() => isReleased ? undefined : reply.cancel()))
    const patience = yield* makePatience(whole(exchange.timeouts), scope)
    const read = reading(exchange, reply, decoder, patience, () => {
      isReleased = true
    })
    const next: Pull.Pull<never, LMError.LMError> = Effect.flatMap(read, (events) => {
      take(events)
      return next
    })
    yield* Pull.catchDone(next, () => Effect.void)
  }))

/** Whether the body says how long it is, and is not too long: then it ends by itself, and need not be watched for its end. */
const isKnown = ({ headers = {} }: ResponseInfo, { reply }: SizeLimits): boolean =>
  headers["content-encoding"] === undefined && Number(headers["content-length"]) <= reply
