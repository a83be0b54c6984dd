/**
 * A status sink that remembers what it was sent.
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Status from "../streaming/Status.ts"
import type { StatusMessage } from "../streaming/StreamEvent.ts"

/** A sink as a layer, and what it was sent so far, in order. */
export interface CollectingSink {
  readonly layer: Layer.Layer<never>
  readonly messages: Effect.Effect<ReadonlyArray<StatusMessage>>
}

/**
 * Makes a sink without messages.
 *
 * @example
 * const sink = yield* CollectingSink.make
 * yield* program({ question }).pipe(Status.report({ lmStart: () => "Thinking..." }), Effect.provide(sink.layer))
 * const messages = yield* sink.messages
 */
export const make: Effect.Effect<CollectingSink> = Effect.map(
  Ref.make<ReadonlyArray<StatusMessage>>([]),
  (messages) => ({
    layer: Status.layer((message) => Ref.update(messages, (all) => [...all, message])),
    messages: Ref.get(messages)
  })
)
