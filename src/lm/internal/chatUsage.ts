/**
 * What a completion cost, in the words of many providers.
 */
import type { Usage } from "../Usage.ts"
import { asCount, isRecord, type JsonRecord } from "./json.ts"

/** Whether a `usage` counts more than nothing. */
export const counts = (usage: unknown): boolean => {
  const counted = read(usage)
  return counted !== undefined && counted.inputTokens + counted.outputTokens > 0
}

/** What a `usage` says, if it counts anything. */
export const read = (usage: unknown): Usage | undefined => {
  if (!isRecord(usage)) return undefined
  const count = (...names: ReadonlyArray<string>): number | undefined => {
    const name = names.find((name) => typeof usage[name] === "number")
    return name === undefined ? undefined : asCount(usage[name])
  }
  const detail = (name: string, ...places: ReadonlyArray<string>): number => {
    const place = places.find((place) => isRecord(usage[place]) && asCount(usage[place][name]) > 0)
    return place === undefined ? 0 : asCount((usage[place] as JsonRecord)[name])
  }
  const prompt = count("prompt_tokens", "input_tokens", "promptTokens", "inputTokens", "promptTokenCount")
  const completion = count(
    "completion_tokens",
    "output_tokens",
    "completionTokens",
    "outputTokens",
    "candidatesTokenCount"
  )
  const total = count("total_tokens", "totalTokens", "totalTokenCount")
  if (prompt === undefined && completion === undefined && total === undefined) return undefined
  const thought = detail("reasoning_tokens", "completion_tokens_details", "output_tokens_details") ||
    detail("thinking_tokens", "completion_tokens_details", "output_tokens_details") ||
    (count("reasoning_tokens", "reasoningTokens", "thoughtsTokenCount") ?? 0)
  const cached = detail("cached_tokens", "prompt_tokens_details", "input_tokens_details") ||
    (count("prompt_cache_hit_tokens", "cached_tokens", "cachedInputTokens", "cachedContentTokenCount") ?? 0)
  const read = count("cache_read_input_tokens", "cacheReadInputTokens") ?? 0
  const written = count("cache_creation_input_tokens", "cacheWriteInputTokens", "cacheCreationInputTokens") ?? 0
  const input = prompt ?? 0
  const output = completion ?? 0
  // Anthropic's count of the input leaves out what was read from a cache or written to it.
  const beside = read + written > 0 &&
    (usage["prompt_tokens"] === undefined || total === input + output + read + written)
  const inputTokens = beside ? input + read + written : input
  // What only the total counts is thinking, which is paid as output. xAI tells how much it was, Gemini does not.
  const rest = prompt === undefined ? 0 : Math.max(0, (total ?? 0) - inputTokens - output)
  return {
    inputTokens,
    outputTokens: output + rest,
    reasoningTokens: completion === undefined && thought === 0 ? 0 : Math.max(thought, rest),
    cachedInputTokens: cached || read,
    calls: 1
  }
}
