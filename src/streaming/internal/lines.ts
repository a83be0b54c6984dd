/**
 * Events as lines of JSON: where the body of a run ends, and what it ends of.
 */
import * as Cause from "effect/Cause"
import * as Ndjson from "effect/encoding/Ndjson"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Failure } from "../EventCodec.ts"
import { EventCodecError } from "../EventCodecError.ts"

/** Stands among the events where they end before the body does, and says why. */
class End<out E> {
  readonly cause: Cause.Cause<E>
  constructor(cause: Cause.Cause<E>) {
    this.cause = cause
  }
}

/**
 * The events of a body, cut anywhere. It fails of what the run failed of, and of an `EventCodecError` where a line is no event, or the
 * body ends before the run did; without `withPrediction` it may end anywhere.
 */
export const decodeLines = <Event extends { readonly _tag: string }, E, E2, R>(
  bytes: Stream.Stream<Uint8Array, E2, R>,
  decode: (json: unknown) => Result.Result<Event | Failure<E>, EventCodecError>,
  withPrediction: boolean
): Stream.Stream<Event, E | E2 | EventCodecError, R> =>
  Stream.suspend(() => {
    let end: End<E | EventCodecError> | undefined
    let isOver = false

    const next = (json: unknown): Event | End<E | EventCodecError> => {
      const decoded = decode(json)
      if (Result.isFailure(decoded)) return end = new End(Cause.fail(decoded.failure))
      const event = decoded.success
      if (isFailure(event)) {
        return end = new End(event.defect === true ? Cause.die(event.error) : Cause.fail(event.error))
      }
      isOver = event._tag === "Prediction"
      return event
    }

    return bytes.pipe(
      Stream.pipeThroughChannelOrFail(Ndjson.decode<E2>({ ignoreEmptyLines: true, maxLineBytes: mostBytes })),
      Stream.mapError((error) => error instanceof Ndjson.NdjsonError ? ofLine(error) : error),
      Stream.map(next),
      Stream.takeUntil((event) => event instanceof End),
      Stream.filter((event): event is Event => !(event instanceof End)),
      Stream.concat(Stream.suspend((): Stream.Stream<never, E | EventCodecError> => {
        if (end !== undefined) return Stream.failCause(end.cause)
        return isOver || !withPrediction ? Stream.empty : Stream.fail(new EventCodecError({ description: cut }))
      }))
    )
  })

// Details

const cut = "the body ended before the run did: its last line is neither a prediction nor a failure"

const isFailure = <E>(event: { readonly _tag: string } | Failure<E>): event is Failure<E> => event._tag === "Failure"

const ofLine = ({ reason }: Ndjson.NdjsonError): EventCodecError =>
  new EventCodecError({
    description: reason === "LineTooLarge"
      ? `a line of the body has more than ${mostBytes} bytes`
      : reason === "InvalidUtf8"
      ? "a line of the body is not in UTF-8"
      : "a line of the body is not JSON: it was cut, or is none of events"
  })

const mostBytes = 64 * 1024 * 1024
