/**
 * Tokens used, in the provider's own count.
 */
import * as Schema from "effect/Schema"

/**
 * Token counts of one or more calls. `reasoningTokens` are part of the output; `cachedInputTokens` (read from a prompt cache) and
 * `cacheWriteTokens` (written to one) are part of the input.
 */
export const Usage = Schema.Struct({
  inputTokens: Schema.Finite,
  outputTokens: Schema.Finite,
  reasoningTokens: Schema.Finite,
  cachedInputTokens: Schema.Finite,
  cacheWriteTokens: Schema.Finite,
  /** How many LM calls are in the sums. */
  calls: Schema.Finite
})
export interface Usage extends Schema.Schema.Type<typeof Usage> {}

/** No calls, no tokens. */
export const empty: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  calls: 0
}

/** The sum of two usages. */
export const add = (self: Usage, that: Usage): Usage => ({
  inputTokens: self.inputTokens + that.inputTokens,
  outputTokens: self.outputTokens + that.outputTokens,
  reasoningTokens: self.reasoningTokens + that.reasoningTokens,
  cachedInputTokens: self.cachedInputTokens + that.cachedInputTokens,
  cacheWriteTokens: self.cacheWriteTokens + that.cacheWriteTokens,
  calls: self.calls + that.calls
})

/** What a usage has beyond another one, and never less than nothing. */
export const subtract = (self: Usage, that: Usage): Usage => ({
  inputTokens: Math.max(0, self.inputTokens - that.inputTokens),
  outputTokens: Math.max(0, self.outputTokens - that.outputTokens),
  reasoningTokens: Math.max(0, self.reasoningTokens - that.reasoningTokens),
  cachedInputTokens: Math.max(0, self.cachedInputTokens - that.cachedInputTokens),
  cacheWriteTokens: Math.max(0, self.cacheWriteTokens - that.cacheWriteTokens),
  calls: Math.max(0, self.calls - that.calls)
})
