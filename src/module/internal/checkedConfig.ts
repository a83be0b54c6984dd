/**
 * Generation settings as they may stand: a number that a provider could not mean is a mistake of the program.
 */
import type { GenerationConfig } from "../../lm/LMRequest.ts"
import { whole, within } from "../../text/numbers.ts"

/** The settings. `NaN`, what is out of range, and fractions of tokens throw a `TypeError` that names it. */
export const checkedConfig = (config: GenerationConfig): GenerationConfig => {
  const { maxTokens, n, rolloutId, seed, temperature, topP } = config
  if (temperature !== undefined) within("`temperature`", temperature, 0, Infinity)
  if (topP !== undefined) within("`topP`", topP, 0, 1)
  if (maxTokens !== undefined) whole("`maxTokens`", maxTokens, 1)
  if (n !== undefined) whole("`n`", n, 1)
  if (seed !== undefined) whole("`seed`", seed)
  if (rolloutId !== undefined) whole("`rolloutId`", rolloutId)
  return config
}
