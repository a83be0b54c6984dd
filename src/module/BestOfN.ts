/**
 * A module around any other that makes several attempts and answers the best of them.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import { attemptOptions } from "./internal/attemptOptions.ts"
import { Choice, type Reward, scored, settingsOf } from "./internal/choosing.ts"
import * as Module from "./Module.ts"
import type * as Prediction from "./Prediction.ts"

// Models

export type { Reward } from "./internal/choosing.ts"

/** Options of {@link make}. */
export interface Options<in I, in O, out E, out R> {
  /** How many attempts are made at most. */
  readonly n: number
  /**
   * How good an answer is: more is better. A number, or an Effect of one, which may ask a language model. An attempt whose reward
   * fails has failed.
   */
  readonly reward: Reward<I, O, E, R>
  /** The reward from which on an answer is good enough: no other attempt is made. None by default. */
  readonly threshold?: number | undefined
  /** How many attempts may fail. One failure more is the module's error. All but one may by default. */
  readonly maxFailures?: number | undefined
  /** How many attempts run at the same time; 1 by default. One that reaches the threshold interrupts the others. */
  readonly concurrency?: number | "unbounded" | undefined
  /** The temperature of all attempts; 1 by default. A predictor of a composed module keeps a temperature of its own. */
  readonly temperature?: number | undefined
}

// Constructors

/**
 * Makes up to `n` attempts, each with a rollout id of its own, and answers the first one whose reward reaches the threshold, or
 * else the best. A stream shows all attempts, and takes back (`Retracted`) what is not chosen; what all have used is counted.
 * Where no attempt succeeds, the module fails with the error of the last one.
 *
 * After DSPy's `BestOfN`.
 *
 * @example
 * const short = BestOfN.make(qa, { n: 3, reward: (_, { answer }) => -answer.length, threshold: -10 })
 */
export const make = <I extends object, O, E, R, S extends Module.Signatures, E2 = never, R2 = never>(
  self: Module.Module<I, O, E, R, S>,
  options: Options<I, O, E2, R2>
): Module.Module<I, O, E | E2, R | R2, S> => {
  given("BestOfN.make", { self: Kinds.program }, [self])
  const { concurrency = 1, maxFailures = Infinity, n, reward, temperature = 1, threshold = Infinity } = onlyKnown(
    "BestOfN.make",
    options,
    optionNames
  )
  return Module.wrap(self, "BestOfN", (inner) => (input: I, { config }) =>
    Effect.suspend(() => {
      const choice = new Choice<Prediction.Prediction<O>, E | E2>(maxFailures)
      const isGoodEnough = Latch.makeUnsafe(false)
      const one = (index: number) =>
        scored(index, input, inner(input, { config: settingsOf(index, n, temperature, config) }), reward).pipe(
          Effect.matchEffect({
            onFailure: (error) => choice.failed(error),
            onSuccess: (attempt) =>
              Effect.map(choice.take(attempt), () => {
                if (attempt.reward >= threshold) isGoodEnough.openUnsafe()
              })
          })
        )
      const unlessGoodEnough = (index: number) => Effect.suspend(() => isGoodEnough.isOpen() ? Effect.void : one(index))
      const all = Effect.forEach(Array.from({ length: n }, (_, index) => index), unlessGoodEnough, {
        concurrency,
        discard: true
      })
      return Effect.andThen(Effect.raceFirst(all, isGoodEnough.await), Effect.suspend(() => choice.chosen))
    }))
}

// Details

const optionNames: Names<Options<never, never, unknown, unknown>> = {
  ...attemptOptions,
  threshold: Kinds.number,
  concurrency: Kinds.concurrency
}
