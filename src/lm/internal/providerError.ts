/**
 * What a provider's error means: from a status, headers and body, or from an error inside a stream, to a reason.
 *
 * Codes and types are looked at first and words second, because compatible servers share the words more than the codes.
 */
import * as Duration from "effect/Duration"
import * as LMError from "../LMError.ts"
import { asString, isRecord } from "./json.ts"

/** A response that is not a success. */
export interface Failure {
  readonly status: number
  /** The body, parsed if it was JSON. */
  readonly payload: unknown
  readonly header: (name: string) => string | null
  /** The time now, in milliseconds since the epoch, for a Retry-After that names a date. */
  readonly now: number
}

/** The reason for a response that is not a success. */
export const fromResponse = (failure: Failure): LMError.Reason =>
  classify(said(failure.payload), failure.status, retryAfter(failure))

/** The reason for an error that came inside a successful response. */
export const fromPayload = (payload: unknown): LMError.Reason => {
  const told = said(payload)
  const status = Number(told.code)
  return classify(told, Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined, undefined)
}

/**
 * How long the provider asks to wait: `retry-after-ms`, else `retry-after` in seconds or as a date. What cannot be read
 * is passed over.
 */
export const retryAfter = (failure: Pick<Failure, "header" | "now">): Duration.Duration | undefined => {
  const millis = number(failure.header("retry-after-ms"))
  if (millis !== undefined) return Duration.millis(Math.max(0, millis))
  const header = failure.header("retry-after")
  const seconds = number(header)
  if (seconds !== undefined) return Duration.millis(Math.max(0, seconds * 1000))
  const date = header === null ? Number.NaN : Date.parse(header)
  return Number.isNaN(date) ? undefined : Duration.millis(Math.max(0, date - failure.now))
}

const number = (text: string | null): number | undefined => {
  if (text === null || text.trim() === "") return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** What an error says of itself, wherever it says it. */
interface Said {
  readonly code: string
  /** Code and type in lower case, for the lists below. */
  readonly kinds: ReadonlyArray<string>
  readonly message: string
}

const said = (payload: unknown): Said => {
  const body: unknown = Array.isArray(payload) ? payload[0] : payload
  const inner = isRecord(body) && isRecord(body["error"]) ? body["error"] : body
  if (!isRecord(inner)) return { code: "", kinds: [], message: text(inner) }
  const code = text(inner["code"])
  const message = text(inner["message"]) || text(inner["error"]) || text(inner["detail"]) || JSON.stringify(inner)
  return { code, kinds: [code, asString(inner["type"])].map((kind) => kind.toLowerCase()), message }
}

const text = (value: unknown): string =>
  typeof value === "string"
    ? value.trim()
    : typeof value === "number"
    ? String(value)
    : value === undefined || value === null
    ? ""
    : JSON.stringify(value)

const classify = (
  told: Said,
  status: number | undefined,
  retryAfter: Duration.Duration | undefined
): LMError.Reason => {
  const is = (...kinds: ReadonlyArray<string>) => kinds.some((kind) => told.kinds.includes(kind))
  const says = (...words: ReadonlyArray<string>) => words.some((word) => lower.includes(word))
  const lower = told.message.toLowerCase()
  const description = (advice?: string) => {
    const what = told.message === "" ? "the provider gave no reason" : told.message
    const where = status === undefined ? what : `${status} ${what}`
    return advice === undefined ? where : `${where}. ${advice}`
  }
  const wait = retryAfter === undefined ? {} : { retryAfter }

  if (status === 402 || is("insufficient_quota", "billing_hard_limit_reached", "insufficient_balance")) {
    return new LMError.QuotaExceeded({
      description: description("Waiting does not help: add credit, or raise the account's limit")
    })
  }
  if (status === 429 || is("rate_limit_exceeded", "rate_limit_error", "too_many_requests")) {
    // A request that is larger than the limit itself never fits.
    if (status !== 413) return new LMError.RateLimited({ description: description(), ...wait })
  }
  if (
    is("context_length_exceeded", "exceed_context_size_error") ||
    ((status === undefined || status < 500) && says(
      "context length",
      "context window",
      "context size",
      "prompt is too long",
      "input is too long",
      "reduce the length of"
    ))
  ) {
    return new LMError.ContextWindowExceeded({
      description: description("Shorten the messages, or use a model with a larger context")
    })
  }
  if (
    is("content_filter", "content_policy_violation", "moderation_blocked", "responsibleaipolicyviolation") ||
    (status === 403 && says("flagged", "moderation"))
  ) {
    return new LMError.ContentFiltered({ description: description() })
  }
  if (says("no models loaded", "no model loaded")) {
    return new LMError.UnsupportedModel({
      description: description("Load a model in the server first (in LM Studio: `lms load`)")
    })
  }
  if (
    is("model_not_found", "invalid_model", "model_not_available", "model_decommissioned") || status === 404 ||
    (status === 400 && says("model") && says("not found", "does not exist", "not exist", "decommissioned"))
  ) {
    return new LMError.UnsupportedModel({ description: description("Check the model's name and the base URL") })
  }
  if (
    status === 401 || status === 403 || is("invalid_api_key", "authentication_error", "permission_denied")
  ) {
    return new LMError.Authentication({ description: description("Check the API key") })
  }
  if (status === 408) return new LMError.Timeout({ description: description() })
  // An error inside a stream without a status comes from a provider that had accepted the request.
  if (status === undefined || status >= 500 || status === 409 || status === 425) {
    if (status === undefined && is("invalid_request_error")) {
      return new LMError.InvalidRequest({ description: description() })
    }
    return new LMError.Server({ description: description(), ...(status === undefined ? {} : { status }), ...wait })
  }
  return new LMError.InvalidRequest({ description: description() })
}
