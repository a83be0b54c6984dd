/**
 * How often, how long and how many at a time: what is wrapped around the run of a tool.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Semaphore from "effect/Semaphore"
import * as Kinds from "../../text/kinds.ts"
import { onlyKnown } from "../../text/options.ts"
import type { Limits, Policy } from "../Tool.ts"
import * as ToolError from "../ToolError.ts"

// Kinds

/** Whether a call needs somebody's approval. What a function of it answers is seen when it is asked. */
export const approval = Kinds.make(
  "true, false, or a function of the call's parameters, as ({ path }) => path !== \"/tmp\"",
  (value) => typeof value === "boolean" || typeof value === "function"
)

/** How often something is tried again. */
const retries: Kinds.Kind = (what, value) => {
  if (typeof value === "number") Kinds.countFrom(0)(what, value)
  else Kinds.make("how often to try again, as 2, or a Schedule", Schedule.isSchedule)(what, value)
}

// Policies

/** The rules for a tool that somebody else made; none where there are none. */
export const policyOf = <P>(tool: string, policy: Policy<P> = {}): Policy<P> => {
  const known = onlyKnown(`the policy of the tool '${tool}'`, policy, {
    needsApproval: true,
    timeout: true,
    retry: true,
    concurrency: true
  })
  Kinds.optional(approval)(`\`needsApproval\` of the tool '${tool}'`, known.needsApproval)
  return known
}

/** Made once for a tool: its semaphore is shared by all its calls. */
export type Limiter = <A, E, R>(attempt: Effect.Effect<A, E, R>) => Effect.Effect<A, E | ToolError.ToolError, R>

/**
 * Each attempt has its own permit and its own time: a call that waits for its turn or for its next attempt takes nobody's
 * place, and its waiting does not count.
 */
export const limiter = (tool: string, { concurrency, retry, timeout }: Limits): Limiter => {
  const of = (limit: string) => `\`${limit}\` of the tool '${tool}'`
  Kinds.optional(Kinds.countFrom(1))(of("concurrency"), concurrency)
  Kinds.optional(retries)(of("retry"), retry)
  Kinds.optional(Kinds.time)(of("timeout"), timeout)
  const permits = concurrency === undefined || concurrency === Infinity
    ? undefined
    : Semaphore.makeUnsafe(concurrency)
  const limit = timeout === undefined ? undefined : Duration.fromInputUnsafe(timeout)
  const schedule = typeof retry === "number"
    ? Schedule.max([Schedule.exponential("100 millis"), Schedule.recurs(retry)])
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

/**
 * Whether a call needs approval, as the policy says: nothing where none does. `paramsOf` finds what the policy looks at in what an
 * entry has decoded.
 */
export const approvalOf = (
  needsApproval: Policy<never>["needsApproval"],
  paramsOf: (params: unknown) => unknown = (params) => params
): ((params: unknown) => Effect.Effect<boolean>) | undefined =>
  needsApproval === undefined || needsApproval === false ? undefined : (params) =>
    // The tool's own schema has decoded them.
    answerOf(() => typeof needsApproval === "function" ? needsApproval(paramsOf(params) as never) : needsApproval)

/** What was answered. In doubt, as plain JavaScript may leave one, somebody is asked. */
export const answerOf = (answer: () => boolean | Effect.Effect<boolean>): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    const answered = answer()
    return Effect.isEffect(answered) ? Effect.map(answered, Boolean) : Effect.succeed(Boolean(answered))
  })
