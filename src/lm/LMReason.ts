/**
 * Why a call to a language model failed: the reasons of an `LMError`, told apart by their `_tag`.
 */
import * as Schema from "effect/Schema"
import { Feature } from "./LMRequest.ts"

const reason = <Tag extends string>(tag: Tag) => ({ _tag: Schema.tag(tag), description: Schema.String })

/** The key is missing or was not accepted. */
export class Authentication extends Schema.Error<Authentication>("effect-lm/lm/LMError/Authentication")(
  reason("Authentication")
) {}

/** Too many requests; `retryAfter` is what the provider asked for. */
export class RateLimited extends Schema.Error<RateLimited>("effect-lm/lm/LMError/RateLimited")({
  ...reason("RateLimited"),
  retryAfter: Schema.optionalKey(Schema.Duration)
}) {}

/**
 * Nothing was sent: as many calls as may wait for a place already wait for one. It is not retryable: tries in this process would be
 * a second queue, and pass those who wait in the first.
 */
export class QueueFull extends Schema.Error<QueueFull>("effect-lm/lm/LMError/QueueFull")(reason("QueueFull")) {}

/** Nothing was sent: the provider has failed too often of late. It is tried again after `retryAfter`. */
export class CircuitOpen extends Schema.Error<CircuitOpen>("effect-lm/lm/LMError/CircuitOpen")({
  ...reason("CircuitOpen"),
  retryAfter: Schema.Duration
}) {}

/** The account has nothing left to spend: waiting does not help. */
export class QuotaExceeded extends Schema.Error<QuotaExceeded>("effect-lm/lm/LMError/QuotaExceeded")(
  reason("QuotaExceeded")
) {}

/** The provider does not accept the request as it is. */
export class InvalidRequest extends Schema.Error<InvalidRequest>("effect-lm/lm/LMError/InvalidRequest")(
  reason("InvalidRequest")
) {}

/** The messages do not fit the model's context. */
export class ContextWindowExceeded
  extends Schema.Error<ContextWindowExceeded>("effect-lm/lm/LMError/ContextWindowExceeded")(
    reason("ContextWindowExceeded")
  )
{}

/** No such model, or it cannot do what was asked. */
export class UnsupportedModel extends Schema.Error<UnsupportedModel>("effect-lm/lm/LMError/UnsupportedModel")(
  reason("UnsupportedModel")
) {}

/** The model is there, and does not have what the request asks for. */
export class NotSupported extends Schema.Error<NotSupported>("effect-lm/lm/LMError/NotSupported")({
  ...reason("NotSupported"),
  feature: Feature
}) {}

/** The provider's filter stopped the answer. */
export class ContentFiltered extends Schema.Error<ContentFiltered>("effect-lm/lm/LMError/ContentFiltered")(
  reason("ContentFiltered")
) {}

/** The model declined to answer. */
export class Refused extends Schema.Error<Refused>("effect-lm/lm/LMError/Refused")(reason("Refused")) {}

/** The answer reached the token limit before it was over. */
export class OutputLimit extends Schema.Error<OutputLimit>("effect-lm/lm/LMError/OutputLimit")(reason("OutputLimit")) {}

/** The connection closed cleanly, but the provider never said that the answer was over. */
export class Truncated extends Schema.Error<Truncated>("effect-lm/lm/LMError/Truncated")(reason("Truncated")) {}

/** The provider failed on its side (5xx, or an error inside the stream). */
export class Server extends Schema.Error<Server>("effect-lm/lm/LMError/Server")({
  ...reason("Server"),
  status: Schema.optionalKey(Schema.Int),
  retryAfter: Schema.optionalKey(Schema.Duration)
}) {}

/** A time limit of ours passed: to the first event, or between two. */
export class Timeout extends Schema.Error<Timeout>("effect-lm/lm/LMError/Timeout")(reason("Timeout")) {}

/** The request or its connection failed below HTTP. */
export class Transport extends Schema.Error<Transport>("effect-lm/lm/LMError/Transport")(reason("Transport")) {}

/**
 * A budget of the program has no room for the request, which was not sent. `bound` is what is used up: so much of `limit` was used or
 * under way, in calls, tokens, US dollars or milliseconds. `mayAnswer` says that one call is left with which an agent can answer.
 */
export class OverBudget extends Schema.Error<OverBudget>("effect-lm/lm/LMError/OverBudget")({
  ...reason("OverBudget"),
  bound: Schema.Literals(["calls", "tokens", "usd", "time"]),
  limit: Schema.Finite,
  used: Schema.Finite,
  mayAnswer: Schema.Boolean
}) {}

/** What came is not what the protocol says. */
export class InvalidResponse extends Schema.Error<InvalidResponse>("effect-lm/lm/LMError/InvalidResponse")(
  reason("InvalidResponse")
) {}

/** Any of them. */
export const Reason = Schema.Union([
  Authentication,
  RateLimited,
  QueueFull,
  CircuitOpen,
  QuotaExceeded,
  InvalidRequest,
  ContextWindowExceeded,
  UnsupportedModel,
  NotSupported,
  ContentFiltered,
  Refused,
  OutputLimit,
  Truncated,
  Server,
  Timeout,
  Transport,
  OverBudget,
  InvalidResponse
])
export type Reason = typeof Reason.Type
