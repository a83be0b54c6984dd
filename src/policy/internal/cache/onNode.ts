/**
 * Stores that need Node, where there is none.
 */
import * as Effect from "effect/Effect"
import type { Texts } from "./texts.ts"

/** Texts that say so, and have nothing. */
export const onNode = (what: string) => (): Effect.Effect<Texts> => {
  const fail = () =>
    Effect.fail(`${what} needs Node; CacheStore.memory and CacheStore.keyValueStore are for everywhere`)
  return Effect.succeed({ get: fail, set: fail, remove: fail })
}
