/**
 * Replies in sections, each under a marker: `[[ ## answer ## ]]`. The form that most models follow, and the default.
 */
import * as Layer from "effect/Layer"
import * as Adapter from "./Adapter.ts"
import { CurrentAdapter } from "./CurrentAdapter.ts"
import { chatAdapter, chatOptions } from "./internal/chat.ts"

// Constructors

/**
 * Makes a Chat adapter. A reply that lacks sections is asked for once more as JSON unless `jsonFallback` is false.
 */
export const make = (options: { readonly jsonFallback?: boolean | undefined } = {}): Adapter.Adapter =>
  options.jsonFallback === false ? Adapter.make(chatOptions) : chatAdapter

// Layers

/** Makes Chat the adapter of what runs with it, which it is by default. */
export const layer: Layer.Layer<never> = Layer.succeed(CurrentAdapter, chatAdapter)
