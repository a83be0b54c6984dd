/**
 * The language model, as a service: everything that can stream an answer to a request.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { LMError } from "./LMError.ts"
import type { LMEvent } from "./LMEvent.ts"
import type { LMRequest } from "./LMRequest.ts"
import type { LMResponse } from "./LMResponse.ts"

/** What a provider can do beyond answering in text. */
export interface Capabilities {
  /** Native function calling. */
  readonly tools: boolean
  /** Wants `LMRequest.replyShape`, since it can hold a reply to it token by token; false if left out. */
  readonly replyShape?: boolean | undefined
}

export interface Service {
  /** Who answers, as errors, logs and spans say it: `openai/gpt-4o-mini`. */
  readonly model: string
  readonly capabilities: Capabilities
  /**
   * The primitive. The events of one network read stay one array. The stream fails with `Truncated` where the provider
   * never said that a completion was over; other unwelcome ends are `Finish` events.
   */
  readonly stream: (request: LMRequest) => Stream.Stream<LMEvent, LMError>
  /** The fold of `stream`, or the provider's cheaper way to the same. */
  readonly generate: (request: LMRequest) => Effect.Effect<LMResponse, LMError>
}

export class LM extends Context.Service<LM, Service>()("effect-lm/lm/LM") {}
