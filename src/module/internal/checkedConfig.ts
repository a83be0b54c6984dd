/**
 * Generation settings, checked: a value out of range and an unknown name are mistakes of the program, and said before anything is
 * sent.
 */
import * as Effect from "effect/Effect"
import { type GenerationConfig, mergeConfig, type ProviderOptions } from "../../lm/LMRequest.ts"
import * as Kinds from "../../text/kinds.ts"
import { type Names, onlyKnown, optionsOf } from "../../text/options.ts"
import { CurrentConfig } from "../CurrentConfig.ts"

const providerOptionNames: Names<ProviderOptions> = {
  body: Kinds.object,
  headers: Kinds.recordOf("an object of texts by the names of headers", Kinds.text)
}

/** The settings, which predictors take beside their own options too. */
export const configNames: Names<GenerationConfig> = {
  temperature: Kinds.between(0, Infinity),
  topP: Kinds.between(0, 1),
  topK: Kinds.wholeFrom(1),
  maxTokens: Kinds.wholeFrom(1),
  n: Kinds.wholeFrom(1),
  seed: Kinds.whole,
  stop: Kinds.texts,
  reasoningEffort: Kinds.oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max"),
  parallelToolCalls: Kinds.flag,
  logprobs: Kinds.wholeFrom(0),
  user: Kinds.text,
  metadata: Kinds.recordOf("an object of texts", Kinds.text),
  serviceTier: Kinds.text,
  promptCache: Kinds.oneOf("5m", "1h"),
  providerOptions: Kinds.recordOf(
    "an object by the names of providers: { openrouter: { body: { ... }, headers: { ... } } }",
    optionsOf(providerOptionNames)
  ),
  rolloutId: Kinds.whole
}

/** The settings. What is out of range, of another type or not known throws a `TypeError` that names it. */
export const checkedConfig = (config: GenerationConfig): GenerationConfig => onlyKnown("`config`", config, configNames)

/** Settings as an option or an argument. */
export const config: Kinds.Kind = (_, value) => checkedConfig(value as GenerationConfig) // whatever it is

/** An effect with these settings below what a predictor or a call inside sets itself. */
export const configured =
  (config: GenerationConfig | undefined) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    config === undefined
      ? self
      : Effect.updateService(self, CurrentConfig, (current) => mergeConfig(current, config))
