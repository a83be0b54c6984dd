/**
 * The options that all modules of attempts have.
 */
import * as Kinds from "../../text/kinds.ts"

/** What every module of attempts takes. */
export const attemptOptions = {
  n: Kinds.needed(Kinds.wholeFrom(1)),
  reward: Kinds.needed(Kinds.fn("a function of an input and its prediction, as (_, { answer }) => -answer.length")),
  maxFailures: Kinds.countFrom(0),
  temperature: Kinds.between(0, Infinity)
}
