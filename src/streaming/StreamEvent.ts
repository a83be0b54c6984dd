/**
 * What a streaming program emits: pieces of fields, status messages, retractions, and at last its prediction.
 */
import * as Schema from "effect/Schema"
import type { Signatures } from "../module/Module.ts"
import type { Prediction } from "../module/Prediction.ts"
import type { DeepPartial } from "../signature/Partial.ts"
import type * as Signature from "../signature/Signature.ts"
import type { Resolve, StreamListener } from "./StreamListener.ts"

// Models

/** Where in the work of agents and tools something happens. */
const place = {
  /** The iteration of the innermost agent that the call is part of, from 1; missing outside of agents. */
  iteration: Schema.optionalKey(Schema.Finite),
  /** The `callId` of the tool call that the call is part of; missing outside of tool calls. Tells agents that are tools apart. */
  withinToolCall: Schema.optionalKey(Schema.String)
}

/** Which call of which predictor something belongs to. */
const source = {
  ...place,
  /** The predictor's path in the program. */
  predictName: Schema.String,
  /**
   * The predictor call, by its place in the run: `synthesize`, `agent@2.react`, `synthesize#3`. It tells concurrent calls of
   * one predictor apart, and is the same in every run that makes the same calls.
   */
  callId: Schema.String,
  /** The call's request, from 1: more than one where a reply had to be asked for again. */
  attempt: Schema.Finite
}

/** The same, with the path's own name. */
interface Source<Name extends string> extends Schema.Schema.Type<Schema.Struct<typeof source>> {
  readonly predictName: Name
}

/**
 * A piece of an output field: the text of a string field; of any other field, JSON that parses to its value, however the model
 * wrote it. Texts, objects and lists come in pieces; what is one of a few values, a number or a choice of types comes whole,
 * see `Field.streaming`. The last piece of a field in an attempt, and only that, has `isLastChunk`; its text may be empty.
 */
export interface StreamResponse<Name extends string = string, Field extends string = string> extends Source<Name> {
  readonly _tag: "StreamResponse"
  readonly signatureFieldName: Field
  readonly chunk: string
  readonly isLastChunk: boolean
  /** The completion: always 0 unless the stream was asked for all of several. */
  readonly completion: number
}
export const StreamResponse: Schema.Codec<StreamResponse> = Schema.TaggedStruct("StreamResponse", {
  ...source,
  signatureFieldName: Schema.String,
  chunk: Schema.String,
  isLastChunk: Schema.Boolean,
  completion: Schema.Finite
})

/** The value of an output field as far as it has come, for listeners with `partial`. A snapshot never changes afterwards. */
export interface PartialResponse<Name extends string = string, Field extends string = string, Value = unknown>
  extends Source<Name>
{
  readonly _tag: "PartialResponse"
  readonly signatureFieldName: Field
  /** Missing while nothing can be said of it yet. */
  readonly value: DeepPartial<Value> | undefined
  readonly isLastChunk: boolean
  readonly completion: number
}
export const PartialResponse: Schema.Codec<PartialResponse> = Schema.TaggedStruct("PartialResponse", {
  ...source,
  signatureFieldName: Schema.String,
  value: Schema.Unknown,
  isLastChunk: Schema.Boolean,
  completion: Schema.Finite
})

/**
 * What was streamed of `fields` in this attempt does not count, for `reason`: the reply is asked for again; or the call
 * failed or was interrupted, or a module that it was a part of, and the run goes on without it (a time limit with a
 * fallback, a race, a retry). Of such a call it comes before the next text of the run, at the latest before the prediction:
 * a run that fails instead leaves everything as it was shown, and ends with its error.
 */
export interface Retracted<Name extends string = string> extends Source<Name> {
  readonly _tag: "Retracted"
  readonly fields: ReadonlyArray<string>
  readonly reason: string
  /** The one completion that could not be read while others could; missing where it is about all of them. */
  readonly completion?: number
}
export const Retracted: Schema.Codec<Retracted> = Schema.TaggedStruct("Retracted", {
  ...source,
  fields: Schema.Array(Schema.String),
  reason: Schema.String,
  completion: Schema.optionalKey(Schema.Finite)
})

/** A piece of a native tool call as the model writes it; joined, the pieces are the JSON of the arguments. */
export interface ToolCallDelta<Name extends string = string> extends Source<Name> {
  readonly _tag: "ToolCallDelta"
  readonly toolCallId: string
  readonly toolName: string
  readonly argumentsDelta: string
  readonly completion: number
}
export const ToolCallDelta: Schema.Codec<ToolCallDelta> = Schema.TaggedStruct("ToolCallDelta", {
  ...source,
  toolCallId: Schema.String,
  toolName: Schema.String,
  argumentsDelta: Schema.String,
  completion: Schema.Finite
})

/** Which call of which tool something belongs to. */
const toolSource = {
  ...place,
  toolName: Schema.String,
  /** What the model calls the call; its `callId` where no model asked for it. */
  toolCallId: Schema.String,
  /** The place in the program of the module that called the tool. */
  path: Schema.String,
  /** The tool call, by its place in the run: `agent@2>search`. */
  callId: Schema.String
}

/** Inputs by their names. */
const Inputs = Schema.Record(Schema.String, Schema.Unknown)

/** A tool was called. */
export const ToolStart = Schema.TaggedStruct("ToolStart", { ...toolSource, inputs: Inputs })
export interface ToolStart extends Schema.Schema.Type<typeof ToolStart> {}

/** A tool call waits for an answer of somebody who may approve it. */
export const ApprovalRequested = Schema.TaggedStruct("ApprovalRequested", {
  ...toolSource,
  approvalId: Schema.String,
  inputs: Inputs
})
export interface ApprovalRequested extends Schema.Schema.Type<typeof ApprovalRequested> {}

/** A tool call was approved, or refused. */
export const ApprovalAnswered = Schema.TaggedStruct("ApprovalAnswered", {
  ...toolSource,
  approvalId: Schema.String,
  approved: Schema.Boolean,
  reason: Schema.optionalKey(Schema.String),
  /** The inputs that the approval put in the place of the ones that were asked for, if it did. */
  inputs: Schema.optionalKey(Inputs)
})
export interface ApprovalAnswered extends Schema.Schema.Type<typeof ApprovalAnswered> {}

/** A tool call waits for the client to execute it: see `ClientTool`. */
export const ClientRequested = Schema.TaggedStruct("ClientRequested", {
  ...toolSource,
  requestId: Schema.String,
  inputs: Inputs
})
export interface ClientRequested extends Schema.Schema.Type<typeof ClientRequested> {}

/** What a running tool says of itself. */
export const ToolProgress = Schema.TaggedStruct("ToolProgress", { ...toolSource, value: Schema.Unknown })
export interface ToolProgress extends Schema.Schema.Type<typeof ToolProgress> {}

/** A tool call is over: with its result, or with what it failed of in words. */
export const ToolEnd = Schema.TaggedStruct("ToolEnd", {
  ...toolSource,
  outcome: Schema.Union([
    Schema.TaggedStruct("Success", { value: Schema.Unknown }),
    Schema.TaggedStruct("Failure", { message: Schema.String }),
    Schema.TaggedStruct("Interrupted", {})
  ]),
  durationMillis: Schema.Finite,
  givenAgain: Schema.optionalKey(Schema.Boolean)
})
export interface ToolEnd extends Schema.Schema.Type<typeof ToolEnd> {}

/** An agent leaves iterations out of what it sends from here on: the model's context is full, or the agent's `keep` says so. */
export const StepsDropped = Schema.TaggedStruct("StepsDropped", {
  ...place,
  path: Schema.String,
  callId: Schema.String,
  /** The iterations that the model does not see any more. */
  iterations: Schema.Array(Schema.Finite),
  reason: Schema.Literals(["context", "keep"])
})
export interface StepsDropped extends Schema.Schema.Type<typeof StepsDropped> {}

/** A session leaves turns out of its history from here on, as its `keep` says. */
export const TurnsDropped = Schema.TaggedStruct("TurnsDropped", {
  ...place,
  path: Schema.String,
  callId: Schema.String,
  /** The turns that are not said again, or not as they were: by their place in the history before, from 1. */
  turns: Schema.Array(Schema.Finite)
})
export interface TurnsDropped extends Schema.Schema.Type<typeof TurnsDropped> {}

/** What happens to the tools of a program, and to what it keeps of its work. */
export const ToolEvent: Schema.Codec<ToolEvent> = Schema.Union([
  ToolStart,
  ApprovalRequested,
  ApprovalAnswered,
  ClientRequested,
  ToolProgress,
  ToolEnd,
  StepsDropped,
  TurnsDropped
])
export type ToolEvent =
  | ToolStart
  | ApprovalRequested
  | ApprovalAnswered
  | ClientRequested
  | ToolProgress
  | ToolEnd
  | StepsDropped
  | TurnsDropped

/** Which hook said it: what began or ended. */
export const StatusKind = Schema.Literals(["moduleStart", "moduleEnd", "lmStart", "lmEnd", "toolStart", "toolEnd"])
export type StatusKind = typeof StatusKind.Type

/** What a status hook said. */
export const StatusMessage = Schema.TaggedStruct("StatusMessage", {
  ...place,
  message: Schema.String,
  /** The hook. */
  kind: StatusKind,
  /** The place in the program of the module, or of the predictor that called the language model or the tool. */
  path: Schema.String,
  /** The call of the module, language model or tool, by its place in the run. */
  callId: Schema.String
})
export interface StatusMessage extends Schema.Schema.Type<typeof StatusMessage> {}

/** A value that the program says itself: see `Emission`. */
export interface Emitted<Name extends string = string, Value = unknown>
  extends Schema.Schema.Type<Schema.Struct<typeof place>>
{
  readonly _tag: "Emitted"
  /** The channel's name. */
  readonly name: Name
  readonly value: Value
  /** Which module says it. */
  readonly path: string
  /** The call of the module, by its place in the run. */
  readonly callId: string
}
export const Emitted: Schema.Codec<Emitted> = Schema.TaggedStruct("Emitted", {
  ...place,
  name: Schema.String,
  value: Schema.Unknown,
  path: Schema.String,
  callId: Schema.String
})

/**
 * What a program streams: with listeners, what they ask for; without, every output field of every predictor as text. In both
 * cases what happens to its tools.
 */
export type StreamEvent<S extends Signatures, Ls extends ReadonlyArray<StreamListener>, O> =
  | StatusMessage
  | FieldEvent<S, Ls>
  | Retracted<keyof S & string>
  | ToolCallDelta<keyof S & string>
  | ToolEvent
  | Emitted
  | Prediction<O>

type FieldEvent<S extends Signatures, Ls extends ReadonlyArray<StreamListener>> = Ls extends readonly [] ? {
    [P in keyof S & string]: StreamResponse<P, keyof Signature.Output<S[P]> & string>
  }[keyof S & string]
  : { [K in keyof Ls]: Heard<S, Ls[K]> }[number]

type Heard<S extends Signatures, L extends StreamListener> = L["partial"] extends true
  ? PartialResponse<Resolve<S, L>, L["signatureFieldName"], EncodedField<S[Resolve<S, L>], L["signatureFieldName"]>>
  : StreamResponse<Resolve<S, L>, L["signatureFieldName"]>

type EncodedField<S extends Signature.Any, Field extends string> = Field extends keyof S["output"]["Encoded"]
  ? S["output"]["Encoded"][Field]
  : unknown
