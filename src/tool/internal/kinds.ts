/**
 * What tools, servers and approvals are made of, each in words for a sentence about another value that was given in its place:
 * no compiler says so in plain JavaScript.
 */
import type * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type { JsonRecord } from "../../text/json/values.ts"
import { fn, type Kind, make, object as record, objectOf, optional, text } from "../../text/kinds.ts"
import * as Numbers from "../../text/numbers.ts"

export { fn, type Kind, make, objectOf, optional, record, text }

/** A list whose members are of the kind; `words` say of what. */
export const listOf = (words: string, member: Kind): Kind => (what, value) => {
  make(`a list of ${words}`, Array.isArray)(what, value)
  for (const [index, one] of (value as ReadonlyArray<unknown>).entries()) member(`number ${index + 1} of ${what}`, one)
}

/** An object whose members are of the kind, under any names; `words` say of what. */
export const recordOf = (words: string, member: Kind): Kind => (what, value) => {
  objectOf(`an object of ${words}`)(what, value)
  for (const [name, one] of Object.entries(value as JsonRecord)) member(`'${name}' in ${what}`, one)
}

export const texts: Kind = listOf("strings", text)

/** Texts by name, some of which are secrets. */
export const secrets: Kind = recordOf(
  "strings",
  make("a string, or Redacted.make of one", (value) => Predicate.isString(value) || Redacted.isRedacted(value))
)

/** Whether a call needs somebody's approval. What a function of it answers is seen when it is asked. */
export const approval: Kind = make(
  "true, false, or a function of the call's parameters, as ({ path }) => path !== \"/tmp\"",
  (value) => Predicate.isBoolean(value) || Predicate.isFunction(value)
)

/** A time limit. */
export const time: Kind = (what, value) => {
  make("a duration, as \"5 seconds\" is one, or a number of milliseconds", (value) => value !== null)(what, value)
  Numbers.time(what, value as Duration.Input) // which says of all others that they are none
}

/** How often something is tried again. */
export const retry: Kind = (what, value) => {
  if (typeof value === "number") Numbers.count(what, value, 0)
  else make("how often to try again, as 2, or a Schedule", Schedule.isSchedule)(what, value)
}

/** How many at the same time. */
export const concurrency: Kind = (what, value) => {
  make("a whole number, 1 or more, or Infinity for no limit", Predicate.isNumber)(what, value)
  Numbers.count(what, value as number)
}
