/**
 * Numbers that a program gives: how many, how long. What cannot be meant is refused where it is given, in a sentence that
 * names it; `NaN` would otherwise be taken for nothing, or for no limit at all.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** How many: whole, and `least` or more. `Infinity` is without limit. Others throw a `TypeError`. */
export const count = (what: string, value: number, least = 1): number => {
  if (value >= least && (Number.isSafeInteger(value) || value === Infinity)) return value
  throw new TypeError(`${what} is ${value}: it is a whole number, ${least} or more, or Infinity for no limit`)
}

/** A whole number, `least` or more. Others throw a `TypeError`. */
export const whole = (what: string, value: number, least = -Number.MAX_SAFE_INTEGER): number => {
  if (Number.isSafeInteger(value) && value >= least) return value
  const range = least === -Number.MAX_SAFE_INTEGER ? "" : `, ${least} or more`
  throw new TypeError(`${what} is ${value}: it is a whole number${range}`)
}

/** A number between two others. Others throw a `TypeError`. */
export const within = (what: string, value: number, least: number, most: number): number => {
  if (value >= least && value <= most && Number.isFinite(value)) return value
  const range = most === Infinity ? `${least} or more` : `from ${least} to ${most}`
  throw new TypeError(`${what} is ${value}: it is a number ${range}`)
}

/** How long: more than nothing. `Infinity` is without limit. Others throw a `TypeError`. */
export const time = (what: string, input: Duration.Input): Duration.Duration => {
  const duration = wait(what, input)
  if (Duration.isPositive(duration)) return duration
  throw new TypeError(`${what} is 0: nothing would ever be in time. Infinity is no limit`)
}

/** How long to wait: nothing, or more. Others throw a `TypeError`. */
export const wait = (what: string, input: Duration.Input): Duration.Duration => {
  const duration = isNaN(input) ? undefined : Duration.fromInput(input)
  if (duration !== undefined && Option.isSome(duration) && !Duration.isNegative(duration.value)) return duration.value
  throw new TypeError(`${what} is ${show(input)}: it is a duration, as "5 seconds" is one, or a number of milliseconds`)
}

// Details

/** Whether a number in a duration is none: it would be taken for 0. */
const isNaN = (input: Duration.Input): boolean =>
  typeof input === "number"
    ? Number.isNaN(input)
    : typeof input === "object" && !Duration.isDuration(input) && Object.values(input).some(Number.isNaN)

const show = (input: unknown): string => typeof input === "object" ? JSON.stringify(input) : String(input)
