/**
 * The events of a streaming program as lines that a person can read.
 *
 * One field is live at a time: its text is written as it comes, under its name. What other fields say meanwhile waits
 * until it is over, and follows in the order in which they began. Remarks (status messages) go to the other stream at
 * once, or, where both streams are one terminal, between two fields.
 */
import * as Equal from "effect/Equal"
import * as Formatter from "effect/Formatter"
import * as Result from "effect/Result"
import { rootPath } from "../../run/Call.ts"
import type {
  Emitted,
  Retracted,
  StatusMessage,
  StreamResponse,
  ToolCallDelta,
  ToolEvent
} from "../../streaming/StreamEvent.ts"
import { type JsonRecord, toJson } from "../../text/json/values.ts"
import { shortened } from "../../text/shortened.ts"
import * as Console from "./console.ts"

/** What is to be written next, in order. */
export interface Write {
  readonly to: "stdout" | "stderr"
  readonly pieces: ReadonlyArray<Console.Piece>
}

/** The end of a run: the prediction's fields in JSON. */
export interface Conclusion {
  readonly _tag: "Prediction"
  readonly fields: JsonRecord
}

/** What a program streams, its prediction in JSON. */
export type Event = StreamResponse | Retracted | ToolCallDelta | ToolEvent | Emitted | StatusMessage | Conclusion

/** One run's screen: a state machine from events to writes. */
export interface Screen {
  readonly push: (events: ReadonlyArray<Event>) => ReadonlyArray<Write>
  /** Everything that still waits, however the run ended. */
  readonly end: () => ReadonlyArray<Write>
}

/** A field of one attempt of one predictor call. */
interface Shown {
  readonly label: string
  readonly field: string
  readonly callId: string
  readonly completion: number
  /** All of its text, and what of it is not written yet. */
  text: string
  unwritten: string
  begun: boolean
  over: boolean
}

/** A screen for one run of a program. */
export const make = (console: Console.Console): Screen => {
  const fields = new Map<string, Shown>()
  const shown: Array<Shown> = []
  const calls = new Map<string, Array<string>>()
  const oneTerminal = console.stdout.isTerminal && console.stderr.isTerminal
  let waiting: Array<Write> = []

  /** In a composed program fields have their predictor's path, with a number where it is called again: `draft.answer #2`. */
  const labelOf = ({ callId, completion, predictName, signatureFieldName }: StreamResponse): string => {
    const known = calls.get(predictName) ?? []
    if (!known.includes(callId)) calls.set(predictName, [...known, callId])
    const nth = (calls.get(predictName) ?? []).indexOf(callId)
    return [
      predictName === rootPath ? signatureFieldName : `${predictName}.${signatureFieldName}`,
      ...(nth > 0 ? [` #${nth + 1}`] : []),
      ...(completion > 0 ? [` (completion ${completion + 1})`] : [])
    ].join("")
  }

  const respond = (response: StreamResponse): ReadonlyArray<Write> => {
    const { attempt, callId, chunk, completion, isLastChunk, signatureFieldName } = response
    const key = `${callId}/${attempt}/${completion}/${signatureFieldName}`
    let field = fields.get(key)
    if (field === undefined) {
      const label = labelOf(response)
      field = {
        label,
        field: signatureFieldName,
        callId,
        completion,
        text: "",
        unwritten: "",
        begun: false,
        over: false
      }
      fields.set(key, field)
    }
    field.text += chunk
    field.unwritten += chunk
    field.over = isLastChunk
    return drain()
  }

  /** Writes what the live field has, and then, while fields are over, what the next one has. */
  const drain = (): ReadonlyArray<Write> => {
    const writes: Array<Write> = []
    for (const [key, field] of fields) {
      if (field.text !== "" && !field.begun) {
        field.begun = true
        shown.push(field)
        writes.push(out(...console.stdout.bold(`${field.label}:`), " "))
      }
      if (field.unwritten !== "") writes.push(out(field.unwritten))
      field.unwritten = ""
      if (!field.over) break
      fields.delete(key)
      writes.push(...close(field))
    }
    return writes
  }

  const close = (field: Shown): ReadonlyArray<Write> => {
    const line = field.begun && !field.text.endsWith("\n") ? [out("\n")] : []
    const rest = waiting
    waiting = []
    return [...line, ...rest]
  }

  const live = (): boolean => fields.values().next().value?.begun === true

  const say = (write: Write): ReadonlyArray<Write> => {
    const must = write.to === "stdout" || oneTerminal
    if (!must || !live()) return [write]
    waiting.push(write)
    return []
  }

  const retract = ({ callId, completion, fields: retracted, reason }: Retracted): ReadonlyArray<Write> => {
    const isMeant = (field: Shown) =>
      field.callId === callId && (completion === undefined || field.completion === completion)
    for (const [key, field] of fields) if (isMeant(field) && !field.begun) fields.delete(key)
    const gone = shown.filter((field) => isMeant(field) && retracted.includes(field.field))
    for (const field of gone) shown.splice(shown.indexOf(field), 1)
    return [
      ...gone.flatMap((field) => say(out(...console.stdout.red(`(retracted: ${field.label})`), "\n"))),
      ...say(err(...Console.remark(console, `Retracted: ${reason}`)))
    ]
  }

  /** What the program answers that no predictor has shown. */
  const conclude = (prediction: JsonRecord): ReadonlyArray<Write> =>
    Object.entries(prediction).flatMap(([name, value]) =>
      shown.some((field) => field.field === name && means(field.text, value))
        ? []
        : [out(...fieldLine(name, value, console))]
    )

  const end = (): ReadonlyArray<Write> => {
    for (const field of fields.values()) field.over = true
    const writes = [...drain(), ...waiting]
    waiting = []
    return writes
  }

  return {
    push: (events) =>
      events.flatMap((event) => {
        switch (event._tag) {
          case "StreamResponse":
            return respond(event)
          case "Retracted":
            return retract(event)
          case "StatusMessage":
            return say(err(...Console.remark(console, event.message)))
          case "Emitted":
            return say(err(...Console.remark(console, `${event.name}: ${toText(event.value)}`)))
          case "Prediction":
            return [...end(), ...conclude(event.fields)]
          // What was written of a call is shown when the call is made, and an answer by whoever asked for it.
          case "ToolCallDelta":
          case "ApprovalRequested":
          case "ApprovalAnswered":
            return []
          default:
            return say(err(...Console.remark(console, toolRemark(event))))
        }
      }),
    end
  }
}

/** A field's name and value, as they are shown where they did not stream. */
export const fieldLine = (name: string, value: unknown, console: Console.Console): ReadonlyArray<Console.Piece> => {
  const text = toText(value)
  return [...console.stdout.bold(`${name}:`), " ", text, ...(text.endsWith("\n") ? [] : ["\n"])]
}

const toolRemark = (event: Exclude<ToolEvent, { readonly _tag: `Approval${string}` }>): string => {
  switch (event._tag) {
    case "ToolStart":
      return `${event.toolName}(${brief(toText(event.inputs))})`
    case "ToolProgress":
      return `${event.toolName}: ${brief(toText(event.value))}`
    case "ToolEnd":
      return `${event.toolName} ${
        event.outcome._tag === "Success"
          ? `= ${brief(toText(event.outcome.value))}`
          : event.outcome._tag === "Failure"
          ? `failed: ${brief(event.outcome.message.replace(`${event.toolName}: `, ""))}`
          : "was interrupted"
      }`
    case "ClientRequested":
      return `${event.toolName} is for the client of the program to execute`
    case "StepsDropped":
      return `${event.reason === "context" ? "The context is full: the" : "The"} model does not see ${
        numbered("iteration", event.iterations)
      } of the work any more`
    case "TurnsDropped":
      return `The model does not see ${numbered("turn", event.turns)} of the conversation any more`
  }
}

const numbered = (noun: string, numbers: ReadonlyArray<number>): string =>
  `${noun}${numbers.length === 1 ? "" : "s"} ${numbers.join(", ")}`

/** Any value as text: a program may answer what JSON has no word for. */
const toText = (value: unknown): string => typeof value === "string" ? value : toJson(value) ?? Formatter.format(value)

const brief = (text: string): string => shortened(text, 300)

const out = (...pieces: ReadonlyArray<Console.Piece>): Write => ({ to: "stdout", pieces })

const err = (...pieces: ReadonlyArray<Console.Piece>): Write => ({ to: "stderr", pieces })

const parse = (text: string): unknown => Result.getOrUndefined(Result.try((): unknown => JSON.parse(text)))

const means = (text: string, value: unknown): boolean => text === value || Equal.equals(parse(text), value)
