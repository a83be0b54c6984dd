/**
 * The TwoStep adapter: the model answers freely, and the fields are extracted from its answer by a second request, which may go to
 * another model.
 *
 * For models that reason better than they keep a form. A predictor asks twice: its first call, at the path `draft` below its own, has
 * one output `text`, which streams as it is written; the second one has the predictor's own fields, at its own path. Calls that are a part
 * of a longer conversation, as an agent's turns are, are asked once, in the form of Chat. After DSPy's `TwoStepAdapter`.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LM from "../lm/LM.ts"
import type { Adapter } from "./Adapter.ts"
import { chat } from "./chat/form.ts"
import { CurrentAdapter } from "./CurrentAdapter.ts"
import { plain } from "./plain/form.ts"

// Constructors

/**
 * Makes a TwoStep adapter. Who extracts the fields is the language model of the call, unless another one is given.
 */
export const make = (extractor?: LM.Service): Adapter => ({
  ...chat,
  name: "TwoStep",
  twoStep: { extractor, draft: plain, adapter: chat }
})

// Layers

/**
 * Predictors use the TwoStep adapter, with the model of this layer to extract the fields.
 *
 * @example
 * qa({ question }).pipe(Effect.provide(TwoStepAdapter.layer(OpenAI.layerModel("openai/gpt-4o-mini"))))
 */
export const layer = <E, R>(extractor: Layer.Layer<LM.LM, E, R>): Layer.Layer<never, E, R> =>
  Layer.effect(CurrentAdapter, Effect.map(LM.LM, make)).pipe(Layer.provide(extractor))

/** Predictors use the TwoStep adapter, with the model that answers to extract the fields. */
export const layerSame: Layer.Layer<never> = Layer.succeed(CurrentAdapter, make())
