/**
 * Why a call to a language model failed: one tagged error with a tagged reason.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { Reason } from "./LMReason.ts"
import * as Usage from "./Usage.ts"

export * from "./LMReason.ts"

const retryable: ReadonlySet<Reason["_tag"]> = new Set(["RateLimited", "Server", "Timeout", "Transport", "Truncated"])

/**
 * A call to a language model failed. `partial` holds the output fields that were whole or begun when it did, as text;
 * `predictor` is the path of the predictor that asked, `module` its name; `usage` what all requests of the predictor's call,
 * or of the agent's run, have used; `trajectory` what an agent had done before.
 */
export class LMError extends Schema.TaggedError<LMError>("effect-lm/lm/LMError")("LMError", {
  model: Schema.String,
  reason: Reason,
  /** What the provider calls the request, for its support. */
  requestId: Schema.optionalKey(Schema.String),
  /** The headers of its response, in lower case. */
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  predictor: Schema.optionalKey(Schema.String),
  module: Schema.optionalKey(Schema.String),
  partial: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  usage: Schema.optionalKey(Usage.Usage),
  trajectory: Schema.optionalKey(Schema.Array(Schema.Unknown))
}) {
  /** Whether the same request may succeed later. */
  get isRetryable(): boolean {
    return retryable.has(this.reason._tag)
  }

  /** How long the provider asked to wait. */
  get retryAfter(): Duration.Duration | undefined {
    return "retryAfter" in this.reason ? this.reason.retryAfter : undefined
  }

  override get message(): string {
    // The path of a whole program says less than its name.
    const predictor = this.predictor === "self" ? this.module : this.predictor
    const who = predictor === undefined ? this.model : `${predictor} (${this.model})`
    return `${who}: ${this.reason.description}`
  }
}

/** The error with what was used before it, where it does not know that itself. */
export const withUsage = (error: LMError, usage: Usage.Usage | undefined): LMError =>
  usage === undefined || error.usage !== undefined ? error : new LMError({ ...error, usage })
