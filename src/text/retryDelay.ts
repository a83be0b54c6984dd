/**
 * How long a provider asks to wait: in headers, in members of an error, or in the words of its message.
 *
 * What cannot be read, or lies in the past, is passed over. No wait is read shorter than it was said.
 */
import * as Duration from "effect/Duration"
import { isRecord } from "./json/values.ts"

/** Reads a header by its name in lower case. */
export type Header = (name: string) => string | null | undefined

/** In headers: `retry-after-ms`, else `retry-after`. `now` is in milliseconds since the epoch. */
export const fromHeaders = (header: Header, now: number): Duration.Duration | undefined => {
  const millis = number(header("retry-after-ms"))
  return millis === undefined ? until(header("retry-after"), now) : duration(millis)
}

/**
 * In headers that say when each limit begins anew, as OpenAI, OpenRouter, Anthropic and Cerebras send them: the last of those
 * of which nothing is left. They do not say that there is anything to wait for: that has to be known.
 */
export const fromLimits = (header: Header, now: number): Duration.Duration | undefined => {
  const waits = left(header, now).flatMap(({ left, reset }) => left === 0 ? reset : [])
  return waits.length === 0 ? undefined : waits.reduce(Duration.max)
}

/** What headers say is left of a limit, until it begins anew. */
export interface Left {
  readonly of: "requests" | "tokens"
  readonly left: number
  readonly reset: Duration.Duration
}

/** What headers say is left of each limit. */
export const left = (header: Header, now: number): ReadonlyArray<Left> =>
  limits.flatMap(([remaining, reset]) => {
    const left = number(header(remaining))
    const wait = left === undefined ? undefined : until(header(reset), now)
    if (left === undefined || wait === undefined) return []
    return [{ of: remaining.includes("tokens") ? "tokens" : "requests", left: Math.max(0, left), reset: wait }]
  })

const limits: ReadonlyArray<readonly [remaining: string, reset: string]> = [
  ...["", "-requests", "-tokens", "-requests-minute", "-requests-day", "-tokens-minute", "-tokens-day"]
    .map((what) => [`x-ratelimit-remaining${what}`, `x-ratelimit-reset${what}`] as const),
  ...["requests", "tokens", "input-tokens", "output-tokens"]
    .map((what) => [`anthropic-ratelimit-${what}-remaining`, `anthropic-ratelimit-${what}-reset`] as const),
  ["ratelimit-remaining", "ratelimit-reset"]
]

/** As a member of an error: seconds, a text such as `38s`, or an object of seconds. */
export const fromMember = (name: string, value: unknown): Duration.Duration | undefined => {
  if (isRecord(value)) {
    const seconds = Number(value["seconds"] ?? Number.NaN) + Number(value["nanos"] ?? 0) / 1e9
    return fromMember("seconds", seconds)
  }
  const count = typeof value === "string" ? number(value) : typeof value === "number" ? value : undefined
  if (count !== undefined) return duration(/ms$|millis/i.test(name) ? count : count * 1000)
  return typeof value === "string" ? readAt(value.trim(), 0) : undefined
}

/** In words: `try again in 1m30s`, `Please retry after 5 seconds`, `"retryDelay": "38s"`. */
export const fromText = (text: string): Duration.Duration | undefined => {
  const asked = asks.exec(text)
  if (asked !== null) return readAt(text, asked.index + asked[0].length)
  const [, count, unit] = /(\d{1,9}) ?(秒|分钟|小时)(?:之?后|内)/.exec(text) ?? []
  return count === undefined
    ? undefined
    : duration(Number(count) * (unit === "秒" ? 1e3 : unit === "分钟" ? 6e4 : 36e5))
}

/** What stands before the time to wait, and before the longer one of two. */
const asks =
  /(?:\b(?:(?:re)?try|resets?)\b[^.;\n]{0,40}?\b(?:in|after)\b\s{0,9}[:=]?|\bavailable(?: again)? (?:in|after)\b|\bretry[-_ ]?(?:after|delay)["']?\s{0,9}[:=]\s{0,9}["']?|\bwait(?: for| at least){0,3})\s{0,9}(?:about |approximately |another |~ ?)?(?:\d{1,9}\s?(?:-|–|to)\s?)?(?=\d|an? (?:second|minute|hour|day))/i

/** The time that is written at this place: numbers with their units, or one number, which is in seconds. */
const readAt = (text: string, start: number): Duration.Duration | undefined => {
  let millis = 0
  let at = start
  for (;;) {
    part.lastIndex = at
    const found = part.exec(text)
    if (found === null) break
    const [whole, written = "", unit] = found
    const count = /^a/i.test(written) ? 1 : Number(written.replaceAll(",", ""))
    if (unit === undefined) {
      if (at === start && !/^[\d:/-]/.test(text.slice(at + whole.length, at + whole.length + 1))) {
        return duration(count * 1000)
      }
      break
    }
    millis += count * unitMillis(unit.toLowerCase())
    at += whole.length
  }
  return at === start ? undefined : duration(millis)
}

const part =
  /(\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?|an?(?= (?:second|minute|hour|day)))(?:\s{0,9}(milliseconds?|millis|ms|minutes?|mins?|m|seconds?|secs?|s|hours?|hrs?|h|days?|d)(?![a-z]))?(?:\s{0,9},?\s{0,9}(?:and\s{1,9})?(?=\d))?/iy

const unitMillis = (unit: string): number =>
  unit.startsWith("mi") && !unit.startsWith("min") || unit === "ms"
    ? 1
    : unit.startsWith("s")
    ? 1000
    : unit.startsWith("m")
    ? 60_000
    : unit.startsWith("h")
    ? 3_600_000
    : 86_400_000

/** Seconds, a time with its units, a date, or a moment in seconds or milliseconds since the epoch. */
const until = (text: string | null | undefined, now: number): Duration.Duration | undefined => {
  if (text === null || text === undefined) return undefined
  // A header that came twice is one with a comma.
  const counts = text.split(",").map(number)
  const count = counts.includes(undefined) ? undefined : Math.max(...counts.map(Number))
  if (count !== undefined) {
    if (count < 1e9) return duration(count * 1000)
    return duration((count < 1e11 ? count * 1000 : count) - now)
  }
  if (/^(?:\d+(?:\.\d+)?\s?[a-z]{1,2}\s?)+$/i.test(text.trim())) return readAt(text.trim(), 0)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : duration(Math.max(0, date - now))
}

/**
 * A time in milliseconds, rounded up. Undefined where it is less than nothing. A fraction of a microsecond comes from
 * counting in seconds, and is dropped.
 */
const duration = (millis: number): Duration.Duration | undefined =>
  millis >= 0 ? Duration.millis(Math.min(Math.ceil(millis - 1e-3), Number.MAX_SAFE_INTEGER) || 0) : undefined

const number = (text: string | null | undefined): number | undefined =>
  text !== null && text !== undefined && /^\s*[+-]?\d+(?:\.\d+)?(?:e\d{1,3})?\s*$/i.test(text)
    ? Number(text)
    : undefined
