/**
 * How often, how long and how many at a time: what is wrapped around the run of a tool.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Semaphore from "effect/Semaphore"
import { count, time } from "../../text/numbers.ts"
import type { Limits } from "../Tool.ts"
import * as ToolError from "../ToolError.ts"

/** Made once for a tool: its semaphore is shared by all its calls. */
export type Limiter = <A, E, R>(attempt: Effect.Effect<A, E, R>) => Effect.Effect<A, E | ToolError.ToolError, R>

/**
 * Each attempt has its own permit and its own time: a call that waits for its turn or for its next attempt takes nobody's
 * place, and its waiting does not count.
 */
export const limiter = (tool: string, { concurrency, retry, timeout }: Limits): Limiter => {
  const of = (limit: string) => `\`${limit}\` of the tool '${tool}'`
  const permits = concurrency === undefined || concurrency === Infinity
    ? undefined
    : Semaphore.makeUnsafe(count(of("concurrency"), concurrency))
  const limit = timeout === undefined ? undefined : time(of("timeout"), timeout)
  const schedule = typeof retry === "number"
    ? Schedule.max([Schedule.exponential("100 millis"), Schedule.recurs(count(of("retry"), retry, 0))])
    : retry
  return (attempt) => {
    const inTime = limit === undefined || !Duration.isFinite(limit) ? attempt : Effect.timeoutOrElse(attempt, {
      duration: limit,
      orElse: () => Effect.fail(new ToolError.ToolError({ tool, reason: new ToolError.TimedOut({ limit }) }))
    })
    const inTurn = permits === undefined ? inTime : permits.withPermit(inTime)
    return schedule === undefined ? inTurn : Effect.retry(inTurn, schedule)
  }
}
