/**
 * The adapter of what runs in this context.
 */
import * as Context from "effect/Context"
import type { Adapter } from "./Adapter.ts"
import { chatAdapter } from "./internal/chat.ts"

/** The adapter that predictors use; Chat by default. */
export const CurrentAdapter = Context.Reference<Adapter>("effect-lm/adapter/CurrentAdapter", {
  defaultValue: () => chatAdapter
})
