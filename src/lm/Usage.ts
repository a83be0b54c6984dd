/**
 * Tokens used, in the provider's own count.
 */

import * as Schema from "effect/Schema"

/** Token counts of one or more calls. `reasoningTokens` are part of the output, `cachedInputTokens` of the input. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  readonly cachedInputTokens: number
  /** How many LM calls are in the sums. */
  readonly calls: number
}

/** The schema of a {@link Usage}. */
export const Usage = Schema.Struct({
  inputTokens: Schema.Finite,
  outputTokens: Schema.Finite,
  reasoningTokens: Schema.Finite,
  cachedInputTokens: Schema.Finite,
  calls: Schema.Finite
})

/** No calls, no tokens. */
export const empty: Usage = { inputTokens: 0, outputTokens: 0, reasoningTokens: 0, cachedInputTokens: 0, calls: 0 }

/** The sum of two usages. */
export const add = (self: Usage, that: Usage): Usage => ({
  inputTokens: self.inputTokens + that.inputTokens,
  outputTokens: self.outputTokens + that.outputTokens,
  reasoningTokens: self.reasoningTokens + that.reasoningTokens,
  cachedInputTokens: self.cachedInputTokens + that.cachedInputTokens,
  calls: self.calls + that.calls
})
