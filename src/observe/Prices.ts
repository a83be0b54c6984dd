/**
 * What tokens cost. Providers change their prices, and have others for batches, priority, long prompts and contracts: whoever needs
 * more than an estimate gives a table of their own.
 */
import type * as Usage from "../lm/Usage.ts"
import * as Kinds from "../text/kinds.ts"
import { given } from "../text/options.ts"
import { costOf, priceOf, table } from "./internal/price.ts"

// Models

/** The price of a model, in US dollars a million tokens. */
export interface Price {
  readonly input: number
  readonly output: number
  /** Input that was read from the provider's prompt cache; as `input` if left out. */
  readonly cachedInput?: number | undefined
  /** Input that was written to it; as `input` if left out. */
  readonly cacheWrite?: number | undefined
}

/**
 * Prices by the name of the model, with its provider (`openai/gpt-4o-mini`) or without. A name without the date at its end is the
 * price of all dates.
 */
export interface Table {
  readonly [model: string]: Price
}

// Constructors

/** The day on which {@link listed} was written. */
export const listedOn = "2026-06-30"

/**
 * Standard prices of a few models, for prompts of up to 200,000 tokens, as they were publicly listed around {@link listedOn}. They are
 * not kept up to date while a version of this package is installed.
 */
export const listed: Table = {
  "openai/gpt-5.5": { input: 5, cachedInput: 0.5, output: 30 },
  "openai/gpt-5.4": { input: 2.5, cachedInput: 0.25, output: 15 },
  "openai/gpt-5.4-mini": { input: 0.75, cachedInput: 0.075, output: 4.5 },
  "openai/gpt-5.4-nano": { input: 0.2, cachedInput: 0.02, output: 1.25 },
  "openai/gpt-5": { input: 1.25, cachedInput: 0.125, output: 10 },
  "openai/gpt-5-mini": { input: 0.25, cachedInput: 0.025, output: 2 },
  "openai/gpt-5-nano": { input: 0.05, cachedInput: 0.005, output: 0.4 },
  "openai/gpt-4.1": { input: 2, cachedInput: 0.5, output: 8 },
  "openai/gpt-4.1-mini": { input: 0.4, cachedInput: 0.1, output: 1.6 },
  "openai/gpt-4.1-nano": { input: 0.1, cachedInput: 0.025, output: 0.4 },
  "openai/gpt-4o": { input: 2.5, cachedInput: 1.25, output: 10 },
  "openai/gpt-4o-mini": { input: 0.15, cachedInput: 0.075, output: 0.6 },
  "anthropic/claude-opus-4.8": { input: 5, cachedInput: 0.5, cacheWrite: 6.25, output: 25 },
  "anthropic/claude-sonnet-4.6": { input: 3, cachedInput: 0.3, cacheWrite: 3.75, output: 15 },
  "anthropic/claude-haiku-4.5": { input: 1, cachedInput: 0.1, cacheWrite: 1.25, output: 5 },
  "gemini/gemini-2.5-pro": { input: 1.25, cachedInput: 0.125, output: 10 },
  "gemini/gemini-2.5-flash": { input: 0.3, cachedInput: 0.03, output: 2.5 },
  "gemini/gemini-2.5-flash-lite": { input: 0.1, cachedInput: 0.01, output: 0.4 }
}

// Destructors

/**
 * What the usage of a model has cost in US dollars; `undefined` where the table has no price of the model. Without a table it is
 * {@link listed}.
 *
 * @example
 * Prices.usd({ ...Usage.empty, inputTokens: 1_000_000 }, "openai/gpt-4o-mini") // => 0.15
 */
export const usd = (usage: Usage.Usage, model: string, table: Table = listed): number | undefined => {
  given("Prices.usd", parameters, [usage, model, table])
  return costOf(usage, priceOf(model, table))
}

// Details

const parameters = {
  usage: Kinds.recordOf("a usage, as Prediction.usage gives one", Kinds.number),
  model: Kinds.text,
  table
}
