/**
 * Language models: the service, what flows through it, and what stands between a program and a model.
 */
export {
  type Batch as EmbeddingBatch,
  type Batching as EmbedderBatching,
  Embedder,
  Embeddings,
  type Options as EmbedderOptions,
  type Service as EmbedderService,
  Vector as EmbeddingVector
} from "./Embedder.ts"
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
export * as Middleware from "./Middleware.ts"
export * as Usage from "./Usage.ts"
