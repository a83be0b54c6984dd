/**
 * One program, called with many inputs.
 */
import type * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Kinds from "../../text/kinds.ts"
import { given } from "../../text/options.ts"
import type { Module, Signatures } from "../Module.ts"
import * as Parallel from "../Parallel.ts"
import type * as Prediction from "../Prediction.ts"
import type { TooManyFailures } from "../TooManyFailures.ts"
import * as Many from "./many.ts"

/**
 * Calls the program with each of the inputs, several at the same time; see {@link Parallel.all}.
 *
 * @example
 * const { failures, successes } = yield* Module.batch(qa, questions.map((question) => ({ question })), { concurrency: 16 })
 */
export const batch = <I, O, E, R, S extends Signatures>(
  self: Module<I, O, E, R, S>,
  inputs: Iterable<I>,
  options: Parallel.Options = {}
): Effect.Effect<Parallel.Outcome<Prediction.Prediction<O>, E | Cause.TimeoutError>, TooManyFailures, R> => {
  given("Module.batch", batchParameters, [self, inputs])
  return Parallel.all(Array.from(inputs, (input) => self(input)), options)
}

/**
 * The same as a Stream of results in the order of the inputs, which may be a Stream without an end; see {@link Parallel.stream}.
 *
 * @example
 * const results = Module.batchStream(qa, Stream.map(lines, (question) => ({ question })))
 */
export const batchStream = <I, O, E, R, S extends Signatures, E2 = never, R2 = never>(
  self: Module<I, O, E, R, S>,
  inputs: Iterable<I> | Stream.Stream<I, E2, R2>,
  options: Parallel.Options = {}
): Stream.Stream<
  Result.Result<Prediction.Prediction<O>, E | Cause.TimeoutError>,
  TooManyFailures | E2,
  R | R2
> => {
  given("Module.batchStream", batchStreamParameters, [self, inputs])
  const calls = Stream.map(Stream.isStream(inputs) ? inputs : Stream.fromIterable(inputs), (input) => self(input))
  return Parallel.stream(calls, options)
}

// Details

const batchParameters = {
  self: Kinds.program,
  inputs: Kinds.iterable("a list or another iterable of inputs")
}

const batchStreamParameters = {
  self: Kinds.program,
  inputs: Many.iterableOrStream("a list, another iterable or a Stream of inputs")
}
