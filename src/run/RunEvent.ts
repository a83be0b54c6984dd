/**
 * What happens in a run, as it happens. Everything that is shown or recorded of a run is projected from these events.
 */
import type * as Schema from "effect/Schema"
import type { AdapterParseError } from "../adapter/AdapterParseError.ts"
import type { LMError } from "../lm/LMError.ts"
import type { Notice } from "../lm/LMEvent.ts"
import type { LMRequest } from "../lm/LMRequest.ts"
import type { LMResponse } from "../lm/LMResponse.ts"
import type { Usage } from "../lm/Usage.ts"
import type { Call } from "./Call.ts"
import type { Meter } from "./Meter.ts"

/** Any of them: what observers are told. */
export type RunEvent =
  | ModuleStart
  | ModuleEnd
  | LMStart
  | LMNotice
  | LMEnd
  | ToolCallDelta
  | ToolStart
  | ApprovalRequested
  | ApprovalAnswered
  | ClientRequested
  | ToolProgress
  | ToolEnd
  | StepsDropped
  | TurnsDropped
  | Discarded
  | Emission
  | FieldDelta
  | PartialValue
  | Retraction

/** `sequence` orders the events of a run, from 1. */
interface Event {
  readonly sequence: number
  readonly call: Call
}

/** A module was called. */
export interface ModuleStart extends Event {
  readonly _tag: "ModuleStart"
  readonly inputs: Readonly<Record<string, unknown>>
  /** Whether the module is an agent. */
  readonly isAgent: boolean
}

/** A module call is over. `outcome` has its outputs or its error; of an interrupted call it has neither. */
export interface ModuleEnd extends Event {
  readonly _tag: "ModuleEnd"
  readonly outcome: Outcome<Readonly<Record<string, unknown>>>
  readonly durationMillis: number
  readonly usage: Usage
}

/** A request goes to the language model. `attempt` counts a predictor call's requests, from 1. */
export interface LMStart extends Event {
  readonly _tag: "LMStart"
  readonly attempt: number
  readonly request: LMRequest
  /** What the request brings, read whenever somebody wants to know. `LMEnd` has the same one. */
  readonly meter: Meter
}

/** A middleware of the language model has something to tell while it has no answer yet: another attempt, another model. */
export interface LMNotice extends Event {
  readonly _tag: "LMNotice"
  readonly attempt: number
  readonly notice: Notice
}

/** The language model has answered, or failed. */
export interface LMEnd extends Event {
  readonly _tag: "LMEnd"
  readonly attempt: number
  readonly outcome: Outcome<LMResponse>
  readonly durationMillis: number
  readonly meter: Meter
}

/** A piece of a tool call, as the model writes it. `call` is the predictor's, `index` the completion's. */
export interface ToolCallDelta extends Event {
  readonly _tag: "ToolCallDelta"
  readonly attempt: number
  readonly index: number
  readonly toolCallId: string
  readonly toolName: string
  readonly argumentsDelta: string
}

/** A tool was called. `toolCallId` is what the model calls it; the place of the call where no model asked for it. */
export interface ToolStart extends Event {
  readonly _tag: "ToolStart"
  readonly toolCallId: string
  readonly inputs: Readonly<Record<string, unknown>>
}

/** A tool call waits for somebody to approve it. */
export interface ApprovalRequested extends Event {
  readonly _tag: "ApprovalRequested"
  readonly toolCallId: string
  readonly approvalId: string
  readonly inputs: Readonly<Record<string, unknown>>
}

/** Somebody has approved a tool call, or refused it. `arguments` are those that the call is made with, where they were changed. */
export interface ApprovalAnswered extends Event {
  readonly _tag: "ApprovalAnswered"
  readonly toolCallId: string
  readonly approvalId: string
  readonly approved: boolean
  readonly reason?: string | undefined
  readonly arguments?: Readonly<Record<string, unknown>> | undefined
}

/** A tool call waits for the client to execute it; with these inputs, which an approval may have changed. */
export interface ClientRequested extends Event {
  readonly _tag: "ClientRequested"
  readonly toolCallId: string
  readonly requestId: string
  readonly inputs: Readonly<Record<string, unknown>>
}

/** A tool says how far it is. */
export interface ToolProgress extends Event {
  readonly _tag: "ToolProgress"
  readonly toolCallId: string
  readonly value: unknown
}

/** A tool call is over. */
export interface ToolEnd extends Event {
  readonly _tag: "ToolEnd"
  readonly toolCallId: string
  readonly outcome: Outcome<unknown>
  readonly durationMillis: number
  /** Whether the result was given before, and is from a cache; missing where it was not. */
  readonly givenAgain?: boolean
}

/**
 * A piece of an output field, decoded. `call` is the predictor's, `index` the completion's. Where a call fails or is interrupted,
 * the fields that had begun end after its `LMEnd`.
 */
export interface FieldDelta extends Event {
  readonly _tag: "FieldDelta"
  readonly attempt: number
  readonly index: number
  readonly field: string
  readonly text: string
  readonly isLast: boolean
}

/** An output field's JSON value, as far as it has come. */
export interface PartialValue extends Event {
  readonly _tag: "PartialValue"
  readonly attempt: number
  readonly index: number
  readonly field: string
  readonly value: unknown
  readonly isLast: boolean
}

/**
 * The text that an attempt has shown of `fields` does not count: another attempt follows. With an `index` only that completion is
 * taken back: it could not be read, and others could.
 */
export interface Retraction extends Event {
  readonly _tag: "Retraction"
  readonly attempt: number
  readonly index?: number
  readonly fields: ReadonlyArray<string>
  readonly error: AdapterParseError | LMError
}

/**
 * An agent leaves iterations out of what it sends from here on: the language model's context is full, or the agent's `keep` says
 * so. `call` is the agent's.
 */
export interface StepsDropped extends Event {
  readonly _tag: "StepsDropped"
  readonly iterations: ReadonlyArray<number>
  readonly reason: "context" | "keep"
}

/**
 * A session leaves turns out of its history from here on, as its `keep` says: by their place in the history before, from 1. A
 * turn that was rewritten counts. `call` is the session's.
 */
export interface TurnsDropped extends Event {
  readonly _tag: "TurnsDropped"
  readonly turns: ReadonlyArray<number>
}

/** An attempt has succeeded, and its result is not used: whatever was shown below `call` does not count. */
export interface Discarded extends Event {
  readonly _tag: "Discarded"
  readonly reason: string
}

/** A program says something of its own: a value of the type that the channel's Schema has. */
export interface Emission extends Event {
  readonly _tag: "Emission"
  readonly channel: { readonly name: string; readonly schema: Schema.Top }
  readonly value: unknown
}

/** How a call ended; `error` is what it failed of, or the defect it died of. */
export type Outcome<A> =
  | { readonly _tag: "Success"; readonly value: A }
  | { readonly _tag: "Failure"; readonly error: unknown }
  | { readonly _tag: "Interrupted" }
