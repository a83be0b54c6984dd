/**
 * Who answers: protocols, the providers that speak them, and finding a model that is there.
 */
export * as Anthropic from "./Anthropic.ts"
export * as Discovery from "./Discovery.ts"
export * as OpenAI from "./OpenAI.ts"
export type { ChatRequest as OpenAIChatRequest } from "./openai/protocol.ts"
export type { ChatBody as OpenAIChatBody } from "./openai/request/body.ts"
export * as OpenAIEmbedder from "./OpenAIEmbedder.ts"
export * as Protocol from "./Protocol.ts"
export * as Providers from "./Providers.ts"
export * as SizeLimits from "./SizeLimits.ts"
