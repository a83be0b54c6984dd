/**
 * A store in memory. What was not used for the longest time goes first.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { CacheStore } from "../../CacheStore.ts"

interface Kept {
  readonly value: unknown
  readonly bytes: number
  /** When its time is over, in milliseconds. */
  readonly expires: number
}

/** A store of so many values, and so many bytes. */
export const make = (entries: number, bytes: number): CacheStore => {
  /** The value that was used last stands last. */
  const all = new Map<string, Kept>()
  let size = 0

  const remove = (key: string): void => {
    size -= all.get(key)?.bytes ?? 0
    all.delete(key)
  }

  return {
    name: "memory",
    isImmediate: true,
    get: <A>(key: string) =>
      Effect.map(Clock.currentTimeMillis, (now): A | undefined => {
        const kept = all.get(key)
        if (kept === undefined) return undefined
        all.delete(key)
        if (kept.expires > now) {
          all.set(key, kept)
          return kept.value as A // what is asked for under a key is what was put there
        }
        size -= kept.bytes
        return undefined
      }),
    set: (key, value, _, timeToLive) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        remove(key)
        const kept = {
          value,
          bytes: 2 * (key.length + JSON.stringify(value).length),
          expires: now + Duration.toMillis(timeToLive)
        }
        // One that is larger than all the room there is would drive everything else out.
        if (kept.bytes > bytes) return
        all.set(key, kept)
        size += kept.bytes
        for (const [oldest] of all) {
          if (all.size <= entries && size <= bytes) break
          remove(oldest)
        }
      }),
    remove: (key) => Effect.sync(() => remove(key))
  }
}
