/**
 * Language models: the service, what flows through it, and who provides it.
 */
export * as Discovery from "./Discovery.ts"
export * as Fallback from "./Fallback.ts"
export type { ChatBody as OpenAIChatBody } from "./internal/chatBody.ts"
export type { ChatRequest as OpenAIChatRequest } from "./internal/chatProtocol.ts"
export {
  type Capabilities as LMCapabilities,
  type Input as LMInput,
  LM,
  type Made as LMMade,
  type Service as LMService,
  type Tell as LMTell
} from "./LM.ts"
export * as LMContent from "./LMContent.ts"
export { LMError } from "./LMError.ts"
export * as LMEvent from "./LMEvent.ts"
export * as LMReason from "./LMReason.ts"
export * as LMRequest from "./LMRequest.ts"
export * as LMResponse from "./LMResponse.ts"
export * as LocalModel from "./LocalModel.ts"
export * as Middleware from "./Middleware.ts"
export * as OpenAI from "./OpenAI.ts"
export * as Protocol from "./Protocol.ts"
export * as Providers from "./Providers.ts"
export * as Retry from "./Retry.ts"
export * as SizeLimits from "./SizeLimits.ts"
export * as Timeouts from "./Timeouts.ts"
export * as Usage from "./Usage.ts"
