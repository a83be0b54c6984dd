/**
 * What programs have used and cost, by predictor and model, over any effect or stream.
 *
 * An account counts each request once, whatever it was part of: calls at the same time, nested programs, attempts that were
 * discarded, retries, failures, and requests that were interrupted. An answer that was given again costs nothing. Where the provider
 * has not said what a request used, it is estimated: four characters are a token, and the entry is marked.
 *
 * `Usage` is the data of one answer, in tokens; an account is what many of them come to.
 *
 * @example
 * const [{ answer }, spent] = yield* Account.of(qa({ question }))
 * spent.total.usage.outputTokens // => 12
 */
import * as Effect from "effect/Effect"
import * as Usage from "../lm/Usage.ts"
import type { Meter } from "../run/Meter.ts"
import { type Observer, Observers } from "../run/Observer.ts"
import type { RunEvent } from "../run/RunEvent.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import type { EffectOrStream } from "./internal/effectOrStream.ts"
import * as Price from "./internal/price.ts"
import { running, withReference } from "./internal/scoped.ts"
import { type Spent, spentOf, wasSent } from "./internal/spent.ts"
import * as Prices from "./Prices.ts"

// Models

/** What was used so far. */
export interface Sum {
  /** `calls` are requests of predictors: one that was retried is one call. */
  readonly usage: Usage.Usage
  /** A part of it is estimated, since the provider has not said it, or not yet. */
  readonly isEstimated: boolean
  /** US dollars; `undefined` where the price of a model is not known. */
  readonly usd: number | undefined
  /** Attempts that failed, and were followed by another one, of this model or of one in reserve. */
  readonly retries: number
  /** Calls that failed. */
  readonly failures: number
  /** Calls whose answer was given before, from a cache or a store: they are no part of the usage. */
  readonly givenAgain: number
}

/** What one predictor has used of one model. */
export interface Entry extends Sum {
  /** Where the predictor is in its program: `synthesize`, `agent.react`; `self` for a program that is one. */
  readonly path: string
  readonly model: string
}

/** What was used so far, by predictor and model in the order of their first calls, and in all. */
export interface Report {
  readonly entries: ReadonlyArray<Entry>
  readonly total: Sum
}

/** Counts what runs in it. */
export interface Account {
  /** Counts an Effect or a Stream; any number of them, also at the same time. */
  readonly count: <S extends EffectOrStream>(self: S) => S
  /** What was used so far, with what is known of requests that are under way. */
  readonly report: Effect.Effect<Report>
}

/** Options of {@link make} and {@link of}. */
export interface Options {
  /** What tokens cost; `Prices.listed` by default. */
  readonly prices?: Prices.Table | undefined
}

// Constructors

/**
 * An account that begins with nothing. Its report can be read while it counts, and after a failure or an interruption.
 *
 * @example
 * const account = yield* Account.make()
 * const exit = yield* Effect.exit(program(input).pipe(account.count))
 * const { total } = yield* account.report
 */
export const make = (options: Options = {}): Effect.Effect<Account> => {
  const { prices = Prices.listed } = onlyKnown("an account", options, optionNames)
  return Effect.sync(() => {
    const book = new Book(prices)
    const observer: Observer = {
      interest: () => undefined,
      onEvents: (events) => {
        for (const event of events) book.take(event)
        return Effect.void
      }
    }
    return {
      count: (self) => {
        given("Account.count", { self: running }, [self])
        // Under an account of its own it is counted there too, but in one account only once.
        return withReference(
          self,
          Observers,
          (observers) => Effect.succeed(observers.includes(observer) ? observers : [...observers, observer])
        )
      },
      report: Effect.sync(() => book.report())
    }
  })
}

/** Runs an effect, and gives what it used beside its value. What a failure used is read from an account of {@link make}. */
export const of = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  options: Options = {}
): Effect.Effect<readonly [value: A, spent: Report], E, R> => {
  given("Account.of", { self: Kinds.effect }, [self])
  return Effect.flatMap(
    make(options),
    ({ count, report }) =>
      Effect.flatMap(count(self), (value) => Effect.map(report, (spent) => [value, spent] as const))
  )
}

const optionNames: Names<Options> = { prices: Price.table }

// Details

type Mutable = { -readonly [K in keyof Entry]: Entry[K] }

/** A request that is under way, and who has asked. */
interface Open {
  readonly path: string
  readonly meter: Meter
}

class Book {
  readonly #prices: Prices.Table
  /** By path, and then by model: both are names of somebody's. */
  readonly #entries = new Map<string, Map<string, Mutable>>()
  readonly #open = new Map<Meter, Open>()

  constructor(prices: Prices.Table) {
    this.#prices = prices
  }

  take(event: RunEvent): void {
    if (event._tag === "LMStart") this.#open.set(event.meter, { path: event.call.path, meter: event.meter })
    else if (event._tag === "LMEnd" && this.#open.delete(event.meter)) {
      for (const spent of spentOf(event.meter)) enter(this.#entry(event.call.path, spent.model), spent, this.#prices)
    }
  }

  report(): Report {
    const book = new Book(this.#prices)
    for (const [path, models] of this.#entries) {
      for (const [model, entry] of models) Object.assign(book.#entry(path, model), entry)
    }
    for (const { meter, path } of this.#open.values()) {
      for (const spent of spentOf(meter)) enter(book.#entry(path, spent.model), spent, this.#prices)
    }
    const entries = Array.from(book.#entries.values(), (models) => Array.from(models.values())).flat()
    return { entries, total: entries.reduce<Sum>(add, nothing) }
  }

  #entry(path: string, model: string): Mutable {
    let models = this.#entries.get(path)
    if (models === undefined) this.#entries.set(path, models = new Map())
    let entry = models.get(model)
    if (entry === undefined) models.set(model, entry = { path, model, ...nothing })
    return entry
  }
}

const nothing: Sum = { usage: Usage.empty, isEstimated: false, usd: 0, retries: 0, failures: 0, givenAgain: 0 }

/** Adds what an attempt has spent to the entry of its model. */
const enter = (entry: Mutable, { isEstimated, reading, usage }: Spent, prices: Prices.Table): void => {
  const isLast = usage.calls === 1
  entry.usage = Usage.add(entry.usage, usage)
  entry.isEstimated ||= isEstimated
  entry.usd = sum(entry.usd, tokensOf(usage) === 0 ? 0 : Price.costOf(usage, Price.priceOf(entry.model, prices)))
  if (reading.state === "givenAgain") entry.givenAgain++
  else if (reading.state === "failed" && wasSent(reading)) {
    if (isLast) entry.failures++
    else entry.retries++
  }
}

const add = (self: Sum, that: Sum): Sum => ({
  usage: Usage.add(self.usage, that.usage),
  isEstimated: self.isEstimated || that.isEstimated,
  usd: sum(self.usd, that.usd),
  retries: self.retries + that.retries,
  failures: self.failures + that.failures,
  givenAgain: self.givenAgain + that.givenAgain
})

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b

const tokensOf = ({ inputTokens, outputTokens }: Usage.Usage): number => inputTokens + outputTokens
