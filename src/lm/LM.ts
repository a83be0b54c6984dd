/**
 * The language model, as a service: everything that can stream an answer to a request.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { madeOf } from "./internal/making.ts"
import type { LMError } from "./LMError.ts"
import type { LMEvent } from "./LMEvent.ts"
import type { LMRequest } from "./LMRequest.ts"
import type { LMResponse } from "./LMResponse.ts"
import type { Middleware } from "./Middleware.ts"

/** Content that is no text, which not every model reads. */
export type Input = "images" | "audio" | "files"

/** What a provider can do beyond answering in text. */
export interface Capabilities {
  /** Native function calling. */
  readonly tools: boolean
  /** Wants `LMRequest.replyShape`, since it can hold a reply to it token by token; false if left out. */
  readonly replyShape?: boolean | undefined
  /**
   * Which content it reads beside text. A request that has other content is not sent: it fails with `NotSupported`. If left
   * out, that is not known, and everything is sent.
   */
  readonly inputs?: ReadonlyArray<Input> | undefined
}

/** Is told of events while a response that is not streamed is waited for. */
export type Tell = (events: NonEmptyReadonlyArray<LMEvent>) => Effect.Effect<void>

/** A language model: what provides one, and what a middleware goes around. */
export interface Service {
  /** Who answers, as errors, logs and spans say it: `openai/gpt-4o-mini`. */
  readonly model: string
  readonly capabilities: Capabilities
  /**
   * Whatever decides the answer beside the request: where it is sent, and what is added to it on the way. Plain data without
   * secrets, part of a cache's key. Nothing but the name of the model if left out.
   */
  readonly origin?: unknown
  /**
   * The primitive. The events of one network read stay one array. The stream fails with `Truncated` where the provider
   * never said that a completion was over; other unwelcome ends are `Finish` events.
   */
  readonly stream: (request: LMRequest) => Stream.Stream<LMEvent, LMError>
  /**
   * The fold of `stream`, or the provider's cheaper way to the same. `tell` hears at once of what a middleware does meanwhile
   * (`LMEvent.Notice`): it is given where somebody listens.
   */
  readonly generate: (request: LMRequest, tell?: Tell) => Effect.Effect<LMResponse, LMError>
  /**
   * The answer to this request was of no use: it could not be read, or had wrong values. What keeps answers gives this one up, so
   * that the same request is sent again. Predictors say so; a middleware hands it on.
   */
  readonly forget?: ((request: LMRequest) => Effect.Effect<void>) | undefined
}

/** How a service was made of others. */
export interface Made {
  readonly by: Middleware
  readonly of: NonEmptyReadonlyArray<Service>
}

/** The language model of the context. */
export class LM extends Context.Service<LM, Service>()("effect-lm/lm/LM") {
  /**
   * What a model's layer has, the outermost first, and the model itself at the end.
   *
   * @example
   * LM.describe(yield* LM) // => ["retry (3 times)", "timeouts (first event 5m, silence 2m)", "openai/gpt-4o-mini"]
   */
  static readonly describe = (service: Service): ReadonlyArray<string> => {
    const made = madeOf(service)
    if (made === undefined) return [service.model]
    const inner = made.of.map(LM.describe)
    // Of several models each is told apart by its number.
    return [
      made.by.description,
      ...(inner.length === 1 ? inner[0]! : inner.flatMap((lines, at) => lines.map((line) => `${at + 1}: ${line}`)))
    ]
  }
}
