/**
 * What a completion cost, in the words of many providers.
 */
import type { Usage } from "../../../lm/Usage.ts"
import { isRecord, type JsonRecord } from "../../../text/json/values.ts"

/** What is counted, as far as it was told. */
export interface Counts {
  readonly prompt: number | undefined
  readonly completion: number | undefined
  readonly total: number | undefined
  readonly thought: number | undefined
  readonly cached: number | undefined
  /** What was read from a cache or written to it, which Anthropic's count of the input leaves out. */
  readonly cacheRead: number | undefined
  readonly cacheWritten: number | undefined
  /** Whether the input is counted as OpenAI counts it. */
  readonly isPrompt: boolean
  /** Whether the output is counted without the thoughts, as Gemini counts it. */
  readonly isCandidates: boolean
}

/** Where a chunk tells its usage. */
export const ofChunk = (chunk: JsonRecord): unknown =>
  chunk["usage"] ?? (isRecord(chunk["x_groq"]) ? chunk["x_groq"]["usage"] : undefined) ?? chunk["usageMetadata"] ??
    chunk["usage_metadata"] ?? (chunk["eval_count"] === undefined ? undefined : chunk)

/** What a `usage` says, if it counts anything. */
export const read = (usage: unknown): Counts | undefined => {
  if (!isRecord(usage)) return undefined
  const count = (...names: ReadonlyArray<string>): number | undefined => {
    for (const name of names) {
      const counted = countOf(usage[name])
      if (counted !== undefined) return counted
    }
    return undefined
  }
  const detail = (name: string, ...places: ReadonlyArray<string>): number | undefined => {
    for (const place of places) {
      const within = usage[place]
      const counted = isRecord(within) ? countOf(within[name]) : undefined
      if (counted !== undefined && counted > 0) return counted
    }
    return undefined
  }
  const prompt = count(
    "prompt_tokens",
    "input_tokens",
    "promptTokens",
    "inputTokens",
    "promptTokenCount",
    "prompt_token_count",
    "prompt_eval_count"
  )
  const completion = count(
    "completion_tokens",
    "output_tokens",
    "completionTokens",
    "outputTokens",
    "candidatesTokenCount",
    "candidates_token_count",
    "eval_count"
  )
  const total = count("total_tokens", "totalTokens", "totalTokenCount", "total_token_count")
  if (prompt === undefined && completion === undefined && total === undefined) return undefined
  const details = ["completion_tokens_details", "output_tokens_details"] as const
  return {
    prompt,
    completion,
    total,
    thought: detail("reasoning_tokens", ...details) ?? detail("thinking_tokens", ...details) ??
      count("reasoning_tokens", "reasoningTokens", "thoughtsTokenCount", "thoughts_token_count"),
    cached: detail("cached_tokens", "prompt_tokens_details", "input_tokens_details") ??
      count(
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "cachedInputTokens",
        "cachedContentTokenCount",
        "cached_content_token_count"
      ),
    cacheRead: count("cache_read_input_tokens", "cacheReadInputTokens"),
    cacheWritten: count("cache_creation_input_tokens", "cacheWriteInputTokens", "cacheCreationInputTokens"),
    isPrompt: usage["prompt_tokens"] !== undefined,
    isCandidates: count("candidatesTokenCount", "candidates_token_count") !== undefined
  }
}

/** Of two usages of one response the later one counts, but takes back nothing that it does not count itself. */
export const merge = (before: Counts, after: Counts): Counts => {
  const of = (name: Exclude<keyof Counts, "isPrompt" | "isCandidates">) => after[name] || before[name]
  return {
    prompt: of("prompt"),
    completion: of("completion"),
    // A total of before does not count what was told after it.
    total: after.total || (after.completion || after.prompt ? undefined : before.total),
    thought: of("thought"),
    cached: of("cached"),
    cacheRead: of("cacheRead"),
    cacheWritten: of("cacheWritten"),
    isPrompt: before.isPrompt || after.isPrompt,
    isCandidates: before.isCandidates || after.isCandidates
  }
}

/** The usage that was counted. */
export const make = (counts: Counts): Usage => {
  const { cached = 0, cacheRead = 0, cacheWritten = 0, completion, prompt, thought = 0, total } = counts
  const input = prompt ?? 0
  const output = completion ?? 0
  const beside = cacheRead + cacheWritten > 0 &&
    (!counts.isPrompt || total === input + output + cacheRead + cacheWritten)
  const inputTokens = beside ? input + cacheRead + cacheWritten : input
  // What only the total counts is thinking, which is paid as output. xAI tells how much it was, Gemini does not.
  const rest = total === undefined
    ? (counts.isCandidates ? thought : 0)
    : prompt === undefined
    ? 0
    : Math.max(0, total - inputTokens - output)
  return {
    inputTokens,
    outputTokens: output + rest,
    reasoningTokens: completion === undefined && thought === 0 ? 0 : Math.max(thought, rest),
    cachedInputTokens: cached || cacheRead,
    cacheWriteTokens: cacheWritten,
    calls: 1
  }
}

/** A count, as a number or as text. */
const countOf = (value: unknown): number | undefined => {
  const count = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof count === "number" && Number.isFinite(count) && count >= 0 ? count : undefined
}
