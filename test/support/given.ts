/** What plain JavaScript may give in the place of something else, and what is said of it. */
import { Effect, Layer, Redacted, Result, Schema } from "effect"
import { Predict, Signature } from "effect-lm"
import type { Unchecked } from "./unchecked.ts"

export const qa = Predict.make("question -> answer")
export const signature = Signature.make("question -> answer")

/** One value of each kind that is likely to stand where another one is wanted. */
const others: ReadonlyArray<Unchecked> = [
  undefined,
  null,
  "some text",
  3,
  true,
  Symbol("s"),
  3n,
  [3],
  { naem: 1 },
  new Date(0),
  () => 1,
  qa,
  signature,
  Layer.empty,
  Effect.void,
  Promise.resolve(1),
  Schema.String
]

/** Objects that keep their content elsewhere than under names: read as options or headers, they would count as empty ones. */
export const nameless: ReadonlyArray<Unchecked> = [
  new Map([["a", "b"]]),
  new Headers({ a: "b" }),
  new URLSearchParams("a=b"),
  new FormData(),
  new Set(["a"]),
  new URL("http://127.0.0.1"),
  Redacted.make({ a: "b" })
]

/** What the machine says of a value that it cannot use, and nobody who reads it can. */
export const machines = new RegExp(
  "^Cannot |is not (a function|iterable|an object|a constructor|defined)|reading '|^Invalid |^undefined|object null|circular"
)

export const refuse = (f: (...args: ReadonlyArray<Unchecked>) => unknown, args: ReadonlyArray<Unchecked>) => {
  const made = Result.try(() => f(...args))
  return Result.isFailure(made) ? (made.failure as Error).message : undefined
}

/** The arguments with another one in the place of one of them, or of one member of one of them; or without the last ones. */
export const variants = (args: ReadonlyArray<Unchecked>): ReadonlyArray<ReadonlyArray<Unchecked>> =>
  args.flatMap((arg, at) => {
    const keys = Object.getPrototypeOf(Object(arg)) === Object.prototype ? Object.keys(arg) : []
    const other = (value: Unchecked) => [value, ...keys.map((key) => Object.assign({}, arg, { [key]: value }))]
    return [args.slice(0, at), ...[...others, ...nameless].flatMap(other).map((value) => args.with(at, value))]
  })
