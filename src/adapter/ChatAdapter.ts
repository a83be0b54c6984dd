/**
 * The Chat adapter: each field is a section under a marker, `[[ ## name ## ]]`. It asks nothing of the model but text.
 *
 * Fields of kind `text` are written as they are, others as JSON. A marker counts for a field that has not been seen, at the
 * start of a line, and behind text where nothing else can be meant; in a code fence it is content. A reply that is written again
 * behind its end is a correction. What could be read in two ways is asked again. A JSON object in place of the sections is read
 * too. A reply without either is asked for once more through the JSON adapter.
 */
import * as Layer from "effect/Layer"
import { onlyKnown } from "../text/options.ts"
import type { Adapter } from "./Adapter.ts"
import { chat, chatAlone } from "./chat/form.ts"
import { CurrentAdapter } from "./CurrentAdapter.ts"

// Models

/** Options of {@link make}. */
export interface Options {
  /** Whether a reply that lacks fields is asked for once more through the JSON adapter; true by default. */
  readonly jsonFallback?: boolean | undefined
}

// Constructors

/** Makes a Chat adapter. */
export const make = (options: Options = {}): Adapter =>
  onlyKnown("ChatAdapter.make", options, { jsonFallback: true }).jsonFallback === false ? chatAlone : chat

// Layers

/** Predictors use the Chat adapter. */
export const layer: Layer.Layer<never> = Layer.succeed(CurrentAdapter, chat)
