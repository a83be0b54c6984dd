/**
 * What an answer cost, as Anthropic counts it: what was read from the cache, or written to it, is beside the rest of the input.
 */
import type { Usage } from "../../lm/Usage.ts"
import { isRecord } from "../../text/json/values.ts"

/** The counts by their names, each as it was told last: later reports count anew, from the beginning. */
export type Counts = Readonly<Record<string, number>>

/** The counts with those of a later report. */
export const merge = (before: Counts, report: unknown): Counts => {
  if (!isRecord(report)) return before
  const details = isRecord(report["output_tokens_details"]) ? report["output_tokens_details"] : {}
  const told = { ...report, thinking_tokens: details["thinking_tokens"] ?? before["thinking_tokens"] }
  return {
    ...before,
    ...Object.fromEntries(
      Object.entries(told).filter((entry): entry is [string, number] =>
        names.has(entry[0]) && typeof entry[1] === "number" && Number.isFinite(entry[1]) && entry[1] >= 0
      )
    )
  }
}

const names: ReadonlySet<string> = new Set([
  "input_tokens",
  "output_tokens",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
  "thinking_tokens"
])

/** The usage of these counts. */
export const make = (counts: Counts): Usage => {
  const cached = counts["cache_read_input_tokens"] ?? 0
  const written = counts["cache_creation_input_tokens"] ?? 0
  return {
    inputTokens: (counts["input_tokens"] ?? 0) + cached + written,
    outputTokens: counts["output_tokens"] ?? 0,
    reasoningTokens: counts["thinking_tokens"] ?? 0,
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    calls: 1
  }
}
