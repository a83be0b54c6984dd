/**
 * How long a provider asks to wait: in headers, in members of an error, or in the words of its message.
 */
import * as Duration from "effect/Duration"
import { isRecord } from "./json.ts"

/**
 * In headers: `retry-after-ms`, else `retry-after` in seconds or as a date. `now` is in milliseconds since the epoch. What
 * cannot be read is passed over.
 */
export const fromHeaders = (header: (name: string) => string | null, now: number): Duration.Duration | undefined => {
  const millis = number(header("retry-after-ms"))
  if (millis !== undefined) return duration(millis)
  const text = header("retry-after")
  const seconds = number(text)
  if (seconds !== undefined) return duration(seconds * 1000)
  const date = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(date) ? undefined : duration(date - now)
}

/** As a member of an error: seconds, a text such as `38s`, or an object of seconds. */
export const fromMember = (name: string, value: unknown): Duration.Duration | undefined => {
  if (isRecord(value)) return fromMember("seconds", value["seconds"])
  const count = typeof value === "string" ? number(value) : typeof value === "number" ? value : undefined
  if (count !== undefined) {
    return Number.isFinite(count)
      ? duration(/ms$|millis/i.test(name) ? count : count * 1000)
      : undefined
  }
  return typeof value === "string" ? readAt(value.trim(), 0) : undefined
}

/** In words: `try again in 1m30s`, `Please retry after 5 seconds`, `"retryDelay": "38s"`. */
export const fromText = (text: string): Duration.Duration | undefined => {
  const asked = asks.exec(text)
  return asked === null ? undefined : readAt(text, asked.index + asked[0].length)
}

/** What stands before the time to wait. */
const asks =
  /(?:\b(?:(?:re)?try|resets?)\b[^.;\n]{0,40}?\b(?:in|after)\b\s{0,9}[:=]?|\bavailable(?: again)? (?:in|after)\b|\bretry[-_ ]?(?:after|delay)["']?\s{0,9}[:=]\s{0,9}["']?|\bwait(?: for| at least){0,3})\s{0,9}(?:about |approximately |another |~ ?)?(?=\d)/i

/** The time that is written at this place: numbers with their units, or one number, which is in seconds. */
const readAt = (text: string, start: number): Duration.Duration | undefined => {
  let millis = 0
  let at = start
  for (;;) {
    part.lastIndex = at
    const found = part.exec(text)
    if (found === null) break
    const [whole, count = "", unit] = found
    if (unit === undefined) {
      if (at === start && !/^[\d:/-]/.test(text.slice(at + whole.length))) return duration(Number(count) * 1000)
      break
    }
    millis += Number(count) * unitMillis(unit.toLowerCase())
    at += whole.length
  }
  return at === start ? undefined : duration(millis)
}

const part =
  /(\d+(?:\.\d+)?)(?:\s{0,9}(milliseconds?|millis|ms|minutes?|mins?|m|seconds?|secs?|s|hours?|hrs?|h|days?|d)(?![a-z]))?(?:\s{0,9},?\s{0,9}(?:and\s{1,9})?(?=\d))?/iy

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

const duration = (millis: number): Duration.Duration => Duration.millis(Math.max(0, Math.round(millis)))

const number = (text: string | null): number | undefined => {
  if (text === null || text.trim() === "") return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}
