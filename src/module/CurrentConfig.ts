/**
 * Generation settings of everything that runs in this context.
 */
import * as Context from "effect/Context"
import type { GenerationConfig } from "../lm/LMRequest.ts"

/** Defaults for every predictor in this context; what a predictor or a call sets itself wins. Nothing is set by default. */
export const CurrentConfig = Context.Reference<GenerationConfig>("effect-lm/module/CurrentConfig", {
  defaultValue: () => ({})
})
