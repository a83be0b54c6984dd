/**
 * A store that may be slow or down, as a cache uses it: what it does not give in time it does not have, and what is put there is
 * put there beside, while the answer is on its way already.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { shortened } from "../../../text/shortened.ts"
import type { CacheStore } from "../../CacheStore.ts"

/** A store, of which nothing fails. */
export interface Keeper {
  readonly name: string
  readonly find: <A>(key: string, schema: Schema.Codec<A, unknown>) => Effect.Effect<A | undefined>
  /** Does not wait for the store. The value can be found at once. */
  readonly keep: <A>(
    key: string,
    value: A,
    schema: Schema.Codec<A, unknown>,
    timeToLive: Duration.Duration
  ) => Effect.Effect<void>
  readonly forget: (key: string) => Effect.Effect<void>
}

/** How long a value may take to be written: nobody waits for it. */
const writing = Duration.seconds(5)

/** How long the end of a program waits for values that are being written. */
const closing = Duration.seconds(1)

/** How many values may wait to be written. What comes beyond them is not kept. */
const most = 1000

/** The store, asked for no longer than `patience`. Its scope ends with the writing. */
export const make = (store: CacheStore, patience: Duration.Duration): Effect.Effect<Keeper, never, Scope.Scope> =>
  store.isImmediate === true ? Effect.succeed(immediate(store)) : patient(store, patience)

/** A store that has no reason to be slow: limits of time would cost more than all the rest. */
const immediate = (store: CacheStore): Keeper => ({
  name: store.name,
  find: (key, schema) => Effect.orElseSucceed(store.get(key, schema), () => undefined),
  keep: (key, value, schema, timeToLive) => Effect.ignore(store.set(key, value, schema, timeToLive)),
  forget: (key) => Effect.ignore(store.remove(key))
})

const patient = (store: CacheStore, patience: Duration.Duration): Effect.Effect<Keeper, never, Scope.Scope> =>
  Effect.gen(function*() {
    /** What is not written yet. */
    const pending = new Map<string, { readonly value: unknown }>()
    const writes = new Set<Fiber.Fiber<void>>()
    const turns = yield* Semaphore.make(16)
    const guarded = guard(store.name)
    yield* Effect.addFinalizer(() =>
      Effect.andThen(
        Effect.timeoutOption(Effect.suspend(() => Fiber.awaitAll(writes)), closing),
        Effect.suspend(() => Fiber.interruptAll(writes))
      )
    )

    const write = (key: string, written: { readonly value: unknown }, set: Effect.Effect<void, unknown>) =>
      Effect.suspend(() => pending.get(key) === written ? guarded("write", set, writing) : Effect.void).pipe(
        turns.withPermits(1),
        Effect.andThen(Effect.suspend(() => {
          const now = pending.get(key)
          if (now === written) pending.delete(key)
          return now === undefined ? guarded("write", store.remove(key), writing) : Effect.void
        }))
      )

    return {
      name: store.name,
      find: <A>(key: string, schema: Schema.Codec<A, unknown>) =>
        Effect.suspend(() => {
          const waiting = pending.get(key)
          return waiting === undefined
            ? guarded("read", store.get(key, schema), patience)
            : Effect.succeed(waiting.value as A) // what is asked for under a key is what was put there
        }),
      keep: (key, value, schema, timeToLive) =>
        Effect.suspend(() => {
          if (pending.size >= most) return Effect.void
          const written = { value }
          pending.set(key, written)
          const done = write(key, written, store.set(key, value, schema, timeToLive))
          return Effect.map(Effect.forkDetach(done, { startImmediately: true }), (fiber) => {
            if (fiber.pollUnsafe() !== undefined) return
            writes.add(fiber)
            fiber.addObserver(() => writes.delete(fiber))
          })
        }),
      forget: (key) =>
        Effect.suspend(() =>
          // Where it is being written, whoever writes it removes it.
          pending.delete(key) ? Effect.void : Effect.asVoid(guarded("write", store.remove(key), patience))
        )
    }
  })

/** What the store gives, unless it fails or takes too long, which the log says at most once a minute. */
const guard = (name: string) => {
  let silentUntil = -Infinity
  const warn = (what: "read" | "write", why: string) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now < silentUntil) return Effect.undefined
      silentUntil = now + 60_000
      return Effect.as(Effect.logWarning(`cache: the store (${name}) cannot be ${words[what]}: ${why}`), undefined)
    })
  return <A>(
    what: "read" | "write",
    self: Effect.Effect<A, unknown>,
    limit: Duration.Duration
  ): Effect.Effect<A | undefined> =>
    Effect.matchCauseEffect(Effect.timeoutOption(self, limit), {
      onSuccess: (given) =>
        Option.isSome(given) ? Effect.succeed(given.value) : warn(what, `it took over ${Duration.format(limit)}`),
      onFailure: (cause) => warn(what, shortened(Cause.pretty(cause).split("\n")[0]!, 200))
    })
}

const words = { read: "read", write: "written to" }
