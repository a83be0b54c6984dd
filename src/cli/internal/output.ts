/**
 * Runs a program and writes what it answers: as text for a person, as one JSON object, or as one JSON object per event.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Module, Signatures } from "../../module/Module.ts"
import { isPrediction, type Prediction } from "../../module/Prediction.ts"
import type * as Signature from "../../signature/Signature.ts"
import * as EventCodec from "../../streaming/EventCodec.ts"
import * as Status from "../../streaming/Status.ts"
import type { StreamEvent } from "../../streaming/StreamEvent.ts"
import * as Streaming from "../../streaming/Streaming.ts"
import * as Issues from "../../text/issues.ts"
import type { JsonRecord } from "../../text/json/values.ts"
import { OutputError } from "../OutputError.ts"
import { UsageError } from "../UsageError.ts"
import type { Approvals } from "./approvals.ts"
import * as Console from "./console.ts"
import type * as Naming from "./naming.ts"
import * as Screen from "./screen.ts"
import * as Text from "./text.ts"

/** In which form results are written. */
export interface Form {
  readonly as: "text" | "json" | "events"
  /** Write while the model does; otherwise at the end. */
  readonly stream: boolean
}

/** A program that answers a record. */
export type Program<E, R> = Module<Readonly<Record<string, unknown>>, object, E, R, Signatures>

/** The form that flags ask for. */
export const form = (
  { events, json, noStream }: { readonly events: boolean; readonly json: boolean; readonly noStream: boolean },
  { of }: Naming.Naming
): Effect.Effect<Form, UsageError> =>
  json && events
    ? Effect.fail(new UsageError({ message: `--${of("json")} and --${of("events")} exclude each other` }))
    : Effect.succeed({ as: json ? "json" : events ? "events" : "text", stream: !noStream })

/** Runs the program. */
export const show = <E, R>(
  program: Program<E, R>,
  inputs: Readonly<Record<string, unknown>>,
  statuses: Status.StatusMessageProvider,
  form: Form,
  console: Console.Console,
  approvals: Approvals
): Effect.Effect<void, E | OutputError, R> =>
  form.as === "json" || !form.stream
    ? whole(program, inputs, statuses, form, console)
    : form.as === "events"
    ? events(program, inputs, statuses, console)
    : text(program, inputs, statuses, console, approvals)

/** A reader of standard output that goes away ends what is shown to it, and is no failure. */
export const whileRead = <E, R>(self: Effect.Effect<void, E, R>): Effect.Effect<void, E, R> =>
  Effect.catchIf(self, isClosed, () => Effect.void)

const isClosed = (error: unknown): error is OutputError => error instanceof OutputError && error.closed

/** Fields as they are written. */
const text = <E, R>(
  program: Program<E, R>,
  inputs: Readonly<Record<string, unknown>>,
  statusMessageProvider: Status.StatusMessageProvider,
  console: Console.Console,
  approvals: Approvals
): Effect.Effect<void, E | OutputError, R> => {
  const screen = Screen.make(console)
  const codec = EventCodec.make(program)
  const put = (writes: ReadonlyArray<Screen.Write>) =>
    Effect.forEach(
      joined(writes),
      ({ pieces, to }) => to === "stdout" ? console.write(...pieces) : console.say(...pieces),
      {
        discard: true
      }
    )
  // The screen shows what tools are called with and what they answer: that they are called need not be said again.
  const quiet = { toolStart: undefined, toolEnd: undefined, ...statusMessageProvider }
  return Streaming.streamify(program, { statusMessageProvider: quiet })(inputs).pipe(
    Stream.runForEachArray((streamed) => {
      const { broken, kept } = honest(program, streamed)
      const events = kept.map((event): Screen.Event =>
        event._tag === "Prediction"
          ? { _tag: "Prediction", fields: shown(program.signature, encodedFields(codec, event)) }
          : event
      )
      return approvals.writing(put(screen.push(events))).pipe(
        Effect.andThen(approvals.shown(events)),
        Effect.andThen(broken === undefined ? Effect.void : Effect.die(broken))
      )
    }),
    Effect.onExit(() => Effect.ignore(put(screen.end())))
  )
}

/** Writes to the same stream become one. */
const joined = (writes: ReadonlyArray<Screen.Write>): ReadonlyArray<Screen.Write> => {
  const all: Array<Screen.Write> = []
  for (const write of writes) {
    const last = all.at(-1)
    if (last?.to === write.to) all[all.length - 1] = { to: write.to, pieces: [...last.pieces, ...write.pieces] }
    else all.push(write)
  }
  return all
}

/** Each event as a line of JSON; what the program fails of is the last one, and is the run's failure as well. */
const events = <E, R>(
  program: Program<E, R>,
  inputs: Readonly<Record<string, unknown>>,
  statusMessageProvider: Status.StatusMessageProvider,
  console: Console.Console
): Effect.Effect<void, E | OutputError, R> => {
  const codec = EventCodec.make(program)
  return Streaming.streamify(program, { statusMessageProvider })(inputs).pipe(
    Stream.mapArray((events) => [honest(program, events)]),
    Stream.flatMap(({ broken, kept }) => {
      const lines = Stream.succeed(kept.map((event) => line(codec.encode(event))).join(""))
      return broken === undefined ? lines : Stream.concat(lines, Stream.die(broken))
    }),
    Stream.catchCause((cause) => Stream.concat(Stream.fromIterable(lastLine(codec, cause)), Stream.failCause(cause))),
    Stream.runForEach((lines) => console.write(lines))
  )
}

/** The prediction once it is there. */
const whole = <E, R>(
  program: Program<E, R>,
  inputs: Readonly<Record<string, unknown>>,
  statuses: Status.StatusMessageProvider,
  form: Form,
  console: Console.Console
): Effect.Effect<void, E | OutputError, R> => {
  const codec = EventCodec.make(program)
  return program(inputs).pipe(
    Effect.tap((prediction) => {
      const { broken } = honest(program, [prediction])
      return broken === undefined ? Effect.void : Effect.die(broken)
    }),
    Effect.tapCause((cause) =>
      form.as === "events" ? Effect.ignore(console.write(...lastLine(codec, cause))) : Effect.void
    ),
    Status.report(statuses),
    Effect.provideService(Status.StatusSink, {
      // A reader may take its time.
      timeout: Infinity,
      send: (message) =>
        form.as === "events"
          ? Effect.ignore(console.write(line(codec.encode(message))))
          : console.say(...Console.remark(console, message.message))
    }),
    Effect.flatMap((prediction) => {
      switch (form.as) {
        case "events":
          return console.write(line(codec.encode(prediction)))
        case "json":
          return console.write(line(encodedFields(codec, prediction)))
        case "text":
          return console.write(
            ...Object.entries(shown(program.signature, encodedFields(codec, prediction)))
              .flatMap(([name, value]) => Screen.fieldLine(name, value, console))
          )
      }
    })
  )
}

/** JSON that a terminal can show. */
export const json = (value: object): string => Text.harmlessJson(JSON.stringify(value))

/** A line of JSON. */
const line = (value: object): string => `${json(value)}\n`

/** What the run failed of as a line; none where it was interrupted. */
const lastLine = (codec: Codec, cause: Cause.Cause<unknown>): ReadonlyArray<string> =>
  Cause.hasInterruptsOnly(cause) ? [] : [line(codec.encode(EventCodec.failureOf(cause)))]

type Codec = Pick<EventCodec.EventCodec<StreamEvent<Signatures, [], object>, unknown>, "encode">

/** The fields of a program's predictions in JSON. It dies of one that is not what the program's signature says. */
export const fieldsOf = <E, R>(
  program: Program<E, R>
): (prediction: Prediction<object>) => Effect.Effect<JsonRecord> => {
  const codec = EventCodec.make(program)
  return (prediction) =>
    Effect.suspend(() => {
      const { broken } = honest(program, [prediction])
      return broken === undefined ? Effect.succeed(encodedFields(codec, prediction)) : Effect.die(broken)
    })
}

const encodedFields = (codec: Codec, prediction: Prediction<object>): JsonRecord =>
  codec.encode(prediction)["fields"] as JsonRecord // what is encoded of a prediction has them

/** What a person wants to see of an answer: what the program's signature promises. */
const shown = (
  signature: Signature.Any | undefined,
  fields: JsonRecord
): JsonRecord =>
  signature === undefined
    ? fields
    : Object.fromEntries(
      signature.outputFields.flatMap(({ name }) => Object.hasOwn(fields, name) ? [[name, fields[name]]] : [])
    )

/**
 * Events as they may be shown. A program may answer something else than its signature says, where no compiler has compared them:
 * such a prediction is left out, and is the defect `broken`.
 */
const honest = <E, R, Event extends { readonly _tag: string }>(
  { name, signature }: Program<E, R>,
  events: ReadonlyArray<Event>
): { readonly kept: ReadonlyArray<Event>; readonly broken: TypeError | undefined } => {
  const prediction = events.find(isPrediction)
  if (prediction === undefined || signature === undefined) return { kept: events, broken: undefined }
  const fields: JsonRecord = prediction
  const issues = signature.outputFields.flatMap((field) => {
    const read = Object.hasOwn(fields, field.name) ? field.validate(fields[field.name]) : field.validateAbsent()
    return Result.isFailure(read) ? read.failure : []
  })
  if (issues.length === 0) return { kept: events, broken: undefined }
  const wrong = Issues.inLine(issues)
  return {
    kept: events.filter((event) => !isPrediction(event)),
    broken: new TypeError(`${name} answered what its signature (${signature}) does not say: ${wrong}`)
  }
}
