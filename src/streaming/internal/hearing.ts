/**
 * What listeners hear of one run: which calls they follow, and the run's events as stream events.
 */
import type { Signatures } from "../../module/Module.ts"
import type { Call } from "../../run/Call.ts"
import type { Interest } from "../../run/Observer.ts"
import type { Outcome, RunEvent } from "../../run/RunEvent.ts"
import type {
  PartialResponse,
  Retracted,
  StepsDropped,
  StreamResponse,
  ToolCallDelta,
  ToolEnd,
  ToolEvent
} from "../StreamEvent.ts"
import { resolve, type StreamListener } from "../StreamListener.ts"

type Heard = StreamResponse | PartialResponse | Retracted | ToolCallDelta | ToolEvent

/** One run's hearing. */
export interface Hearing {
  readonly interest: (call: Call) => Interest | undefined
  readonly heard: (events: ReadonlyArray<RunEvent>) => ReadonlyArray<Heard>
}

/** Resolves listeners once per program; each call of the result is one run's hearing. */
export const hearing = (signatures: Signatures, listeners: ReadonlyArray<StreamListener>): () => Hearing => {
  if (listeners.length === 0) return () => listen(() => everything)
  const byPath = new Map<string, Array<StreamListener>>()
  for (const listener of listeners) {
    const path = resolve(signatures, listener)
    byPath.set(path, [...(byPath.get(path) ?? []), listener])
  }
  return () => {
    const called = new Set<string>()
    return listen((call) => {
      const all = byPath.get(call.path)
      if (all === undefined) return undefined
      const first = !called.has(call.path)
      called.add(call.path)
      const following = first ? all : all.filter((listener) => listener.allowReuse)
      if (following.length === 0) return undefined
      const text = new Set<string>()
      const partial = new Set<string>()
      for (const { partial: values, signatureFieldName } of following) (values ? partial : text).add(signatureFieldName)
      return { text: (field) => text.has(field), partial: (field) => partial.has(field), toolCalls: true }
    })
  }
}

const everything: Interest = { text: () => true, partial: () => false, toolCalls: true }

/** Follows the calls that `choose` is interested in. */
const listen = (choose: (call: Call) => Interest | undefined): Hearing => {
  const followed = new Map<number, Interest>()
  return {
    interest: (call) => {
      const interest = choose(call)
      if (interest !== undefined) followed.set(call.id, interest)
      return interest
    },
    heard: (events) => {
      const out: Array<Heard> = []
      for (const event of events) {
        const heard = hear(followed, event)
        if (heard !== undefined) out.push(heard)
      }
      return out
    }
  }
}

const hear = (followed: Map<number, Interest>, event: RunEvent): Heard | undefined => {
  switch (event._tag) {
    case "FieldDelta":
      return followed.get(event.call.id)?.text(event.field) !== true ? undefined : inTurn(event.call, {
        _tag: "StreamResponse",
        predictName: event.call.path,
        signatureFieldName: event.field,
        chunk: event.text,
        isLastChunk: event.isLast,
        callId: event.call.id,
        attempt: event.attempt,
        completion: event.index
      })
    case "PartialValue":
      return followed.get(event.call.id)?.partial(event.field) !== true ? undefined : inTurn(event.call, {
        _tag: "PartialResponse",
        predictName: event.call.path,
        signatureFieldName: event.field,
        value: event.value,
        isLastChunk: event.isLast,
        callId: event.call.id,
        attempt: event.attempt,
        completion: event.index
      })
    case "Retraction":
      return !followed.has(event.call.id) ? undefined : inTurn(event.call, {
        _tag: "Retracted",
        predictName: event.call.path,
        callId: event.call.id,
        attempt: event.attempt,
        fields: event.fields,
        reason: event.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")
      })
    case "ToolCallDelta":
      return followed.get(event.call.id)?.toolCalls !== true ? undefined : inTurn(event.call, {
        _tag: "ToolCallDelta",
        predictName: event.call.path,
        toolCallId: event.toolCallId,
        toolName: event.toolName,
        argumentsDelta: event.argumentsDelta,
        callId: event.call.id,
        attempt: event.attempt,
        completion: event.index
      })
    case "ToolStart":
      return inTurn(event.call, { _tag: "ToolStart", ...toolSource(event), inputs: event.inputs })
    case "ApprovalRequested":
      return inTurn(event.call, {
        _tag: "ApprovalRequested",
        ...toolSource(event),
        approvalId: event.approvalId,
        inputs: event.inputs
      })
    case "ApprovalAnswered":
      return inTurn(event.call, {
        _tag: "ApprovalAnswered",
        ...toolSource(event),
        approvalId: event.approvalId,
        approved: event.approved,
        ...(event.reason === undefined ? {} : { reason: event.reason })
      })
    case "ToolProgress":
      return inTurn(event.call, { _tag: "ToolProgress", ...toolSource(event), value: event.value })
    case "ToolEnd":
      return inTurn(event.call, {
        _tag: "ToolEnd",
        ...toolSource(event),
        outcome: inWords(event.outcome),
        durationMillis: event.durationMillis
      })
    case "StepsDropped":
      return { _tag: "StepsDropped", path: event.call.path, callId: event.call.id, iterations: event.iterations }
    case "ModuleEnd":
      followed.delete(event.call.id)
      return undefined
    default:
      return undefined
  }
}

/** Only calls of agents have turns: other events are not copied. */
const inTurn = <A extends Exclude<Heard, StepsDropped>>({ iteration }: Call, event: A): A =>
  iteration === undefined ? event : { ...event, iteration }

const toolSource = ({ call, toolCallId }: { readonly call: Call; readonly toolCallId: string }) => ({
  toolName: call.name,
  toolCallId,
  path: call.path,
  callId: call.id
})

/** An error as what it says: events are data, which may go to another process. */
const inWords = (outcome: Outcome<unknown>): ToolEnd["outcome"] =>
  outcome._tag !== "Failure"
    ? outcome
    : { _tag: "Failure", message: outcome.error instanceof Error ? outcome.error.message : String(outcome.error) }
