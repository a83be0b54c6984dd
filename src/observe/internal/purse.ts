/**
 * What is in a budget: what was used for good, and the requests that are under way. All of it is synchronous, so that no two
 * requests are given the same room.
 */
import * as Duration from "effect/Duration"
import { OverBudget } from "../../lm/LMError.ts"
import type { Meter } from "../../run/Meter.ts"
import { time } from "../../text/numbers.ts"
import type { Limits } from "../Budget.ts"
import * as Prices from "../Prices.ts"
import * as Price from "./price.ts"
import { inputTokensOf, spentOf } from "./spent.ts"

/** What counts against a budget. */
export interface Used {
  readonly calls: number
  readonly tokens: number
  readonly usd: number | undefined
  readonly millis: number
}

/** When a request is sent, and by whom. */
export interface Asking {
  readonly now: number
  /** Whether it is the last request of an agent, which answers from what it has. */
  readonly isConcluding: boolean
  /** Whether it is of no agent that a tool of another one has called. */
  readonly isOutermost: boolean
}

/** What is left of a budget. */
export class Purse {
  readonly #limits: Limits
  readonly #millis: number
  readonly #prices: Prices.Table
  readonly #begun: number
  readonly #running = new Set<Meter>()
  #settled: Tokens = { calls: 0, tokens: 0, usd: 0 }
  /** Whether a call is kept back, with which an agent can answer. */
  #keepsOne: boolean

  constructor(limits: Limits, now: number) {
    this.#limits = limits
    this.#millis = limits.time === undefined ? Infinity : Duration.toMillis(time("`time`", limits.time))
    this.#prices = limits.prices ?? Prices.listed
    this.#begun = now
    this.#keepsOne = limits.atLimit === "answer"
  }

  /** Takes the room for a request, or says why there is none. */
  take(meter: Meter, { isConcluding, isOutermost, now }: Asking): OverBudget | undefined {
    const mayAnswer = this.#keepsOne && isOutermost
    const over = this.#over(meter, this.used(now))
    if (over !== undefined && !(isConcluding && mayAnswer && over.bound !== undefined)) {
      return new OverBudget({ ...over, bound: over.bound ?? "usd", mayAnswer: mayAnswer && over.bound !== undefined })
    }
    if (over !== undefined) this.#keepsOne = false
    this.#running.add(meter)
    return undefined
  }

  /** A request is over, or was given up. */
  settle(meter: Meter): void {
    this.#running.delete(meter)
    // What a performer inside of the budget has refused, or answered by itself, was not sent.
    if (meter.readings().at(-1)!.state !== "running") this.#settled = this.#with(this.#settled, meter)
  }

  /** What was used so far. */
  used(now: number): Used {
    let used = this.#settled
    for (const meter of this.#running) used = this.#with(used, meter)
    return { ...used, calls: this.#settled.calls + this.#running.size, millis: now - this.#begun }
  }

  /** The bound that has no room for a request after so much. Without a bound the request cannot be held to a budget at all. */
  #over(meter: Meter, { calls, millis, tokens, usd }: Used) {
    const { calls: mostCalls = Infinity, tokens: mostTokens = Infinity, usd: mostUsd } = this.#limits
    const input = inputTokensOf(meter.request)
    const kept = this.#keepsOne ? 1 : 0
    if (calls >= mostCalls - kept) {
      const rest = kept === 0 ? "" : ", and 1 is kept back for an agent's answer"
      return over("calls", mostCalls, calls, `${inWords(mostCalls)} calls`, `${inWords(calls)} are used${rest}`)
    }
    if (millis >= this.#millis) {
      const most = Duration.format(Duration.millis(this.#millis))
      return over("time", this.#millis, millis, most, `${Duration.format(Duration.millis(millis))} have passed`)
    }
    if (tokens + input > mostTokens) {
      const used = `${inWords(tokens)} are used, and the prompt has about ${inWords(input)}`
      return over("tokens", mostTokens, tokens, `${inWords(mostTokens)} tokens`, used)
    }
    if (mostUsd === undefined) return undefined
    const { model } = meter.readings()[0]
    const price = Price.priceOf(model, this.#prices)
    if (price === undefined || usd === undefined) {
      const whose = price === undefined ? `the model ${model}` : "a model in reserve"
      return {
        bound: undefined,
        limit: mostUsd,
        used: usd ?? 0,
        description:
          `a budget in US dollars cannot hold, since no price of ${whose} is known, so that the request was not sent: ` +
          `give it one, as in Budget.within({ usd, prices: { ${
            JSON.stringify(model)
          }: { input: 0.15, output: 0.6 } } })`
      }
    }
    if (usd + input * price.input / 1_000_000 <= mostUsd && usd < mostUsd) return undefined
    return over("usd", mostUsd, usd, `${inDollars(mostUsd)} US dollars`, `about ${inDollars(usd)} are used`)
  }

  #with(used: Tokens, meter: Meter): Tokens {
    let { calls, tokens, usd } = used
    for (const { model, usage } of spentOf(meter)) {
      const all = usage.inputTokens + usage.outputTokens
      calls += usage.calls
      tokens += all
      if (all === 0) continue
      const cost = Price.costOf(usage, Price.priceOf(model, this.#prices))
      usd = usd === undefined || cost === undefined ? undefined : usd + cost
    }
    return { calls, tokens, usd }
  }
}

type Tokens = Pick<Used, "calls" | "tokens" | "usd">

const over = (bound: OverBudget["bound"], limit: number, used: number, most: string, told: string) => ({
  bound,
  limit,
  used,
  description:
    `the budget of ${most} has no room for the request, which was not sent: ${told}; allow more (\`${bound}\`), or ` +
    "ask for less"
})

const inWords = (count: number): string => count.toLocaleString("en-US")

const inDollars = (usd: number): string => usd.toLocaleString("en-US", { maximumFractionDigits: 6 })
