/**
 * What a streaming program emits: pieces of fields, status messages, retractions, and at last its prediction.
 */
import type { Signatures } from "../module/Module.ts"
import type { Prediction } from "../module/Prediction.ts"
import type { DeepPartial } from "../signature/Partial.ts"
import type * as Signature from "../signature/Signature.ts"
import type { Resolve, StreamListener } from "./StreamListener.ts"

// Models

/** Which call of which predictor something belongs to. */
interface Source<Name extends string> {
  /** The predictor's path in the program. */
  readonly predictName: Name
  /** The predictor call; unique in the process. Tells concurrent calls of one predictor apart. */
  readonly callId: number
  /** The call's request, from 1: more than one where a reply had to be asked for again. */
  readonly attempt: number
}

/**
 * A piece of an output field: the text of a string field; of any other field, text that parses to its value. The last piece of
 * a field in an attempt, and only that, has `isLastChunk`; its text may be empty.
 */
export interface StreamResponse<Name extends string = string, Field extends string = string> extends Source<Name> {
  readonly _tag: "StreamResponse"
  readonly signatureFieldName: Field
  readonly chunk: string
  readonly isLastChunk: boolean
  /** The completion, 0 unless the call asked for several. */
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

/** What was streamed of `fields` in this attempt does not count: the reply is asked for again, for `reason`. */
export interface Retracted<Name extends string = string> extends Source<Name> {
  readonly _tag: "Retracted"
  readonly fields: ReadonlyArray<string>
  readonly reason: string
}

/** What a status hook said. */
export interface StatusMessage {
  readonly _tag: "StatusMessage"
  readonly message: string
  /** The hook. */
  readonly kind: StatusKind
  /** The place in the program of the module, or of the predictor that called the language model or the tool. */
  readonly path: string
  /** The call of the module, language model or tool. */
  readonly callId: number
}

export type StatusKind = "moduleStart" | "moduleEnd" | "lmStart" | "lmEnd" | "toolStart" | "toolEnd"

/** What a program streams: with listeners, what they ask for; without, every output field of every predictor as text. */
export type StreamEvent<S extends Signatures, Ls extends ReadonlyArray<StreamListener>, O> =
  | StatusMessage
  | FieldEvent<S, Ls>
  | Retracted<keyof S & string>
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
