/**
 * A whole response: the fold of its events.
 */
import type { FinishReason, LMEvent } from "./LMEvent.ts"
import type { ToolCall } from "./LMRequest.ts"
import * as Usage from "./Usage.ts"

/** One completion, whole. `finish` is missing where the provider never said that the completion was over. */
export interface Completion {
  readonly index: number
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: ReadonlyArray<ToolCall>
  readonly finish: FinishReason | undefined
  /** What the provider said of a refusal or a filter, if anything. */
  readonly detail?: string | undefined
}

/** The completions by index, what they cost, and who answered. */
export interface LMResponse {
  readonly completions: ReadonlyArray<Completion>
  /** Missing where the provider reported none. */
  readonly usage: Usage.Usage | undefined
  readonly id: string | undefined
  readonly model: string | undefined
}
