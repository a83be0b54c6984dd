/**
 * The Compact adapter: the JSON adapter, with the shape of nested outputs in a short spelling in the place of a JSON Schema.
 *
 * Of outputs with objects inside, the prompt is much shorter, and small models follow it better. Replies are read, and
 * providers are asked to hold the model to the schema, as the JSON adapter does. After DSPy's `BAMLAdapter`, whose spelling is that of
 * BAML; types that have themselves inside have a name here.
 */
import * as Layer from "effect/Layer"
import type { Adapter } from "./Adapter.ts"
import { compact } from "./compact/form.ts"
import { CurrentAdapter } from "./CurrentAdapter.ts"

// Constructors

/** Makes a Compact adapter. */
export const make = (): Adapter => compact

// Layers

/**
 * Predictors use the Compact adapter.
 *
 * @example
 * qa({ question }).pipe(Effect.provide(CompactAdapter.layer))
 */
export const layer: Layer.Layer<never> = Layer.succeed(CurrentAdapter, compact)
