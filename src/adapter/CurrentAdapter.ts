/**
 * The adapter that predictors use.
 */
import * as Context from "effect/Context"
import type { Adapter } from "./Adapter.ts"
import { chat } from "./chat/form.ts"

/** The current adapter; Chat, with JSON as its fallback, where nothing else is provided. */
export const CurrentAdapter = Context.Reference<Adapter>("effect-lm/adapter/CurrentAdapter", {
  defaultValue: () => chat
})
