/**
 * Sending a request, and reading what comes back. Nothing here knows the protocol that is spoken.
 *
 * Reads are driven by the consumer: one effect per network read, which hands over the events of that read as one array,
 * and no read while the consumer is busy. The scope of a call owns its request: leaving it closes the socket. A response
 * that comes whole is read in the same way, and gathered.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as LMError from "../../lm/LMError.ts"
import { isContent, type LMEvent, type ResponseInfo as ResponseInfoEvent } from "../../lm/LMEvent.ts"
import * as LMResponse from "../../lm/LMResponse.ts"
import type { Limits } from "../../policy/Timeouts.ts"
import type { Decoder } from "../Protocol.ts"
import type { SizeLimits } from "../SizeLimits.ts"
import * as Deadlines from "./deadlines.ts"
import * as Failure from "./failure.ts"
import { Abort, type Reply } from "./reply.ts"
import * as ResponseInfo from "./responseInfo.ts"

/** One request, ready to be sent, and how its response is read. */
export interface Exchange extends Failure.Origin {
  /** Sends it, given the time in milliseconds; the promise rejects unless the response is a success. */
  readonly send: (abort: Abort, now: number) => Promise<Reply>
  /** Reads the response; asked for once it is there. */
  readonly decoder: () => Decoder
  readonly timeouts: Limits
  readonly limits: SizeLimits
}

/** The events of a streamed response. */
export const stream = (begin: Effect.Effect<Exchange, LMError.LMError>): Stream.Stream<LMEvent, LMError.LMError> =>
  Stream.fromChannel(
    Channel.fromTransformBracket(Effect.fnUntraced(function*(_upstream, _scope, scope) {
      const exchange = yield* begin
      const abort = new Abort()
      let isReleased = false
      yield* Scope.addFinalizer(scope, Effect.sync(() => isReleased ? undefined : abort.abort()))
      const patience = yield* makePatience(streamed(exchange.timeouts), scope)
      const reply = yield* Effect.catch(
        patience.wait((now) => exchange.send(abort, now)),
        (lost) => lost._tag === "Silent" ? Effect.die(lost) : failed(exchange, lost)
      )
      const info = infoOf(exchange, reply)
      let isTold = false
      const read = reading(exchange, reply, exchange.decoder(), patience, () => {
        isReleased = true
      })
      return Effect.map(read, (events) => {
        if (isTold) return events
        isTold = true
        const [first, ...others] = events
        return first._tag === "ResponseInfo" ? [{ ...info, ...first }, ...others] as const : [info, ...events] as const
      })
    }))
  )

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
  /** There is one once there is a response. */
  #decoder: Decoder | undefined
  #headers: ReadonlyArray<string> | undefined

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  /** Asks for it, and reads it as far as it comes by itself; gives what has to be read of it. */
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

  /** Reads what is left of it. */
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

  /** Ends where nothing more came. */
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

/** Reads a body as far as the answer goes. What it gives has to be waited for, though nothing more is needed of it. */
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

const infoOf = ({ secrets }: Failure.Origin, { headers }: Reply): ResponseInfoEvent => ({
  _tag: "ResponseInfo",
  // Whoever is sent a key may say it, in whatever form; to look for all of them here would cost more than the whole call.
  ...ResponseInfo.of(headers, (value) => secrets.some((secret) => value.includes(secret)) ? "<redacted>" : value)
})

/** Fails with what a request has come to in the place of an answer. */
export const failed = (origin: Failure.Origin, lost: Failed): Effect.Effect<never, LMError.LMError> =>
  Effect.fail(Failure.toError(origin, toReason(origin, lost), isRefusal(lost) ? lost.thrown.headers : undefined))

const isRefusal = (lost: Failed): lost is Failed & { readonly thrown: Failure.Refused } =>
  lost._tag === "Thrown" && lost.thrown instanceof Failure.Refused

/** Waits for a promise, for as long as that. Neither the limit nor an interruption leaves the request behind. */
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

/** One network read, or the end. */
type Read = Pull.Pull<Arr.NonEmptyReadonlyArray<LMEvent>, LMError.LMError>

/**
 * How many bytes of a response are handed over first, where the first read has brought more: whoever waits for the first word goes
 * on with it while the rest is decoded.
 */
const beginning = 2048

/** Reads the response, one network read at a time; `release` is called where its body was read to the end. */
const reading = (
  exchange: Exchange,
  reply: Reply,
  decoder: Decoder,
  patience: Patience,
  release: () => void
): Read => {
  /** Whether nothing more is read: the body is over, or broken, or silent. */
  let isEnded = false
  /** What is left of the first read. */
  let rest: Uint8Array | undefined
  let isFirst = true

  const read: Read = Effect.suspend(() => {
    const failure = decoder.failure()
    if (failure !== undefined) return Effect.fail(Failure.toError(exchange, failure, reply.headers))
    if (decoder.over()) {
      const out = isEnded
        ? Effect.void
        : Effect.map(Effect.promise(() => readOut(reply)), (ended) => ended ? release() : undefined)
      return Effect.andThen(Effect.andThen(warn(decoder), out), Cause.done())
    }
    if (rest !== undefined) {
      const bytes = rest
      rest = undefined
      return deliver(decoder.push(bytes))
    }
    return Effect.matchEffect(patience.wait(() => reply.read(), decoder.finished()), {
      onSuccess: (bytes) => {
        if (bytes === undefined) {
          release()
          return end()
        }
        if (!isFirst) return deliver(decoder.push(bytes))
        isFirst = false
        if (bytes.length <= beginning) return deliver(decoder.push(bytes))
        rest = bytes.subarray(beginning)
        return deliver(decoder.push(bytes.subarray(0, beginning)))
      },
      onFailure: (lost) => lost._tag === "Silent" ? end() : end(toReason(exchange, lost))
    })
  })

  const end = (cause?: LMError.Reason): Read => {
    isEnded = true
    return deliver(decoder.end(cause))
  }

  const deliver = (events: ReadonlyArray<LMEvent>): Read => {
    if (!Arr.isReadonlyArrayNonEmpty(events)) return read
    patience.heard(events)
    return Effect.succeed(events)
  }

  return read
}

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
const isKnown = ({ headers = {} }: ResponseInfoEvent, { reply }: SizeLimits): boolean =>
  headers["content-encoding"] === undefined && Number(headers["content-length"]) <= reply

/** Says so where the provider has announced its end with fewer completions than were asked for. */
const warn = (decoder: Decoder): Effect.Effect<void> => {
  const missing = decoder.missing()
  return missing === 0
    ? Effect.void
    : Effect.logWarning(`The provider's answer lacks ${missing} of the completions that were asked for (n)`)
}

/** Why nothing came back; `Silent` where nothing more had to come. */
type Lost = Failed | { readonly _tag: "Silent" }

/** A request that was not answered. */
export type Failed =
  | { readonly _tag: "Thrown"; readonly thrown: unknown }
  | { readonly _tag: "TimedOut"; readonly waitedFor: string; readonly limit: Duration.Duration }

const toReason = (origin: Failure.Origin, lost: Failed): LMError.Reason =>
  lost._tag === "Thrown"
    ? Failure.fromThrown(origin, lost.thrown)
    : new LMError.Timeout({ description: `waited ${Duration.format(lost.limit)} for the ${lost.waitedFor}` })

/** How many milliseconds a body may take to end, once its end was announced. */
const grace = 100

/**
 * After the announced end the body is read to its real end, which leaves the connection usable for the next request; resolves
 * to whether it came. A server that does not end it is not waited for. The socket keeps real time, whatever the clock of the
 * program does.
 */
const readOut = (reply: Reply): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (ended: boolean) => {
      clearTimeout(timer)
      resolve(ended)
    }
    const timer = setTimeout(() => end(false), grace)
    const next = (): Promise<void> => reply.read().then((bytes) => bytes === undefined ? end(true) : next())
    next().catch(() => end(false))
  })

/** How long a response is waited for. */
interface Waits {
  /** From the request, and for what. */
  readonly first: Duration.Duration
  readonly firstOf: string
  /** Between two reads after the first content; `undefined` where the first limit is for all of the response. */
  readonly idle: Duration.Duration | undefined
  /** After the last content, once nothing more is needed. */
  readonly afterFinish: Duration.Duration
}

const streamed = ({ afterFinish, firstEvent, idle }: Limits): Waits => ({
  first: firstEvent,
  firstOf: "first word",
  idle,
  afterFinish
})

const whole = ({ afterFinish, reply }: Limits): Waits => ({
  first: reply,
  firstOf: "whole reply",
  idle: undefined,
  afterFinish
})

/** Waits for promises within the time limits. */
interface Patience {
  /** `settled` where nothing more is needed: silence is no failure then. */
  readonly wait: <A>(start: (now: number) => Promise<A>, settled?: boolean) => Effect.Effect<A, Lost>
  /** Takes note of what came: from the first content on, only silence is limited. */
  readonly heard: (events: ReadonlyArray<LMEvent>) => void
}

/** One fiber watches the clock for the whole response, so that a read costs no timer of its own. */
const makePatience = Effect.fnUntraced(function*(waits: Waits, scope: Scope.Scope) {
  const clock = yield* Clock.Clock
  const idle = waits.idle === undefined ? Infinity : Duration.toMillis(waits.idle)
  const afterFinish = Duration.toMillis(waits.afterFinish)
  const shortest = Math.min(idle, afterFinish)
  const deadline = clock.currentTimeMillisUnsafe() + Duration.toMillis(waits.first)
  let started = false
  /** How long to wait on, once nothing more is needed: signs of life are no reason to begin anew. */
  let leftAfterFinish = afterFinish
  /** When to give up, and how; infinity while nobody waits. */
  let until = deadline
  let giveUp: () => void = () => {}

  // A wait that begins while this sleeps does not end before it wakes, since it never sleeps longer than the shortest wait.
  // Only what is left of the time after a finish may be shorter: then it wakes a little late.
  const watch: Effect.Effect<void> = Effect.suspend(() => {
    const left = until - clock.currentTimeMillisUnsafe()
    if (left > 0) return Effect.andThen(Effect.sleep(Math.min(left, shortest)), watch)
    giveUp()
    return Effect.void
  })
  yield* Effect.forkIn(watch, scope, { startImmediately: true })

  const timedOut = (): Lost =>
    started && waits.idle !== undefined
      ? { _tag: "TimedOut", waitedFor: "provider to go on", limit: waits.idle }
      : { _tag: "TimedOut", waitedFor: waits.firstOf, limit: waits.first }

  const patience: Patience = {
    wait: (start, settled = false) =>
      Effect.callback((resume) => {
        const now = clock.currentTimeMillisUnsafe()
        const limit = started && waits.idle !== undefined ? (settled ? Infinity : now + idle) : deadline
        const silent = settled && now + leftAfterFinish <= limit
        until = silent ? now + leftAfterFinish : limit
        giveUp = () => resume(Effect.fail(silent ? { _tag: "Silent" } : timedOut()))
        const done = <B>(exit: Effect.Effect<B, Lost>) => {
          until = Infinity
          leftAfterFinish = settled ? leftAfterFinish - (clock.currentTimeMillisUnsafe() - now) : afterFinish
          return exit
        }
        start(now).then(
          (value) => resume(done(Effect.succeed(value))),
          (thrown: unknown) => resume(done(Effect.fail({ _tag: "Thrown", thrown })))
        )
      }),
    heard: (events) => {
      const content = events.some(isContent)
      started ||= content
      if (content) leftAfterFinish = afterFinish
    }
  }
  return patience
})
