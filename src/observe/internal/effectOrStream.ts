/**
 * What accounts, budgets and telemetry go around.
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"

/** Something that runs, and may call programs while it does. */
// oxlint-disable-next-line typescript/no-explicit-any -- any Effect and any Stream, whose types stay as they are
export type EffectOrStream = Effect.Effect<any, any, any> | Stream.Stream<any, any, any>
