/**
 * The events of a program as JSON, and back: what the command writes with `--events`, what `AsyncProgram.bytes` sends, what a
 * client or a journal reads. What is decoded is the same value as what was encoded.
 *
 * Each event is an object with its `_tag` first. A prediction's fields are in the JSON of the signature's schemas. A value whose
 * type nobody knows (what a tool gives, a field without a signature) is JSON as it is; where it is none (a date, a `bigint`, a
 * `Map`), it is an object with the key `$` that says what it was. What has no form at all (a function) is read as a `Lost`.
 */
import * as Cause from "effect/Cause"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Module, Signatures } from "../module/Module.ts"
import * as Prediction from "../module/Prediction.ts"
import { inWords } from "../text/failure.ts"
import { isRecord, type JsonRecord } from "../text/json/values.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import type { Channel } from "./Emission.ts"
import { EventCodecError } from "./EventCodecError.ts"
import { checks, isFlat } from "./internal/checks.ts"
import { classesOf, errorClasses } from "./internal/errorValues.ts"
import { decodeLines } from "./internal/lines.ts"
import { readTyped, type Values, writeTyped } from "./internal/marks.ts"
import { type OwnError, ownErrors } from "./internal/ownErrors.ts"
import * as Predictions from "./internal/predictionValues.ts"
import { emittedOn } from "./internal/projection.ts"
import { fieldsOf, said } from "./internal/typedValues.ts"
import { forJson } from "./internal/values.ts"
import type * as StreamEvent from "./StreamEvent.ts"
import type { StreamListener } from "./StreamListener.ts"

export { EventCodecError, type OwnError }

// Models

/** The last event of a run that failed. */
export interface Failure<out E = unknown> {
  readonly _tag: "Failure"
  readonly error: E
  /** True where the program died or was interrupted: then `error` is none of the errors in the program's type. */
  readonly defect?: boolean
}

/** An event in JSON: the `_tag` is its first key. */
export interface Encoded {
  readonly _tag: string
  readonly [key: string]: unknown
}

/** What is read in the place of a value that has no form in JSON, such as a function: `what` says what it was. */
export interface Lost {
  readonly _tag: "Lost"
  readonly what: string
}

/** A class made with `Schema.TaggedError` or `Schema.Error`. */
export interface ErrorClass {
  // oxlint-disable-next-line typescript/no-explicit-any -- each class takes its own fields
  new(props: any): Error
  readonly identifier: string
  readonly fields: Schema.Struct.Fields
}

/** From the events of one program to JSON, and back. */
export interface EventCodec<in out Event, out E> {
  /** The event in JSON. Most events are their own JSON and are given as they are. */
  readonly encode: (event: Event | Failure) => Encoded
  /** The event that JSON stands for. */
  readonly decode: (json: unknown) => Result.Result<Event | Failure<E>, EventCodecError>
  /** A stream of events as lines of JSON, each with its end. What the stream fails of is the last line, a {@link Failure}. */
  readonly encodeLines: <E2, R>(events: Stream.Stream<Event, E2, R>) => Stream.Stream<string, never, R>
  /**
   * The events of such lines, as bytes in UTF-8, however they were cut. It fails of what the program failed of, and dies of
   * its defects. A line that is no event, a line of more than 64 MiB, and a body that ends before the run has are an
   * `EventCodecError`.
   */
  readonly decodeLines: <E2, R>(
    bytes: Stream.Stream<Uint8Array, E2, R>
  ) => Stream.Stream<Event, E | E2 | EventCodecError, R>
}

/** Options of {@link make}. Give the same stream options as to `streamify`: they say which events there are. */
export interface Options<
  Ls extends ReadonlyArray<StreamListener> = [],
  Cs extends ReadonlyArray<ErrorClass> = ReadonlyArray<ErrorClass>
> {
  readonly streamListeners?: Ls | undefined
  /** Whether the last event is the prediction, without which a body has not ended; true by default. */
  readonly includeFinalPredictionInOutputStream?: boolean | undefined
  /** The classes of the program's own errors, made with `Schema.TaggedError`. Errors of others are read as an `Error`. */
  readonly errors?: Cs | undefined
  /** The channels on which the program says values of its own. What is said on others is read as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- each channel has a type of its own
  readonly channels?: ReadonlyArray<Channel<string, any>> | undefined
}

/** What a program's errors are read as. */
export type Read<E, Cs extends ReadonlyArray<ErrorClass>> = E extends Error
  ? E extends OwnError | InstanceType<Cs[number]> ? E : Error
  : E

// Constructors

/**
 * The codec of a program's events. Both sides make it of the program: the one that runs it, and the one that reads.
 *
 * @example
 * const codec = EventCodec.make(qa)
 * const body = codec.encodeLines(Streaming.streamify(qa)({ question }))
 * const events = codec.decodeLines(Stream.fromReadableStream({ evaluate: () => response.body!, onError: identity }))
 */
export const make = <
  I,
  O,
  E,
  R,
  S extends Signatures,
  const Ls extends ReadonlyArray<StreamListener> = [],
  const Cs extends ReadonlyArray<ErrorClass> = []
>(
  program: Module<I, O, E, R, S>,
  options: Options<Ls, Cs> = {}
): EventCodec<StreamEvent.StreamEvent<S, Ls, O>, Read<E, Cs>> => {
  given("EventCodec.make", { program: Kinds.program }, [program])
  const { channels = [], errors = [], includeFinalPredictionInOutputStream: withPrediction = true } = onlyKnown(
    "EventCodec.make",
    options,
    optionNames
  )
  const values = forJson(classesOf([...ownErrors, ...errors]))
  const { readFields, writeFields } = fieldsOf(values, program.signature)
  const schemas = new Map(channels.map(({ name, schema }) => [name, schema]))
  type Event = StreamEvent.StreamEvent<S, Ls, O>

  const encode = (event: Event | Failure): Encoded => {
    if (isFlat.has(event._tag)) return event as unknown as Encoded // it holds nothing but JSON
    if (Prediction.isPrediction(event)) {
      return { _tag: "Prediction", ...Predictions.write(event, values.write, writeFields) }
    }
    if (event._tag === "Emitted") {
      // A stream of this process has put the channel beside the value.
      const { [emittedOn]: channel } = event as
        & { readonly [emittedOn]?: { readonly schema: Schema.Top } }
        & typeof event
      return { ...event, value: writeTyped(values, said(channel?.schema ?? schemas.get(event.name)), event.value) }
    }
    return values.write(event) as Encoded // the form of a record with a tag is one
  }

  const read = reader(values, schemas, readFields)

  const decode = (json: unknown) =>
    Result.mapError(
      // What the schemas have checked is an event of the program, if the two sides have the same.
      Result.try(() => read(json) as Event | Failure<Read<E, Cs>>),
      (thrown) => new EventCodecError({ description: `this is no event of ${program.name}: ${inWords(thrown)}` })
    )

  const toLine = (event: Event | Failure): string => `${JSON.stringify(encode(event))}\n`

  return {
    encode,
    decode,
    encodeLines: (events) =>
      Stream.catchCause(
        Stream.mapArray(events, (events) => [events.map(toLine).join("")]),
        (cause) => Stream.succeed(toLine(failureOf(cause)))
      ),
    decodeLines: (bytes) => decodeLines(bytes, decode, withPrediction)
  }
}

/** What a run failed of, as its last event. */
export const failureOf = (cause: Cause.Cause<unknown>): Failure => {
  const error = Cause.findError(cause)
  return Result.isSuccess(error)
    ? { _tag: "Failure", error: error.success }
    : { _tag: "Failure", error: Cause.squash(cause), defect: true }
}

// Details

/** Reads the events of a program. Throws a `TypeError` that says why a value is none. */
const reader = (
  values: Values,
  schemas: ReadonlyMap<string, Schema.Top>,
  readFields: (fields: JsonRecord) => JsonRecord
) =>
(json: unknown): unknown => {
  if (!isRecord(json) || typeof json["_tag"] !== "string") throw new TypeError("it has no `_tag`")
  const { _tag } = json
  if (_tag === "Prediction") return Predictions.read(json, values.read, readFields)
  const check = checks().get(_tag)
  if (check === undefined) throw new TypeError(`there is no event ${JSON.stringify(_tag.slice(0, 100))}`)
  const event = isFlat.has(_tag)
    // JSON has no `undefined`, which is the value of a field of which nothing is known yet.
    ? _tag === "PartialResponse" ? { ...json, value: json["value"] } : json
    : _tag === "Emitted"
    ? { ...json, value: readTyped(values, said(schemas.get(String(json["name"]))), json["value"]) }
    : values.read(json)
  const problem = check(event)
  if (problem === undefined) return event
  throw new TypeError(problem)
}

const optionNames: Names<Options> = {
  streamListeners: Kinds.list("listeners"),
  includeFinalPredictionInOutputStream: Kinds.flag,
  errors: errorClasses,
  channels: Kinds.listOf(
    "channels",
    Kinds.make(
      "a channel, as Emission.channel(\"progress\", Schema.Finite) gives one",
      (value) => Predicate.hasProperty(value, "name") && Predicate.hasProperty(value, "schema")
    )
  )
}
