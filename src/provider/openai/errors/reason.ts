/**
 * What a provider's error means: from a status, headers and body, or from an error inside a stream, to a reason.
 *
 * `facts.ts` finds what the error says of itself, `meanings.ts` is the table of what that means.
 */
import type * as Duration from "effect/Duration"
import * as LMError from "../../../lm/LMError.ts"
import * as RetryDelay from "../../../text/retryDelay.ts"
import type { Refusal } from "../../Protocol.ts"
import * as ErrorFacts from "./facts.ts"
import * as ErrorMeanings from "./meanings.ts"
import type { Told } from "./table/row.ts"

/** The reason for a response that is not a success. Headers go before what the body says of the time to wait. */
export const fromResponse = ({ header, now, payload, status }: Refusal): LMError.Reason => {
  const facts = ErrorFacts.make(payload)
  const told: RetryDelay.Header = (name) => header(name) ?? facts.headers.get(name)
  return classify(
    { ...facts, delay: RetryDelay.fromHeaders(told, now) ?? facts.delay },
    status,
    () => RetryDelay.fromLimits(told, now)
  )
}

/** The reason for an error that came inside a successful response. */
export const fromPayload = (payload: unknown): LMError.Reason => classify(ErrorFacts.make(payload), undefined)

/** `limits` says when a rate limit begins anew. */
const classify = (
  facts: ErrorFacts.Facts,
  http: number | undefined,
  limits?: () => Duration.Duration | undefined
): LMError.Reason => {
  const status = statusOf(facts.statuses, http)
  const row = ErrorMeanings.find(facts, status)
  const shown = http ?? status
  const what = facts.message === "" ? "the provider gave no reason" : facts.message
  const said = shown === undefined ? what : `${shown} ${what}`
  const tag = row?.reason ?? byStatus(status)
  return reason(
    tag,
    row?.advice === undefined ? said : `${said.replace(/\.$/, "")}. ${row.advice}`,
    shown,
    facts.delay ?? (tag === "RateLimited" ? limits?.() : undefined)
  )
}

/**
 * The status that says the most. Gateways answer with a general one (400, 500, 502) and put the status of the service behind
 * them into the body.
 */
const statusOf = (told: ReadonlyArray<number>, http: number | undefined): number | undefined => {
  if (http !== undefined && http > 400 && http < 500) return http
  const specific = told.find((status) => status > 400 && status < 500)
  if (specific !== undefined) return specific
  if (http === undefined) return told[0]
  return http >= 500 && told.includes(400) ? 400 : http
}

/** An error inside a stream comes from a provider that had accepted the request. */
const byStatus = (status: number | undefined): Told =>
  status === undefined || status >= 500 || ofServers.has(status) ? "Server" : "InvalidRequest"

/** What a server says of itself, or of the one behind it, though the numbers are those of wrong requests. */
const ofServers: ReadonlySet<number> = new Set([409, 424, 425, 499])

const reason = (
  tag: Told,
  description: string,
  status: number | undefined,
  delay: Duration.Duration | undefined
): LMError.Reason => {
  const wait = delay === undefined ? {} : { retryAfter: delay }
  switch (tag) {
    case "RateLimited":
      return new LMError.RateLimited({ description, ...wait })
    case "Server":
      return new LMError.Server({ description, ...(status === undefined ? {} : { status }), ...wait })
    case "NotSupported":
    case "OverBudget":
      return new LMError.InvalidRequest({ description })
    default:
      return new plainReasons[tag]({ description })
  }
}

/** The reasons that are nothing but words. */
const plainReasons = {
  Authentication: LMError.Authentication,
  QuotaExceeded: LMError.QuotaExceeded,
  InvalidRequest: LMError.InvalidRequest,
  ContextWindowExceeded: LMError.ContextWindowExceeded,
  UnsupportedModel: LMError.UnsupportedModel,
  ContentFiltered: LMError.ContentFiltered,
  Refused: LMError.Refused,
  OutputLimit: LMError.OutputLimit,
  Truncated: LMError.Truncated,
  Timeout: LMError.Timeout,
  Transport: LMError.Transport,
  InvalidResponse: LMError.InvalidResponse
}
