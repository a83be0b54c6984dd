/**
 * Many calls at the same time: results in the order of the calls, failures beside answers, and what all of it used.
 *
 * @example
 * const { results, usage } = yield* Parallel.all(questions.map((question) => qa({ question })), { concurrency: 16 })
 */
import type * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Usage from "../lm/Usage.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown, optionsOf } from "../text/options.ts"
import * as Many from "./internal/many.ts"
import { type TooManyFailures } from "./TooManyFailures.ts"

// Models

/** Options of {@link all} and {@link stream}. */
export interface Options {
  /** How many run at the same time; 8 by default. */
  readonly concurrency?: number | "unbounded" | undefined
  /** How many may fail: with one more, the others are interrupted and the whole fails. All may by default. */
  readonly maxFailures?: number | undefined
  /** How long one call may take, a second try included: it fails with a `TimeoutError` after that. No limit by default. */
  readonly timeout?: Duration.Input | undefined
  /** A second try for calls that take much longer than the others; none by default. */
  readonly stragglers?: Stragglers | undefined
  /** How far ahead of the oldest call without a result others may begin; 1,000 by default. Bounds what {@link stream} keeps. */
  readonly ahead?: number | undefined
}

/**
 * When a call is begun a second time: once it has taken longer than `after`, and no more than `last` calls have no result yet (3 by
 * default). The first answer of the two wins, the other one is interrupted; what both used is counted, and what the other one
 * showed in a stream is `Retracted`.
 */
export interface Stragglers {
  readonly after: Duration.Input
  readonly last?: number | undefined
}

/** What came of many calls. */
export interface Outcome<out A, out E> {
  /** In the order of the calls. */
  readonly results: ReadonlyArray<Result.Result<A, E>>
  /** The answers alone, in their order. */
  readonly successes: ReadonlyArray<A>
  /** What failed, by the place of its call in the list. */
  readonly failures: ReadonlyArray<Failure<E>>
  /** What all calls have used, those that failed too. */
  readonly usage: Usage.Usage
}

/** A call that failed, by its place in the list, from 0. */
export interface Failure<out E> {
  readonly index: number
  readonly error: E
}

/** How far many calls are. */
export const Progress = Schema.Struct({
  /** How many have a result. */
  done: Schema.Finite,
  /** How many of these failed. */
  failed: Schema.Finite,
  /** How many there are; missing while nobody knows, as in a stream that goes on. */
  total: Schema.optionalKey(Schema.Finite),
  /** What all have used so far. */
  usage: Usage.Usage
})
export type Progress = typeof Progress.Type

/** What is emitted after each result in a stream of the program that runs the calls. */
export interface Progressed {
  readonly _tag: "Emitted"
  readonly name: typeof progressName
  readonly value: Progress
  /** Which module runs the calls. */
  readonly path: string
  /** The calls as a group, by its place in the run. */
  readonly callId: string
}

const progressName = "effect-lm/Parallel/progress"

// Guards

/**
 * Whether an event of a program's stream says how far many calls are.
 *
 * @example
 * Stream.filter(events, Parallel.isProgress) // { value: { done: 3, failed: 0, total: 10, usage } } ...
 */
export const isProgress = (event: unknown): event is Progressed =>
  Predicate.isTagged(event, "Emitted") && "name" in event && event.name === progressName

// Running

/**
 * Runs all calls, and waits for all of them. It fails only where more than `maxFailures` have failed; a defect of one is a defect of
 * the whole. Inside of a module the calls are part of it; outside, they are one run.
 *
 * @example
 * const { failures, successes } = yield* Parallel.all(
 *   questions.map((question) => qa({ question })),
 *   { concurrency: 16, maxFailures: 10, stragglers: { after: "30 seconds" } }
 * )
 */
export const all = <A, E, R>(
  calls: Iterable<Effect.Effect<A, E, R>>,
  options: Options = {}
): Effect.Effect<Outcome<A, E | Cause.TimeoutError>, TooManyFailures, R> => {
  given("Parallel.all", forAll, [calls])
  const limits = { ...limitsOf("Parallel.all", options), ahead: Infinity }
  return Many.grouped((call) =>
    Effect.map(
      Stream.runCollect(Many.run(Array.from(calls), limits, call, progress)),
      (results): Outcome<A, E | Cause.TimeoutError> => ({
        results,
        successes: results.flatMap((result) => Result.isSuccess(result) ? [result.success] : []),
        failures: results.flatMap((result, index) =>
          Result.isFailure(result) ? [{ index, error: result.failure }] : []
        ),
        usage: call.usage()
      })
    )
  )
}

/**
 * The same as a Stream: each result as soon as it and all before it are there. Calls are begun as they are needed, also those of a
 * stream without an end; a slow consumer slows them down. What is left is interrupted with the stream.
 *
 * @example
 * Parallel.stream(Stream.map(lines, (question) => qa({ question })), { concurrency: 16 }).pipe(
 *   Stream.runForEach(Result.match({ onFailure: Console.error, onSuccess: ({ answer }) => Console.log(answer) }))
 * )
 */
export const stream = <A, E, R, E2 = never, R2 = never>(
  calls: Iterable<Effect.Effect<A, E, R>> | Stream.Stream<Effect.Effect<A, E, R>, E2, R2>,
  options: Options = {}
): Stream.Stream<Result.Result<A, E | Cause.TimeoutError>, TooManyFailures | E2, R | R2> => {
  given("Parallel.stream", forStream, [calls])
  const limits = limitsOf("Parallel.stream", options)
  return Stream.unwrap(Many.grouped((call) => Effect.succeed(Many.run(calls, limits, call, progress))))
}

// Details

const progress = { name: progressName, schema: Progress }

const limitsOf = (what: string, options: Options): Many.Limits => {
  const { ahead = 1000, concurrency = 8, maxFailures = Infinity, stragglers, timeout } = onlyKnown(
    what,
    options,
    optionNames
  )
  return { ahead, concurrency, maxFailures, timeout, stragglers }
}

const forAll = {
  calls: Kinds.iterable("a list or another iterable of calls, as questions.map((question) => qa({ question })) is one")
}

const forStream = {
  calls: Many.iterableOrStream(
    "a list, another iterable or a Stream of calls, as questions.map((question) => qa({ question })) is one"
  )
}

const stragglerNames: Names<Stragglers> = { after: Kinds.needed(Kinds.time), last: Kinds.countFrom(1) }

const optionNames: Names<Options> = {
  concurrency: Kinds.concurrency,
  maxFailures: Kinds.or(Kinds.countFrom(0), Infinity),
  timeout: Kinds.time,
  stragglers: optionsOf(stragglerNames),
  ahead: Kinds.countFrom(1)
}
