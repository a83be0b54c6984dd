/**
 * Many calls at once: how many run, how far ahead they get, which are tried again, and in which order their results come.
 */
import type * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type * as Usage from "../../lm/Usage.ts"
import * as Call from "../../run/Call.ts"
import { notify, Observers } from "../../run/Observer.ts"
import * as Kinds from "../../text/kinds.ts"
import { TooManyFailures } from "../TooManyFailures.ts"
import { attempt } from "./attempt.ts"

/** The options of `Parallel`, with their defaults. */
export interface Limits {
  readonly concurrency: number | "unbounded"
  readonly maxFailures: number
  readonly ahead: number
  readonly timeout: Duration.Input | undefined
  readonly stragglers: { readonly after: Duration.Input; readonly last?: number | undefined } | undefined
}

/** How far the calls are, as it is emitted. */
interface Progress {
  readonly done: number
  readonly failed: number
  readonly total?: number
  readonly usage: Usage.Usage
}

/** The channel of {@link Progress}. */
export interface Channel {
  readonly name: string
  readonly schema: Schema.Codec<Progress, unknown>
}

/** Several values, or a Stream of them; `words` say of what. */
export const iterableOrStream = (words: string): Kinds.Kind => {
  const iterable = Kinds.iterable(words)
  return (what, value) => Stream.isStream(value) ? undefined : iterable(what, value)
}

/** Runs an effect with a call that many others are part of. */
export const grouped = <A, E, R>(f: (call: Call.Call) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => f(Call.group(fiber.getRef(Call.CurrentCall), "Parallel")))

/** The results of the calls, in their order. */
export const run = <A, E, R, E2 = never, R2 = never>(
  calls: Iterable<Effect.Effect<A, E, R>> | Stream.Stream<Effect.Effect<A, E, R>, E2, R2>,
  limits: Limits,
  call: Call.Call,
  channel: Channel
): Stream.Stream<Result.Result<A, E | Cause.TimeoutError>, TooManyFailures | E2, R | R2> =>
  Stream.suspend(() => {
    const crowd = new Crowd(limits, totalOf(calls), call, channel)
    const source: Stream.Stream<Effect.Effect<A, E, R>, E2, R2> = Stream.isStream(calls)
      ? calls
      : Stream.fromIterable(calls)
    return source.pipe(
      Stream.onEnd(Effect.sync(() => crowd.allHaveCome())),
      Stream.mapEffect(
        (self, index) => Effect.map(crowd.run(self, index), (result) => [index, result] as const),
        { concurrency: limits.concurrency, unordered: true }
      ),
      Stream.mapAccumArrayEffect(() => new InOrder<Result.Result<A, E | Cause.TimeoutError>>(), (order, arrived) => {
        const next = order.add(arrived)
        return Effect.as(crowd.given(next.length), [order, next] as const)
      }),
      Stream.onExit((exit) => call.parent === undefined ? call.run.release(exit) : Effect.void)
    )
  })

// Details

const totalOf = (calls: object): number | undefined =>
  Array.isArray(calls) ? calls.length : calls instanceof Set || calls instanceof Map ? calls.size : undefined

/** Results in the order of their calls: one that came early is kept until those before it are there. */
class InOrder<A> {
  readonly #early = new Map<number, A>()
  #next = 0

  add(arrived: ReadonlyArray<readonly [index: number, result: A]>): ReadonlyArray<A> {
    for (const [index, result] of arrived) this.#early.set(index, result)
    const out: Array<A> = []
    while (this.#early.has(this.#next)) {
      out.push(this.#early.get(this.#next)!)
      this.#early.delete(this.#next++)
    }
    return out
  }
}

/** The calls that are under way, and what is known of those that are over. */
class Crowd {
  readonly #limits: Limits
  readonly #total: number | undefined
  readonly #call: Call.Call
  readonly #channel: Channel
  /** The failures that an error may have to tell. Where all calls may fail, none are kept. */
  readonly #failures: Array<{ readonly index: number; readonly error: unknown }> = []
  #failed = 0
  readonly #places: Semaphore.Semaphore | undefined
  /** Open once so few calls are left that they may be begun a second time. */
  readonly #few = Latch.makeUnsafe(false)
  #begun = 0
  #done = 0
  #haveAllCome = false

  constructor(limits: Limits, total: number | undefined, call: Call.Call, channel: Channel) {
    this.#limits = limits
    this.#total = total
    this.#call = call
    this.#channel = channel
    this.#places = limits.ahead === Infinity ? undefined : Semaphore.makeUnsafe(limits.ahead)
  }

  /** Runs one of the calls, once it is not too far ahead of the others. */
  run<A, E, R>(self: Effect.Effect<A, E, R>, index: number): Effect.Effect<
    Result.Result<A, E | Cause.TimeoutError>,
    TooManyFailures,
    R
  > {
    const begin = Effect.suspend(() => {
      this.#begun++
      return this.#limited(self)
    })
    return (this.#places === undefined ? begin : Effect.andThen(this.#places.take(1), begin)).pipe(
      Effect.provideService(Call.CurrentCall, this.#call),
      Effect.result,
      Effect.tap((result) => this.#over(result, index))
    )
  }

  /** Takes note that so many more results were given, in their order: as many other calls may begin. */
  given(count: number): Effect.Effect<unknown> {
    return this.#places === undefined ? Effect.void : this.#places.release(count)
  }

  allHaveCome(): void {
    this.#haveAllCome = true
    this.#openIfFew()
  }

  #limited<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | Cause.TimeoutError, R> {
    const { stragglers, timeout } = this.#limits
    const tried = stragglers === undefined
      ? self
      : twice(self, Effect.andThen(Effect.sleep(stragglers.after), this.#few.await))
    return timeout === undefined ? tried : Effect.timeout(tried, timeout)
  }

  #over(result: Result.Result<unknown, unknown>, index: number): Effect.Effect<void, TooManyFailures> {
    this.#done++
    this.#openIfFew()
    const { maxFailures } = this.#limits
    if (Result.isFailure(result)) {
      this.#failed++
      if (maxFailures !== Infinity) this.#failures.push({ index, error: result.failure })
    }
    return Effect.andThen(
      this.#tell(),
      Effect.suspend(() =>
        this.#failed > maxFailures
          ? Effect.fail(new TooManyFailures({ maxFailures, failures: [...this.#failures] }))
          : Effect.void
      )
    )
  }

  #openIfFew(): void {
    if (this.#haveAllCome && this.#begun - this.#done <= (this.#limits.stragglers?.last ?? 3)) this.#few.openUnsafe()
  }

  #tell(): Effect.Effect<void> {
    return Effect.withFiber((fiber) => {
      const observers = fiber.getRef(Observers)
      if (observers.length === 0) return Effect.void
      const total = this.#total ?? (this.#haveAllCome ? this.#begun : undefined)
      const value: Progress = {
        done: this.#done,
        failed: this.#failed,
        ...(total === undefined ? {} : { total }),
        usage: this.#call.usage()
      }
      const sequence = this.#call.run.nextSequence()
      return notify(observers, [{ _tag: "Emission", sequence, call: this.#call, channel: this.#channel, value }])
    })
  }
}

/** Runs an effect, and once more where it has no result after the wait: the first answer wins. */
const twice = <A, E, R>(self: Effect.Effect<A, E, R>, wait: Effect.Effect<void>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let running = 1
    /** An answer counts at once. A failure counts only where the other try is not under way. */
    const answerOf = (run: Effect.Effect<A, E, R>): Effect.Effect<Exit.Exit<A, E>, never, R> =>
      Effect.flatMap(
        Effect.exit(Effect.map(attempt(run), ({ value }) => value)),
        (exit) => Exit.isSuccess(exit) || --running === 0 ? Effect.succeed(exit) : Effect.never
      )
    const second = Effect.andThen(
      wait,
      Effect.suspend(() => {
        running++
        return answerOf(self)
      })
    )
    return Effect.flatten(Effect.raceFirst(answerOf(self), second))
  })
