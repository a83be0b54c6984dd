/**
 * Several attempts at one thing, of which the best is used.
 */
import * as Effect from "effect/Effect"
import type { GenerationConfig } from "../../lm/LMRequest.ts"
import { shown } from "../../text/kind.ts"
import type * as Prediction from "../Prediction.ts"
import { type Attempt, attempt } from "./attempt.ts"

/** How good an answer is: more is better. */
export type Reward<in I, in O, out E, out R> = (
  input: I,
  prediction: Prediction.Prediction<O>
) => number | Effect.Effect<number, E, R>

/** An attempt that has succeeded, and what it is worth. */
export interface Scored<out A> {
  readonly index: number
  readonly attempt: Attempt<A>
  readonly reward: number
}

/**
 * The settings of attempt number `index`, from 0, of `n`: another rollout id for each, also where attempts are made of attempts, so
 * that no cache takes one for another.
 */
export const settingsOf = (
  index: number,
  n: number,
  temperature: number,
  around?: GenerationConfig
): GenerationConfig => ({
  temperature,
  rolloutId: (around?.rolloutId ?? 0) * n + index + 1
})

/** Runs an attempt and tells what it is worth. One whose reward cannot be told is discarded. */
export const scored = <I, O, E, R, E2, R2>(
  index: number,
  input: I,
  call: Effect.Effect<Prediction.Prediction<O>, E, R>,
  reward: Reward<I, O, E2, R2>
): Effect.Effect<Scored<Prediction.Prediction<O>>, E | E2, R | R2> =>
  Effect.flatMap(attempt(call), (attempt) =>
    Effect.suspend(() => {
      const given = reward(input, attempt.value)
      return Effect.isEffect(given) ? given : Effect.succeed(given)
    }).pipe(
      Effect.map((reward) => ({ index, attempt, reward: checked(reward) })),
      Effect.onError(() => attempt.discard("its reward could not be told"))
    ))

/** What has come of attempts at one thing: the best so far, or the error of the last one. */
export class Choice<A, E> {
  readonly #maxFailures: number
  #failures = 0
  #error: E | undefined
  best: Scored<A> | undefined

  constructor(maxFailures: number) {
    this.#maxFailures = maxFailures
  }

  /** Takes the better one of this and of the best so far; of equals the one that was begun first. The other one is discarded. */
  take(other: Scored<A>): Effect.Effect<void> {
    const { best } = this
    if (best === undefined) {
      this.best = other
      return Effect.void
    }
    const isBetter = other.reward > best.reward || (other.reward === best.reward && other.index < best.index)
    const [chosen, left] = isBetter ? [other, best] : [best, other]
    this.best = chosen
    return left.attempt.discard(`its reward is ${left.reward}, and another attempt's ${chosen.reward}`)
  }

  /** Takes note of a failure, and fails where that is one too many. */
  failed(error: E): Effect.Effect<void, E> {
    this.#error = error
    return ++this.#failures > this.#maxFailures ? Effect.fail(error) : Effect.void
  }

  /** The best attempt's answer; where none has succeeded, the error of the last one. */
  get chosen(): Effect.Effect<A, E> {
    return this.best === undefined ? Effect.fail(this.#error as E) : Effect.succeed(this.best.attempt.value) // one of both is there
  }
}

// Details

const checked = (reward: unknown): number => {
  if (typeof reward === "number" && !Number.isNaN(reward)) return reward
  throw new TypeError(`the reward of an attempt is ${shown(reward)}: it is a number, and more is better`)
}
