/**
 * What a streaming program emits: pieces of fields, status messages, retractions, and at last its prediction.
 */
import type { Signatures } from "../module/Module.ts"
import type { Prediction } from "../module/Prediction.ts"
import type { DeepPartial } from "../signature/Partial.ts"
import type * as Signature from "../signature/Signature.ts"
import type { Resolve, StreamListener } from "./StreamListener.ts"

// Models

/** Where in the work of agents and tools something happens. */
interface Place {
  /** The turn of the agent that the call is part of, from 1; missing outside of agents. Of the innermost agent's. */
  readonly iteration?: number
  /** The `callId` of the tool call that the call is part of; missing outside of tool calls. Tells agents that are tools apart. */
  readonly withinToolCall?: number
}

/** Which call of which predictor something belongs to. */
interface Source<Name extends string> extends Place {
  /** The predictor's path in the program. */
  readonly predictName: Name
  /** The predictor call; unique in the process. Tells concurrent calls of one predictor apart. */
  readonly callId: number
  /** The call's request, from 1: more than one where a reply had to be asked for again. */
  readonly attempt: number
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

/** A piece of a native tool call as the model writes it; joined, the pieces are the JSON of the arguments. */
export interface ToolCallDelta<Name extends string = string> extends Source<Name> {
  readonly _tag: "ToolCallDelta"
  readonly toolCallId: string
  readonly toolName: string
  readonly argumentsDelta: string
  readonly completion: number
}

/** Which call of which tool something belongs to. */
interface ToolSource extends Place {
  readonly toolName: string
  /** What the model calls the call; one of ours where no model asked for it. */
  readonly toolCallId: string
  /** The place in the program of the module that called the tool. */
  readonly path: string
  /** The tool call; unique in the process. */
  readonly callId: number
}

/** A tool was called. */
export interface ToolStart extends ToolSource {
  readonly _tag: "ToolStart"
  readonly inputs: Readonly<Record<string, unknown>>
}

/** A tool call waits for an answer of somebody who may approve it. */
export interface ApprovalRequested extends ToolSource {
  readonly _tag: "ApprovalRequested"
  readonly approvalId: string
  readonly inputs: Readonly<Record<string, unknown>>
}

/** A tool call was approved, or refused. */
export interface ApprovalAnswered extends ToolSource {
  readonly _tag: "ApprovalAnswered"
  readonly approvalId: string
  readonly approved: boolean
  readonly reason?: string
  /** What the call is made with instead of what was asked for, where whoever approved it has changed that. */
  readonly inputs?: Readonly<Record<string, unknown>>
}

/** What a running tool says of itself. */
export interface ToolProgress extends ToolSource {
  readonly _tag: "ToolProgress"
  readonly value: unknown
}

/** A tool call is over: with its result, or with what it failed of in words. */
export interface ToolEnd extends ToolSource {
  readonly _tag: "ToolEnd"
  readonly outcome:
    | { readonly _tag: "Success"; readonly value: unknown }
    | { readonly _tag: "Failure"; readonly message: string }
    | { readonly _tag: "Interrupted" }
  readonly durationMillis: number
}

/** An agent leaves its oldest turns out of what it sends from here on: the language model's context is full. */
export interface StepsDropped extends Place {
  readonly _tag: "StepsDropped"
  readonly path: string
  readonly callId: number
  /** The turns that the model does not see any more. */
  readonly iterations: ReadonlyArray<number>
}

/** What happens to the tools of a program. */
export type ToolEvent = ToolStart | ApprovalRequested | ApprovalAnswered | ToolProgress | ToolEnd | StepsDropped

/** What a status hook said. */
export interface StatusMessage extends Place {
  readonly _tag: "StatusMessage"
  readonly message: string
  /** The hook. */
  readonly kind: StatusKind
  /** The place in the program of the module, or of the predictor that called the language model or the tool. */
  readonly path: string
  /** The call of the module, language model or tool. */
  readonly callId: number
}

/** A value that the program says itself: see `Emission`. */
export interface Emitted<Name extends string = string, Value = unknown> extends Place {
  readonly _tag: "Emitted"
  /** The channel's name. */
  readonly name: Name
  readonly value: Value
  /** Which module says it. */
  readonly path: string
  readonly callId: number
}

export type StatusKind = "moduleStart" | "moduleEnd" | "lmStart" | "lmEnd" | "toolStart" | "toolEnd"

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
