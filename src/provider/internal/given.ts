/**
 * Options that several functions of this room take.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Retry from "../../policy/Retry.ts"
import * as Timeouts from "../../policy/Timeouts.ts"
import * as Kinds from "../../text/kinds.ts"
import type { Names } from "../../text/options.ts"
import type { Options } from "../Protocol.ts"
import * as SizeLimits from "../SizeLimits.ts"

const secret = Kinds.make(
  "a string, or Redacted.make of one",
  (value) => typeof value === "string" || Redacted.isRedacted(value)
)

/** What every way to a model takes. */
export const connection: Names<Omit<Options, "provider" | "model" | "baseUrl" | "capabilities">> = {
  apiKey: Kinds.make(
    "a string, Redacted.make of one, or an Effect of one",
    (value) => typeof value === "string" || Redacted.isRedacted(value) || Effect.isEffect(value)
  ),
  headers: Kinds.recordOf("an object of texts by the names of headers", secret),
  extraBody: Kinds.object,
  config: Kinds.object,
  // These have tables of their own names.
  timeouts: (_, value) => Timeouts.make(value as Options["timeouts"]),
  limits: (_, value) => SizeLimits.make(value as Options["limits"]),
  retry: Kinds.or((_, value) => Retry.make(value as Partial<Retry.Policy>), false),
  fetch: Kinds.fn("a function like fetch"),
  httpClient: Kinds.make(
    "a client of effect/http/HttpClient",
    (value) => typeof value === "object" && value !== null && "execute" in value
  ),
  allowKeysInBrowser: Kinds.flag
}
