/**
 * The Plain adapter: the reply is the value. It asks for no form, so that a model answers as it would in a chat.
 *
 * For signatures with one output of kind `text`: of others the first such output is read, and a reply that lacks the rest
 * is asked for once more through the JSON adapter.
 */
import * as Layer from "effect/Layer"
import type { Adapter } from "./Adapter.ts"
import { CurrentAdapter } from "./CurrentAdapter.ts"
import { plain } from "./plain/form.ts"

// Constructors

/** Makes a Plain adapter. */
export const make = (): Adapter => plain

// Layers

/** Predictors use the Plain adapter. */
export const layer: Layer.Layer<never> = Layer.succeed(CurrentAdapter, plain)
