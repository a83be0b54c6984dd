/**
 * Who watches a predictor call, and what they want to hear.
 */
import * as Effect from "effect/Effect"
import type * as Call from "../../run/Call.ts"
import { type Interest, interested, type Observer } from "../../run/Observer.ts"
import type * as Signature from "../../signature/Signature.ts"

/** The observers of a call, those of them that want its deltas, and which deltas any of these wants. */
export interface Watch {
  readonly observers: ReadonlyArray<Observer>
  readonly watchers: ReadonlyArray<Observer>
  readonly interest: Interest
}

/** Asks the observers what they want of a call of a predictor with this signature. */
export const watching = Effect.fnUntraced(function*(
  observers: ReadonlyArray<Observer>,
  call: Call.Call,
  signature: Signature.Any
): Effect.fn.Return<Watch> {
  const fields = signature.outputFields.map(({ name }) => name)
  const watchers: Array<Observer> = []
  const interests: Array<Interest> = []
  for (const observer of observers) {
    const interest = yield* interested(observer, call, fields)
    if (interest !== undefined) {
      watchers.push(observer)
      interests.push(interest)
    }
  }
  if (interests.every(({ ifStreamed }) => ifStreamed === true)) return { ...unwatched, observers }
  return {
    observers,
    watchers,
    interest: interests.length === 1 ? interests[0]! : {
      text: (field) => interests.some((interest) => interest.text(field)),
      partial: (field) => interests.some((interest) => interest.partial(field)),
      toolCalls: interests.some((interest) => interest.toolCalls)
    }
  }
})

/** Nobody watches. */
export const unwatched: Watch = {
  observers: [],
  watchers: [],
  interest: { text: () => false, partial: () => false, toolCalls: false }
}
