/**
 * The events of a run as stream events.
 */
import { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import type { Call } from "../../run/Call.ts"
import type { Outcome, RunEvent } from "../../run/RunEvent.ts"
import { inWords } from "../../text/failure.ts"
import * as Issues from "../../text/issues.ts"
import type {
  Emitted,
  PartialResponse,
  Retracted,
  StatusMessage,
  StreamResponse,
  ToolCallDelta,
  ToolEnd,
  ToolEvent
} from "../StreamEvent.ts"

/** What a stream tells of what happens in a run, beside status messages. */
export type Heard = StreamResponse | PartialResponse | Retracted | ToolCallDelta | ToolEvent | Emitted

/** An event of a run as the stream event that it is, if it is one. */
export const toHeard = (event: RunEvent): Heard | undefined => {
  switch (event._tag) {
    case "FieldDelta":
      return inPlace(event.call, {
        _tag: "StreamResponse",
        predictName: event.call.path,
        signatureFieldName: event.field,
        chunk: event.text,
        isLastChunk: event.isLast,
        callId: event.call.place,
        attempt: event.attempt,
        completion: event.index
      })
    case "PartialValue":
      return inPlace(event.call, {
        _tag: "PartialResponse",
        predictName: event.call.path,
        signatureFieldName: event.field,
        value: event.value,
        isLastChunk: event.isLast,
        callId: event.call.place,
        attempt: event.attempt,
        completion: event.index
      })
    case "Retraction":
      return {
        ...retracted(event.call, event.attempt, event.fields, reasonOf(event.error)),
        ...(event.index === undefined ? {} : { completion: event.index })
      }
    case "ToolCallDelta":
      return inPlace(event.call, {
        _tag: "ToolCallDelta",
        predictName: event.call.path,
        toolCallId: event.toolCallId,
        toolName: event.toolName,
        argumentsDelta: event.argumentsDelta,
        callId: event.call.place,
        attempt: event.attempt,
        completion: event.index
      })
    case "ToolStart":
      return inPlace(event.call, { _tag: "ToolStart", ...toolSource(event), inputs: event.inputs })
    case "ApprovalRequested":
      return inPlace(event.call, {
        _tag: "ApprovalRequested",
        ...toolSource(event),
        approvalId: event.approvalId,
        inputs: event.inputs
      })
    case "ApprovalAnswered":
      return inPlace(event.call, {
        _tag: "ApprovalAnswered",
        ...toolSource(event),
        approvalId: event.approvalId,
        approved: event.approved,
        ...(event.reason === undefined ? {} : { reason: event.reason }),
        ...(event.arguments === undefined ? {} : { inputs: event.arguments })
      })
    case "ClientRequested":
      return inPlace(event.call, {
        _tag: "ClientRequested",
        ...toolSource(event),
        requestId: event.requestId,
        inputs: event.inputs
      })
    case "ToolProgress":
      return inPlace(event.call, { _tag: "ToolProgress", ...toolSource(event), value: event.value })
    case "ToolEnd":
      return inPlace(event.call, {
        _tag: "ToolEnd",
        ...toolSource(event),
        outcome: outcome(event.outcome),
        durationMillis: event.durationMillis,
        ...(event.givenAgain === undefined ? {} : { givenAgain: event.givenAgain })
      })
    case "StepsDropped":
      return inPlace(event.call, {
        _tag: "StepsDropped",
        path: event.call.path,
        callId: event.call.place,
        iterations: event.iterations,
        reason: event.reason
      })
    case "TurnsDropped":
      return inPlace(event.call, {
        _tag: "TurnsDropped",
        path: event.call.path,
        callId: event.call.place,
        turns: event.turns
      })
    case "Emission":
      return Object.defineProperty(
        inPlace(event.call, {
          _tag: "Emitted",
          name: event.channel.name,
          value: event.value,
          path: event.call.path,
          callId: event.call.place
        }),
        emittedOn,
        { value: event.channel }
      )
    default:
      return undefined
  }
}

/** Under this key an emitted value has its channel, whose Schema it is written with where it leaves the process. */
export const emittedOn: unique symbol = Symbol("effect-lm/streaming/emittedOn")

/** The event with its place in the work of agents and tools. Events outside of these, which are most, are not copied. */
export const inPlace = <A extends Heard | StatusMessage>({ iteration, toolCall }: Call, event: A): A =>
  iteration === undefined && toolCall === undefined ? event : {
    ...event,
    ...(iteration === undefined ? {} : { iteration }),
    ...(toolCall === undefined ? {} : { withinToolCall: toolCall })
  }

const toolSource = ({ call, toolCallId }: { readonly call: Call; readonly toolCallId: string }) => ({
  toolName: call.name,
  toolCallId,
  path: call.path,
  callId: call.place
})

const outcome = (outcome: Outcome<unknown>): ToolEnd["outcome"] =>
  outcome._tag === "Failure" ? { _tag: "Failure", message: inWords(outcome.error) } : outcome

/** The event that what an attempt has shown does not count. */
export const retracted = (call: Call, attempt: number, fields: ReadonlyArray<string>, reason: string): Retracted =>
  inPlace(call, { _tag: "Retracted", predictName: call.path, callId: call.place, attempt, fields, reason })

/** Why something is taken back. Where a reply could not be read, the issues alone: the reply itself was shown. */
export const reasonOf = (error: unknown): string =>
  error instanceof AdapterParseError
    ? Issues.inLine(error.issues)
    : inWords(error)
