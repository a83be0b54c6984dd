/**
 * How much a model is asked to think, and how long its answer may be: a thought is a part of it.
 */
import type { GenerationConfig } from "../../lm/LMRequest.ts"
import type { Target } from "../Protocol.ts"
import type { Model } from "./models.ts"

/** What a body says of it. */
export interface Thinking {
  readonly maxTokens: number
  /** Whether the model is asked to think: it takes no settings of sampling then. */
  readonly thinks: boolean
  readonly thinking: Readonly<Record<string, unknown>> | undefined
  readonly effort: string | undefined
}

/** What is said to a model of that; nothing where the settings say nothing, and where the model has none of it. */
export const of = (config: GenerationConfig, model: Model, mode: Target["mode"]): Thinking => {
  const { reasoningEffort: effort } = config
  const maxTokens = config.maxTokens ?? Math.min(model.maxTokens, mode === "stream" ? usual : mostUnstreamed)
  const silent: Thinking = { maxTokens, thinks: false, thinking: undefined, effort: undefined }
  if (effort === undefined || model.thinking === undefined) return silent
  if (effort === "none") {
    return model.disable
      ? { ...silent, thinking: { type: "disabled" } }
      : { ...silent, thinks: true, thinking: { type: "adaptive" }, effort: "low" }
  }
  if (model.thinking === "adaptive") {
    return { ...silent, thinks: true, thinking: { type: "adaptive" }, effort: effort === "minimal" ? "low" : effort }
  }
  // Tokens for the answer itself are left.
  const budget = Math.min(budgets[effort], Math.floor(maxTokens * 0.8))
  return budget < leastBudget
    ? silent
    : { ...silent, thinks: true, thinking: { type: "enabled", budget_tokens: budget } }
}

/** The most tokens of an answer, where nothing else is said: the service wants a number. */
const usual = 32_000

/** The same of an answer that comes whole: longer ones take longer than connections last. */
const mostUnstreamed = 21_333

const budgets = { minimal: 1024, low: 2048, medium: 8192, high: 16_384, xhigh: 24_576, max: 65_536 }

/** The service takes no less. */
const leastBudget = 1024
