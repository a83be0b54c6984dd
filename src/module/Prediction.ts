/**
 * What a program answers: its output fields, typed, and what is known of how they came about.
 */
import * as Predicate from "effect/Predicate"
import type * as Adapter from "../adapter/Adapter.ts"
import type * as Content from "../lm/LMContent.ts"
import type { Logprob } from "../lm/LMEvent.ts"
import * as Usage from "../lm/Usage.ts"
import { kindOf } from "../text/kind.ts"
import * as Kinds from "../text/kinds.ts"
import { given } from "../text/options.ts"

/** The property by which a prediction is told from any other record. */
export const TypeId = "~effect-lm/module/Prediction" as const

/**
 * Why an agent's work came to its end: the model `answered`, in an iteration that was the answer; it said that it had `finished`,
 * or wrote no tool call and no answer, and was asked for the outputs; a condition of the agent's `stopWhen` held (`stopped`); it had
 * all its iterations (`maxIterations`); or a `Budget` was used up (`budget`). After the last three the model was asked for the outputs,
 * from what it had found.
 */
export type EndReason = "answered" | "finished" | "stopped" | "maxIterations" | "budget"

/** What is known of a prediction beside its fields. */
export interface Details<O> {
  /** What the call and all calls below it used. */
  readonly usage: Usage.Usage
  /**
   * The fields of every completion, in the order of their indices: more than one only where `n` asked for it, `undefined` in
   * place of one that could not be read while others could. The prediction's own fields are the first that could.
   */
  readonly completions: ReadonlyArray<O | undefined>
  /** The model that answered, as the provider names it; none where no model was called, or several were. */
  readonly model: string | undefined
  /** How many requests it took: 1, or more where a reply had to be asked for again. */
  readonly attempts: number
  /** The reply as the model wrote it; empty where the fields are not one reply's. */
  readonly reply: string
  /** The tools that the model called with its reply; their ids are unique in a run. */
  readonly toolCalls: ReadonlyArray<Content.ToolCall>
  /** The model's own thinking before its reply; empty where it showed none. */
  readonly reasoning: string
  /** All that the model said, thought and called, in its order, as it goes back to its provider. */
  readonly content: ReadonlyArray<Content.Said>
  /**
   * What an agent did before it answered, as it was sent: its replies, the tools that they called, and what the model was told.
   * Empty where no tool was called. A conversation keeps it, see `Session.messageOf`.
   */
  readonly turns: ReadonlyArray<Adapter.Turn>
  /** How likely the tokens of the reply were, where `logprobs` asked for it and the provider tells it. */
  readonly logprobs: ReadonlyArray<Logprob>
  /** What the provider calls the request, for its support. */
  readonly requestId: string | undefined
  /** The headers of the response, in lower case; none where the provider has none. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether the reply was given before and is given again, at no cost. */
  readonly givenAgain: boolean
  /** Why the agent's work came to its end; missing where no agent has answered. */
  readonly endReason: EndReason | undefined
}

/**
 * The output fields are its own properties, so `{ ...prediction }`, `JSON.stringify` and equality see them alone; the
 * rest is read with {@link usage}, {@link completions}, {@link details}.
 */
export type Prediction<O> = Readonly<O> & {
  readonly _tag: "Prediction"
  readonly [TypeId]: Details<O>
}

/** The fields of a prediction's type; of any other record, the record itself. */
export type Fields<A> = A extends { readonly [TypeId]: Details<infer O> } ? O : A

/** Whether a value is the prediction of a program. */
export const isPrediction = (u: unknown): u is Prediction<Readonly<Record<string, unknown>>> =>
  Predicate.hasProperty(u, TypeId)

/**
 * A prediction of the given fields; without details it stands for no call. Fields that are an instance of a class keep its
 * getters and methods.
 */
export const make = <O extends object>(
  fields: O,
  details?: { readonly [K in keyof Details<O>]?: Details<O>[K] | undefined }
): Prediction<O> => {
  given("Prediction.make", parameters, [fields])
  const known: Details<O> = {
    usage: details?.usage ?? Usage.empty,
    completions: details?.completions ?? [fields],
    model: details?.model,
    attempts: details?.attempts ?? 1,
    reply: details?.reply ?? "",
    toolCalls: details?.toolCalls ?? [],
    reasoning: details?.reasoning ?? "",
    content: details?.content ?? [],
    turns: details?.turns ?? [],
    logprobs: details?.logprobs ?? [],
    requestId: details?.requestId,
    headers: details?.headers ?? {},
    givenAgain: details?.givenAgain ?? false,
    endReason: details?.endReason
  }
  return Object.defineProperty(Object.assign(Object.create(protoOf(fields)), fields), TypeId, { value: known })
}

const parameters = { fields: Kinds.object }

const Proto = { _tag: "Prediction" }

const protoOf = (fields: object): object => {
  const proto: unknown = Object.getPrototypeOf(fields)
  return proto === Object.prototype || proto === null
    ? Proto
    : Object.create(proto as object, Object.getOwnPropertyDescriptors(Proto))
}

/** Tokens used by the call and all calls below it. */
export const usage = <O>(self: Prediction<O>): Usage.Usage => details(self).usage

/** The fields of every completion, in the order of their indices; `undefined` in place of one that could not be read. */
export const completions = <O>(self: Prediction<O>): ReadonlyArray<O | undefined> => details(self).completions

/** Everything known of the prediction beside its fields. */
export const details = <O>(self: Prediction<O>): Details<O> => {
  if (isPrediction(self)) return self[TypeId]
  throw new TypeError(`a prediction has details, and this is ${kindOf(self)}: it is what a call of a program comes to`)
}

/** The fields alone, as a plain record. */
export const fields = <O>(self: Prediction<O>): Readonly<O> => {
  details(self)
  return { ...self }
}
