/**
 * Replies as one JSON object, held to a schema by providers that can.
 */
import * as Layer from "effect/Layer"
import type * as Adapter from "./Adapter.ts"
import { CurrentAdapter } from "./CurrentAdapter.ts"
import { jsonAdapter } from "./internal/json.ts"

// Constructors

/** Makes a JSON adapter. */
export const make = (): Adapter.Adapter => jsonAdapter

// Layers

/** Makes JSON the adapter of what runs with it. */
export const layer: Layer.Layer<never> = Layer.succeed(CurrentAdapter, jsonAdapter)
