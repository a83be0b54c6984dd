/**
 * Generation settings as they may stand: a number that a provider could not mean, or a name that is none of theirs, is a
 * mistake of the program.
 */
import type { GenerationConfig } from "../../lm/LMRequest.ts"
import { whole, within } from "../../text/numbers.ts"
import { type Names, onlyKnown } from "../../text/options.ts"

/** The names of the settings, which predictors take beside their own options too. */
export const configNames: Names<GenerationConfig> = {
  temperature: true,
  topP: true,
  maxTokens: true,
  n: true,
  seed: true,
  stop: true,
  reasoningEffort: true,
  topK: true,
  parallelToolCalls: true,
  logprobs: true,
  user: true,
  metadata: true,
  serviceTier: true,
  promptCache: true,
  providerOptions: true,
  rolloutId: true
}

/** The settings. `NaN`, what is out of range, fractions of tokens and unknown names throw a `TypeError` that names it. */
export const checkedConfig = (config: GenerationConfig): GenerationConfig => {
  const { logprobs, maxTokens, n, rolloutId, seed, temperature, topK, topP } = onlyKnown(
    "`config`",
    config,
    configNames
  )
  if (temperature !== undefined) within("`temperature`", temperature, 0, Infinity)
  if (topP !== undefined) within("`topP`", topP, 0, 1)
  if (topK !== undefined) whole("`topK`", topK, 1)
  if (logprobs !== undefined) whole("`logprobs`", logprobs, 0)
  if (maxTokens !== undefined) whole("`maxTokens`", maxTokens, 1)
  if (n !== undefined) whole("`n`", n, 1)
  if (seed !== undefined) whole("`seed`", seed)
  if (rolloutId !== undefined) whole("`rolloutId`", rolloutId)
  return config
}
