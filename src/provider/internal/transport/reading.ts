/**
 * The body of a response, read one network read at a time.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import type * as LMError from "../../../lm/LMError.ts"
import type { LMEvent } from "../../../lm/LMEvent.ts"
import type { Decoder } from "../../Protocol.ts"
import * as Failure from "../failure.ts"
import type { Reply } from "../reply.ts"
import { type Exchange, toReason, warn } from "./exchange.ts"
import type { Patience } from "./patience.ts"

/** One network read, or the end. */
type Read = Pull.Pull<Arr.NonEmptyReadonlyArray<LMEvent>, LMError.LMError>

/**
 * How many bytes of the first read are decoded at once. A reader that waits for the first word gets it before the rest is
 * decoded.
 */
const beginning = 2048

/** Reads the response, one network read at a time; `release` is called where its body was read to the end. */
export const reading = (
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

/** How many milliseconds a body may take to end, once its end was announced. */
const grace = 100

/**
 * After the announced end the body is read to its real end, which leaves the connection usable for the next request; resolves
 * to whether it came. A server that does not end it is not waited for. The socket keeps real time, whatever the clock of the
 * program does.
 */
export const readOut = (reply: Reply): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (ended: boolean) => {
      clearTimeout(timer)
      resolve(ended)
    }
    const timer = setTimeout(() => end(false), grace)
    const next = (): Promise<void> => reply.read().then((bytes) => bytes === undefined ? end(true) : next())
    next().catch(() => end(false))
  })
