/**
 * What a language model says while it answers. `index` is the completion's, 0 where only one was asked for.
 */
import type { ReasoningField } from "./LMRequest.ts"
import type { Usage } from "./Usage.ts"

export type LMEvent = TextDelta | ReasoningDelta | ToolCallDelta | Restart | Finish | UsageReport | ResponseInfo

export interface TextDelta {
  readonly _tag: "TextDelta"
  readonly index: number
  readonly text: string
}

/** The model's own thinking, which is not part of its answer. */
export interface ReasoningDelta {
  readonly _tag: "ReasoningDelta"
  readonly index: number
  readonly text: string
}

/** A piece of a tool call. `call` is the call's place within its completion; `id` and `name` are whole, once known. */
export interface ToolCallDelta {
  readonly _tag: "ToolCallDelta"
  readonly index: number
  readonly call: number
  readonly id: string
  readonly name: string
  readonly argumentsDelta: string
  /** What the provider has put beside the call, once known. */
  readonly extraContent?: Readonly<Record<string, unknown>> | undefined
  /** The parts of the thought that led to the completion's calls: once, at its end, with the first of them. */
  readonly reasoningDetails?: ReadonlyArray<Readonly<Record<string, unknown>>> | undefined
}

/**
 * The text of the completion so far is no part of its answer, which begins after this event: it was thinking, and counts as
 * reasoning from here on. Models whose prompt opens `<think>` for them tell so only where the thought ends.
 */
export interface Restart {
  readonly _tag: "Restart"
  readonly index: number
}

/** The completion is over, and why. Only `stop` and `tool-calls` are whole answers. */
export interface Finish {
  readonly _tag: "Finish"
  readonly index: number
  readonly reason: FinishReason
  /** What the provider said of a refusal or a filter, if anything. */
  readonly detail?: string | undefined
}

export type FinishReason = "stop" | "tool-calls" | "length" | "content-filter" | "refusal"

/** What was used so far. The last report of a response counts. */
export interface UsageReport {
  readonly _tag: "Usage"
  readonly usage: Usage
}

/** What the provider says of the response itself. Fields that are not known are left out. */
export interface ResponseInfo {
  readonly _tag: "ResponseInfo"
  readonly id?: string | undefined
  /** The model that answered, which need not be the one asked for. */
  readonly model?: string | undefined
  /** What the provider calls the model's reasoning; missing where it comes as text, between tags. */
  readonly reasoningField?: ReasoningField | undefined
}
