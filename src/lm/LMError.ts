/**
 * Why a call to a language model failed: one tagged error with a tagged reason.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as CallFacts from "./CallFacts.ts"
import { Reason } from "./LMReason.ts"
import type * as Usage from "./Usage.ts"

export * from "./LMReason.ts"

const retryable: ReadonlySet<Reason["_tag"]> = new Set([
  "RateLimited",
  "CircuitOpen",
  "Server",
  "Timeout",
  "Transport",
  "Truncated"
])

/** A call to a language model failed. What is known of the call that made it is in {@link CallFacts.fields}. */
export class LMError extends Schema.TaggedError<LMError>("effect-lm/lm/LMError")("LMError", {
  model: Schema.String,
  reason: Reason,
  /** The call has failed before and fails again from a store: it has cost nothing this time. */
  givenAgain: Schema.optionalKey(Schema.Boolean),
  /** The output fields that were whole or begun, as text. */
  partial: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  ...CallFacts.fields
}) {
  /** Whether the same request may succeed later. */
  get isRetryable(): boolean {
    return retryable.has(this.reason._tag)
  }

  /** How long the provider asked to wait, or a policy does. */
  get retryAfter(): Duration.Duration | undefined {
    return "retryAfter" in this.reason ? this.reason.retryAfter : undefined
  }

  override get message(): string {
    const who = CallFacts.who(this)
    return `${who === undefined ? this.model : `${who} (${this.model})`}: ${this.reason.description}`
  }
}

/** The error with what was used before it, where it does not know that itself. */
export const withUsage = (error: LMError, usage: Usage.Usage | undefined): LMError =>
  usage === undefined || error.usage !== undefined ? error : CallFacts.add(error, { usage })
