/** The two that the benchmarks compare. */
import type { Layer } from "effect"
import { type LM, OpenAI as Provider } from "effect-lm"
import OpenAI from "openai"

/** The bare SDK, without retries. */
export const sdk = (baseURL: string): OpenAI => new OpenAI({ apiKey: "benchmark", baseURL, maxRetries: 0 })

/** The library's provider for the same server. */
export const layer = (baseUrl: string, model: string): Layer.Layer<LM, unknown> => Provider.layer({ model, baseUrl })
