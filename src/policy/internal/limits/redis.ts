/**
 * What several processes count together, in Redis: the same log as in memory, as scripts that nothing comes between.
 *
 * Where Redis does not answer, each process holds its limits alone, in its memory, which has counted along: nothing stops, and nobody
 * floods the provider. It is warned of once a minute, and Redis is asked again every 5 seconds.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redis from "effect/persistence/Redis"
import { type Ledger, memory, type Place } from "./ledger.ts"
import { isWait } from "./line.ts"
import { transit, type Wait, window } from "./log.ts"
import * as Scripts from "./scripts.ts"

// Models

/** The Redis of one layer. */
export interface Shared {
  readonly redis: Redis.Redis["Service"]
  readonly scripts: Scripts.Scripts
  readonly prefix: string
  /** Tells the calls of this process from those of others. */
  readonly process: string
  readonly state: State
}

/** How it went with Redis of late, in milliseconds since the epoch. */
interface State {
  downUntil: number
  warnedAt: number
  calls: number
}

// Constructors

/** Makes what the keys of one layer share. */
export const make = (
  { script }: Pick<typeof Redis, "script">,
  redis: Redis.Redis["Service"],
  prefix: string,
  process: string
): Shared => ({
  redis,
  scripts: Scripts.make(script),
  prefix,
  process,
  state: { downUntil: -Infinity, warnedAt: -Infinity, calls: 0 }
})

/** Counts for one key. */
export const ledger = (shared: Shared, key: string) => (onFree: () => void): Ledger => {
  const { process, redis, scripts, state } = shared
  const own = memory(onFree)
  // The braces keep the keys of one limit on one node of a cluster.
  const keys = Scripts.keysOf(`${shared.prefix}{${key}}`)

  /** What Redis says, or `undefined` where it does not in time. */
  const asked = <A>(answer: Effect.Effect<A, Redis.RedisError>): Effect.Effect<A | undefined> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      now < state.downUntil ? Effect.succeed(undefined) : Effect.catch(
        // A command cannot be taken back: what leaves here is the wait for it. It may be this process that was held up, so it is
        // asked twice; all commands may be.
        Effect.retry(Effect.timeout(Effect.interruptible(answer), patience), { times: 1 }),
        (cause) => Effect.as(gone(shared, cause), undefined)
      ))

  const placeOf = (id: string, local: Place, hasLease: boolean): Place => ({
    seen: Effect.andThen(local.seen, Effect.forkDetach(asked(redis.eval(scripts.seen)(keys, id, window)))),
    used: (tokens) =>
      Effect.andThen(local.used(tokens), Effect.forkDetach(asked(redis.eval(scripts.used)(keys, id, tokens)))),
    leave: (isSent) => Effect.andThen(asked(redis.eval(scripts.leave)(keys, id, isSent ? 1 : 0)), local.leave(isSent)),
    ...(hasLease && {
      keep: Effect.forever(Effect.delay(asked(redis.eval(scripts.renew)(keys, id, lease)), lease / 3))
    })
  })

  return {
    // What all of them may send, none may send more than alone: so it counts whether Redis is there or not.
    ask: (tokens, allowance) =>
      Effect.flatMap(own.ask(tokens, allowance), (local) => {
        if (isWait(local)) return Effect.succeed(local)
        const id = `${process}:${state.calls++}`
        return Effect.flatMap(
          asked(redis.eval(scripts.ask)(keys, id, tokens, allowance, { window, transit, lease })),
          (answer): Effect.Effect<Place | Wait> => {
            if (answer === undefined) return Effect.succeed(local)
            const [isGiven, millis, why] = answer
            if (isGiven === 1) return Effect.succeed(placeOf(id, local, allowance.concurrency !== Infinity))
            return Effect.as(local.leave(false), {
              millis: why === "concurrency" ? poll : Math.max(1, millis),
              for: why
            })
          }
        )
      }),
    pause: (millis) => Effect.asVoid(asked(redis.eval(scripts.pause)(keys, millis))),
    isIdle: own.isIdle
  }
}

// Details

/** How long Redis may take, in milliseconds. */
const patience = 500

/** How long it is not asked after that, in milliseconds. */
const rest = 5000

/** How long a call is under way of which nothing is heard, in milliseconds: its process may have died. */
const lease = 30_000

/** How often a call looks whether one of another process is over, in milliseconds. */
const poll = 50

const gone = ({ state }: Shared, cause: unknown): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    state.downUntil = now + rest
    if (now - state.warnedAt < 60_000) return Effect.void
    state.warnedAt = now
    return Effect.logWarning(
      "Limits: Redis does not answer. Each process holds the limits alone until it does",
      cause
    )
  })
