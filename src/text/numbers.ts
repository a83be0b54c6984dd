/**
 * Numbers that a program gives: how many, how long. What cannot be meant is refused where it is given, in a sentence that
 * names it; `NaN` would otherwise be taken for nothing, or for no limit at all.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { kindOf, shown } from "./kind.ts"

/** How many: whole, and `least` or more. `Infinity` is without limit. Others throw a `TypeError`. */
export const count = (what: string, value: unknown, least = 1): number => {
  if (isNumber(value) && value >= least && (Number.isSafeInteger(value) || value === Infinity)) return value
  throw new TypeError(`${what} is ${shown(value)}: it is a whole number, ${least} or more, or Infinity for no limit`)
}

/** A whole number, `least` or more. Others throw a `TypeError`. */
export const whole = (what: string, value: unknown, least = -Number.MAX_SAFE_INTEGER): number => {
  if (isNumber(value) && value >= least && Number.isSafeInteger(value)) return value
  const range = least === -Number.MAX_SAFE_INTEGER ? "" : `, ${least} or more`
  throw new TypeError(`${what} is ${shown(value)}: it is a whole number${range}`)
}

/** A number between two others. Others throw a `TypeError`. */
export const within = (what: string, value: unknown, least: number, most: number): number => {
  if (isNumber(value) && value >= least && value <= most && Number.isFinite(value)) return value
  const range = most === Infinity ? `${least} or more` : `from ${least} to ${most}`
  throw new TypeError(`${what} is ${shown(value)}: it is a number ${range}`)
}

/** How long: more than nothing. `Infinity` is without limit. Others throw a `TypeError`. */
export const time = (what: string, input: unknown): Duration.Duration => {
  const duration = wait(what, input)
  if (Duration.isPositive(duration)) return duration
  throw new TypeError(`${what} is 0: nothing would ever be in time. Infinity is no limit`)
}

/** How long to wait: nothing, or more. Others throw a `TypeError`. */
export const wait = (what: string, input: unknown): Duration.Duration => {
  const duration = isNone(input) ? undefined : Duration.fromInput(input as Duration.Input) // nothing comes of others
  if (duration !== undefined && Option.isSome(duration) && !Duration.isNegative(duration.value)) return duration.value
  const given = Array.isArray(input) || kindOf(input) === "an object" ? JSON.stringify(input) : shown(input)
  throw new TypeError(`${what} is ${given}: it is a duration, as "5 seconds" is one, or a number of milliseconds`)
}

// Details

const isNumber = (value: unknown): value is number => typeof value === "number"

/** Whether a duration has a number that is `NaN`, or a unit that is unknown. Effect would take it for 0. */
const isNone = (input: unknown): boolean =>
  typeof input !== "object" || input === null || Duration.isDuration(input)
    ? Number.isNaN(input)
    : Object.values(input).some((part) => part !== undefined && (typeof part !== "number" || Number.isNaN(part))) ||
      !(Array.isArray(input) || (isNonEmpty(Object.keys(input)) && Object.keys(input).every((unit) => units.has(unit))))

const isNonEmpty = (all: ReadonlyArray<unknown>): boolean => all.length > 0

const units = new Set(["weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"])
