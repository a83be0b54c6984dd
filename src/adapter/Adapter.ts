/**
 * How a call becomes a prompt, and how a reply becomes fields, while it arrives.
 */
import * as Predicate from "effect/Predicate"
import type * as Result from "effect/Result"
import type * as LM from "../lm/LM.ts"
import type { GenerationConfig, LMRequest, ReplyShape } from "../lm/LMRequest.ts"
import type { Document } from "../signature/Document.ts"
import type * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { onlyKnown } from "../text/options.ts"
import type { AdapterParseError } from "./AdapterParseError.ts"
import type { Form } from "./Form.ts"
import { feedback } from "./internal/prompt/feedback.ts"
import { whole } from "./internal/prompt/form.ts"
import { feedbackOf, formatter, shaper, turnsOf } from "./internal/prompt/prompt.ts"
import type { JsonFields, Turn } from "./internal/prompt/turn.ts"
import { follow, type Following, followPlainly, plainTurn } from "./internal/prompt/turns.ts"
import { Decoder } from "./internal/reply/decoder.ts"
import type * as Scanner from "./Scanner.ts"

// Models

export { NoteTurn, ReplyTurn, ToolTurn, Turn } from "./internal/prompt/turn.ts"
export type { JsonFields } from "./internal/prompt/turn.ts"
export type { Following } from "./internal/prompt/turns.ts"

/** An example of the task: inputs and outputs by field name, as JSON values. Fields may be missing. */
export interface Demo {
  readonly inputs: JsonFields
  readonly outputs: JsonFields
}

/** One call, as an adapter sees it. */
export interface AdapterCall {
  readonly signature: Signature.Any
  readonly inputs: JsonFields
  readonly demos: ReadonlyArray<Demo>
  readonly config: GenerationConfig
  /** What has followed the question so far, oldest first; the model answers to the last of it. Nothing if left out. */
  readonly turns?: ReadonlyArray<Turn> | undefined
  /**
   * What stood between the question and the answer of each message of the history, in the order of these messages: the tools that
   * an agent called, and what they found. Nothing if left out. Adapters of a form write it.
   */
  readonly earlier?: ReadonlyArray<ReadonlyArray<Turn>> | undefined
  /**
   * What the conversation asks for later, where that is another signature: foreign text forms nothing of its fields either. The
   * call's own signature if left out.
   */
  readonly later?: Signature.Any | undefined
  /** A request that this call goes on with: its messages are sent again as they were, and the question follows them. */
  readonly after?: LMRequest | undefined
  /**
   * Whether the model is offered tools, and writes the form once it calls none: it is told so, and its provider is not asked to
   * hold the reply to the form, which many do not do beside tools. False if left out. Adapters of a form know it.
   */
  readonly offersTools?: boolean | undefined
  /**
   * The tool calls that examples and the history have beside the signature's fields. If left out, they have none. Adapters of a form
   * know it.
   */
  readonly called?: Called | undefined
}

/** Where examples and the history have tool calls, and how these are written. */
export interface Called {
  /** The name under which the calls stand. */
  readonly field: string
  /** Whether they are written as a provider's own tool calls, with their results as messages; otherwise they are a part of the reply. */
  readonly isNative: boolean
}

/**
 * A piece of one output field: text of a string, JSON of anything else. `isLast` is true exactly once for every field that was
 * begun, and once more after the reply has begun anew.
 */
export interface FieldPart {
  readonly field: string
  readonly text: string
  readonly isLast: boolean
  /** The field is null, of which there is no text. False if left out. */
  readonly isNull?: boolean | undefined
  /**
   * The field's value as far as it has come, for who wants to see it before the next text is read: of an object or array that the
   * decoder reads anyway. Missing for others, and from decoders that keep none.
   */
  readonly soFar?: SoFar | undefined
  /** Everything before this part is void: the reply has taken it back, and begins anew with this part. False if left out. */
  readonly anew?: boolean | undefined
}

/** A value that comes in pieces. */
export interface SoFar {
  /**
   * A snapshot, which never changes afterwards; undefined where nothing new is to be seen, or where the last snapshot is too near to
   * pay for this one. The last one is always given.
   */
  readonly snapshot: (isLast: boolean) => unknown
}

/** What a whole reply came to. `parts` closes what was still open. */
export interface DecodedReply {
  readonly parts: ReadonlyArray<FieldPart>
  /** Typed values by output field name. */
  readonly result: Result.Result<Readonly<Record<string, unknown>>, AdapterParseError>
}

/** What a reply that was cut short came to: the text of each field that was begun. */
export interface AbortedReply {
  readonly parts: ReadonlyArray<FieldPart>
  readonly partial: Readonly<Record<string, string>>
}

/** Decodes one reply while it arrives. One call, one decoder; `end` or `abort` is called once. */
export interface FieldDecoder {
  readonly push: (text: string) => ReadonlyArray<FieldPart>
  /**
   * The model's own thinking: becomes the first output of the type `Reasoning`, else the one named `reasoning`, where the signature
   * has one and the reply has not begun it.
   */
  readonly pushReasoning: (text: string) => ReadonlyArray<FieldPart>
  /** The text so far was thinking: it counts as such, and the reply begins anew. Parts that close what was open. */
  readonly restart: () => ReadonlyArray<FieldPart>
  readonly end: () => DecodedReply
  readonly abort: () => AbortedReply
}

/** A prompt format and its reply format. Formatting is pure: the same call gives the same bytes. */
export interface Adapter {
  readonly name: string
  readonly format: (call: AdapterCall) => LMRequest
  /** What a model that can be held to a form token by token is given beside the request; nothing where there is no such form. */
  readonly shape: (call: AdapterCall) => ReplyShape | undefined
  /**
   * Makes the decoder of one reply. Citations get their places in `documents`, those of the call, and one that is in none of them
   * is an issue; without documents they are as the model wrote them.
   */
  readonly decoder: (signature: Signature.Any, documents?: ReadonlyArray<Document>) => FieldDecoder
  /** The message that tells the model what was wrong with its reply and asks for the whole reply again. */
  readonly feedback: (error: AdapterParseError) => string
  /** What to ask with, once, when a reply has not the adapter's form at all. */
  readonly fallback?: Adapter | undefined
  /** How it writes, where it was made of a form. */
  readonly form?: Form | undefined
  /** Predictors ask twice, see {@link TwoStep}; once if left out. */
  readonly twoStep?: TwoStep | undefined
}

/** A predictor is asked for a free answer, from which a second request extracts its fields. */
export interface TwoStep {
  /** The language model that extracts; that of the call if it is undefined. */
  readonly extractor: LM.Service | undefined
  /** The adapter of the first request. */
  readonly draft: Adapter
  /** The adapter of the second request. */
  readonly adapter: Adapter
}

/** What makes an adapter of a form. */
export interface FormOptions {
  /** Who could not read a reply, as errors say it. */
  readonly name: string
  /** How fields and replies are written. */
  readonly form: Form
  /** Makes the reader of one reply, see {@link Scanner.Scanner}. */
  readonly scanner: Scanner.Make
  /** What to ask with, once, when a reply lacks fields; nothing by default. */
  readonly fallback?: Adapter | undefined
}

/** What makes an adapter that writes its requests itself. */
export interface Options {
  /** Who could not read a reply, as errors say it. */
  readonly name: string
  /** From a call to a request: pure, and the same for the same call. What follows the question is added to it. */
  readonly format: (call: AdapterCall) => LMRequest
  /** The same for a model that can be held to a form token by token, see {@link ReplyShape}; such a model is not held if left out. */
  readonly shape?: ((call: AdapterCall) => ReplyShape) | undefined
  /** How a {@link ReplyTurn} is written; by default the reply as it was, and values as lines. */
  readonly turn?: Following | undefined
  /** Makes the reader of one reply, see {@link Scanner.Scanner}. */
  readonly scanner: Scanner.Make
  /** The message about a reply that could not be used; by default it lists the issues, and asks for the same form again. */
  readonly feedback?: ((error: AdapterParseError) => string) | undefined
  /** What to ask with, once, when a reply lacks fields; nothing by default. */
  readonly fallback?: Adapter | undefined
}

// Guards

/** Whether a value is an adapter. */
export const isAdapter = (u: unknown): u is Adapter =>
  Predicate.isObject(u) && typeof u["name"] === "string" &&
  ["format", "shape", "decoder", "feedback"].every((name) => typeof u[name] === "function")

// Constructors

/**
 * Makes an adapter from how one field and one reply are written, and how the fields are found in replies. The task, the
 * fields' descriptions and constraints, examples, histories, an agent's turns, pictures among the inputs, feedback and
 * streaming come with it, as they do for the adapters of this package.
 *
 * @example
 * const Lines = Adapter.fromForm({ name: "Lines", form, scanner })
 * const program = qa({ question: "Why?" }).pipe(Effect.provideService(CurrentAdapter, Lines))
 */
export const fromForm = (options: FormOptions): Adapter => {
  onlyKnown("Adapter.fromForm", options, {
    name: Kinds.needed(Kinds.text),
    form: Kinds.needed(Kinds.object),
    scanner: Kinds.needed(Kinds.fn("a function that makes the scanner of a signature")),
    fallback: Kinds.make("an adapter, as JSONAdapter.make() is one", isAdapter)
  })
  const { fallback, name, scanner } = options
  const form = whole(options.form, scanner)
  const turn = turnsOf(form)
  return {
    ...make({
      name,
      format: formatter(form, turn),
      shape: form.pieces && shaper(form.pieces, turn),
      turn,
      scanner,
      feedback: feedbackOf(form),
      fallback
    }),
    form: options.form
  }
}

/**
 * Makes an adapter from how it writes calls and how it finds the fields in replies. Streaming, one end for every field,
 * values, missing fields and errors are the same for all adapters.
 */
export const make = (options: Options): Adapter => {
  onlyKnown("Adapter.make", options, {
    name: true,
    format: true,
    shape: true,
    turn: true,
    scanner: true,
    feedback: true,
    fallback: true
  })
  const { shape, turn = plainTurn } = options
  return {
    name: options.name,
    format: (call) => follow(options.format(call), call, turn),
    shape: (call) => shape === undefined ? undefined : followPlainly(shape(call), call, turn),
    decoder: (signature, documents) => new Decoder(options.name, signature, options.scanner, documents),
    feedback: options.feedback ?? feedback("in the form that was asked for"),
    fallback: options.fallback
  }
}
