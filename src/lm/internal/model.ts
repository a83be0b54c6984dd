/**
 * The language model that a run asks.
 */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import { provided, providedIn } from "../../text/provided.ts"
import { LM, type Service } from "../LM.ts"

const words = ["language model", "OpenAI.layerConfig"] as const

/** The model of the context. */
export const modelIn = (context: Context.Context<LM>): Service => providedIn(context, LM, ...words)

/** {@link modelIn} the context of the fiber. */
export const model: Effect.Effect<Service, never, LM> = provided(LM, ...words)
