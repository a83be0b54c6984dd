/**
 * The JSON adapter: the reply is one JSON object, and a provider that can is asked to hold the model to its schema.
 *
 * Only keys at the first level count, the first of each. Text around the object and a code fence are tolerated. Fields
 * of kind `text` stream decoded, others as JSON text.
 */
import * as Layer from "effect/Layer"
import type { Adapter } from "./Adapter.ts"
import { CurrentAdapter } from "./CurrentAdapter.ts"
import { json } from "./json/form.ts"

// Constructors

/** Makes a JSON adapter. */
export const make = (): Adapter => json

// Layers

/** Predictors use the JSON adapter. */
export const layer: Layer.Layer<never> = Layer.succeed(CurrentAdapter, json)
