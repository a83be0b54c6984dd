/**
 * What a composed module may answer, and the prediction that it becomes.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Call from "../../run/Call.ts"
import * as Prediction from "../Prediction.ts"

// Models

/** A sentence that the compiler shows at the module. */
export interface ModuleError<Message extends string> {
  readonly moduleError: Message
}

/** What an answer of type `A` has to be beside `A`: nothing, or what is wrong with it. */
export type Answer<A> = 0 extends 1 & A ? unknown
  : [Problem<A>] extends [never] ? unknown
  : ModuleError<`a module answers a record of fields, not ${Problem<A>}`>

type Problem<A> = A extends { readonly [Prediction.TypeId]: unknown } ? never
  : A extends ReadonlyArray<unknown> ? "an array: give it a name, as in { items }"
  : A extends (...args: never) => unknown ? "a function"
  : A extends { readonly _tag: unknown }
    ? "a value with a _tag of its own (a prediction has one): give the value a name, as in { result }"
  : never

// Constructors

/** What the module's function gave, which is an Effect; what plain JavaScript gives instead is a defect that says so. */
export const checkedEffect = <A, E, R>(given: Effect.Effect<A, E, R>, call: Call.Call): Effect.Effect<A, E, R> => {
  if (Effect.isEffect(given)) return given
  const advice = Predicate.isPromiseLike(given)
    ? "make one of it with Effect.promise"
    : Predicate.isIterable(given)
    ? "make one of a generator function with Effect.fnUntraced"
    : "make one of a value with Effect.succeed"
  return Effect.die(
    new TypeError(`${call.name} (${call.path}): its function gave ${nameOf(given)} and not an Effect: ${advice}`)
  )
}

/** An answer as a prediction, with what its call used. One that is no record, which types may not see, is a defect. */
export const conclude = (answer: unknown, call: Call.Call): Effect.Effect<Prediction.Prediction<object>> => {
  if (Prediction.isPrediction(answer)) {
    const { [Prediction.TypeId]: details } = answer
    return Effect.succeed(Prediction.make(Prediction.fields(answer), { ...details, usage: call.usage() }))
  }
  return isRecord(answer)
    ? Effect.succeed(Prediction.make(answer, { usage: call.usage() }))
    : Effect.die(
      new TypeError(`${call.name} (${call.path}) answered ${nameOf(answer)}: a module answers a record of fields`)
    )
}

// Details

const kindOf = (u: unknown): string => Object.prototype.toString.call(u).slice(8, -1)

const isRecord = (u: unknown): u is object =>
  typeof u === "object" && u !== null && kindOf(u) === "Object" && !Predicate.hasProperty(u, "_tag")

const nameOf = (u: unknown): string =>
  Predicate.hasProperty(u, "_tag") ? `a value with the _tag '${String(u._tag)}'` : `a value of the kind ${kindOf(u)}`
