/**
 * The price of one model, and what its tokens cost.
 */
import type * as Usage from "../../lm/Usage.ts"
import * as Kinds from "../../text/kinds.ts"
import { type Names, onlyKnown } from "../../text/options.ts"
import type { Price, Table } from "../Prices.ts"

/** The price of a model: under its own name, without its date, and so without its provider. */
export const priceOf = (model: string, table: Table): Price | undefined => {
  const short = model.slice(model.indexOf("/") + 1)
  const name = [model, undated(model), short, undated(short)].find((name) => Object.hasOwn(table, name))
  return name === undefined ? undefined : table[name]
}

/** What tokens cost at a price. */
export const costOf = (usage: Usage.Usage, price: Price | undefined): number | undefined => {
  if (price === undefined) return undefined
  const { cachedInputTokens: cached, cacheWriteTokens: written, inputTokens, outputTokens } = usage
  const { cachedInput = price.input, cacheWrite = price.input, input, output } = price
  const plain = Math.max(0, inputTokens - cached - written)
  return (plain * input + cached * cachedInput + written * cacheWrite + outputTokens * output) / 1_000_000
}

/** A table, looked at where it is given: a price that is misspelt would be none. */
export const table: Kinds.Kind = (what, value) => {
  Kinds.objectOf("prices by model, as { \"openai/gpt-4o-mini\": { input: 0.15, output: 0.6 } }")(what, value)
  for (const [model, price] of Object.entries(value as Table)) {
    onlyKnown(`the price of ${JSON.stringify(model)}`, price, names)
  }
}

// Details

const dollars = Kinds.between(0, Infinity)

const names: Names<Price> = {
  input: Kinds.needed(dollars),
  output: Kinds.needed(dollars),
  cachedInput: dollars,
  cacheWrite: dollars
}

/** `gpt-4o-2024-08-06` is `gpt-4o`, and `claude-sonnet-4-20250514` is `claude-sonnet-4`. */
const undated = (model: string): string => model.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8})$/, "")
