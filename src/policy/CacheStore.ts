/**
 * Where a cache keeps what it has: in memory, in files, in a SQLite file, in Redis, or in any `KeyValueStore` of Effect's.
 *
 * A store may be slow, full or down: a cache treats it as empty then, and says so in the log. All but {@link memory} outlive the
 * process, and are shared by all processes that use them.
 *
 * @example
 * OpenAI.layerConfig.pipe(Cache.layer({ store: CacheStore.files(".cache/answers") }))
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as KeyValueStore from "effect/persistence/KeyValueStore"
import type * as Redis from "effect/persistence/Redis"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import * as Memory from "./internal/cache/memory.ts"
import * as Texts from "./internal/cache/texts.ts"

// Models

/**
 * Keeps values under keys, which have letters, digits, `-` and `_`. Whatever one of its methods fails of counts as a miss. The
 * schema is what a value is written down by, where it is written down.
 */
export interface CacheStore {
  /** What it is, in the words of `LM.describe` and of the log. */
  readonly name: string
  /** Whether it answers at once and is never down, as memory: then nothing is done beside it, or within a time. False if left out. */
  readonly isImmediate?: boolean | undefined
  /** The value; `undefined` where there is none, where its time is over, or where it cannot be read. */
  readonly get: <A>(key: string, schema: Schema.Codec<A, unknown>) => Effect.Effect<A | undefined, unknown>
  /** Keeps the value for a time, in the place of what was there. */
  readonly set: <A>(
    key: string,
    value: A,
    schema: Schema.Codec<A, unknown>,
    timeToLive: Duration.Duration
  ) => Effect.Effect<void, unknown>
  readonly remove: (key: string) => Effect.Effect<void, unknown>
}

/** How much is kept in memory. What was not used for the longest time goes first. */
export interface MemoryOptions {
  /** How many values; 10,000 if left out. */
  readonly entries?: number | undefined
  /** How many bytes in all, two for each character that a value has as JSON; 100 million if left out. */
  readonly bytes?: number | undefined
}

/** Where in a store that others use, too. */
export interface PrefixOptions {
  /** What each key begins with; `effect-lm:` if left out. */
  readonly prefix?: string | undefined
}

// Constructors

/** In the memory of this process, as values that need not be read again. */
export const memory = (options: MemoryOptions = {}): Effect.Effect<CacheStore> => {
  const { bytes = 100_000_000, entries = 10_000 } = onlyKnown("CacheStore.memory", options, {
    entries: Kinds.countFrom(1),
    bytes: Kinds.countFrom(1)
  })
  return Effect.sync(() => Memory.make(entries, bytes))
}

/**
 * In the files of a folder, one for each value, as JSON that only its owner may read. The folder is made if there is none; to
 * empty it, remove it. On Node.
 */
export const files = (directory: string): Effect.Effect<CacheStore> => {
  given("CacheStore.files", { directory: Kinds.text }, [directory])
  return Effect.gen(function*() {
    const { texts } = yield* Effect.promise(() => import("#node/policy/internal/cache/files"))
    return Texts.toStore(`files in ${directory}`, yield* texts(directory))
  })
}

/** In a file of SQLite, which is made if there is none. What is over is removed when it is opened. On Node. */
export const sqlite = (file: string): Effect.Effect<CacheStore, never, Scope.Scope> => {
  given("CacheStore.sqlite", { file: Kinds.text }, [file])
  return Effect.gen(function*() {
    const { texts } = yield* Effect.promise(() => import("#node/policy/internal/cache/sqlite"))
    return Texts.toStore(`SQLite in ${file}`, yield* texts(file))
  })
}

/**
 * In the context's Redis, as JSON that Redis removes when its time is over. A layer for it is `NodeRedis.layer` of
 * `@effect/platform-node`, which wants the package `redis`.
 */
export const redis = (options: PrefixOptions = {}): Effect.Effect<CacheStore, never, Redis.Redis> => {
  const { prefix = "effect-lm:" } = onlyKnown("CacheStore.redis", options, prefixNames)
  return Effect.gen(function*() {
    const { Redis } = yield* Effect.promise(() => import("effect/persistence/Redis"))
    const client = yield* Redis
    return Texts.toStore("Redis", {
      get: (key) => Effect.map(client.send<string | null>("GET", prefix + key), (text) => text ?? undefined),
      set: (key, text, _, timeToLive) =>
        client.send(
          "SET",
          prefix + key,
          text,
          ...(timeToLive === Infinity ? [] : ["PX", String(Math.ceil(timeToLive))])
        ),
      remove: (key) => client.send("DEL", prefix + key)
    })
  })
}

/** In the context's `KeyValueStore`, as JSON. It does not remove what is over unless it is asked for. */
export const keyValueStore = (
  options: PrefixOptions = {}
): Effect.Effect<CacheStore, never, KeyValueStore.KeyValueStore> => {
  const { prefix = "effect-lm:" } = onlyKnown("CacheStore.keyValueStore", options, prefixNames)
  return Effect.gen(function*() {
    const { KeyValueStore } = yield* Effect.promise(() => import("effect/persistence/KeyValueStore"))
    const store = yield* KeyValueStore
    return Texts.toStore("key-value store", {
      get: (key) => store.get(prefix + key),
      set: (key, text) => store.set(prefix + key, text),
      remove: (key) => store.remove(prefix + key)
    })
  })
}

const prefixNames: Names<PrefixOptions> = { prefix: Kinds.text }
