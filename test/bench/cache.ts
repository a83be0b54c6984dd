/**
 * CPU of a cache: a hit over memory, and a miss with its store, for a reply of 2 kB; beside the model alone.
 */
import { Effect, type Scope } from "effect"
import { Cache, CacheStore, LMResponse } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { asking } from "../support/requests.ts"

const text = "It is so, since it was so. ".repeat(75)
const rounds = 3000

/** Microseconds of CPU for each of so many. */
const cpu = (run: (i: number) => Effect.Effect<unknown, unknown>, first: number) =>
  Effect.gen(function*() {
    const before = process.cpuUsage()
    for (let i = 0; i < rounds; i++) yield* run(first + i)
    const { system, user } = process.cpuUsage(before)
    return Math.round((system + user) / rounds)
  })

const measure = (name: string, store: Effect.Effect<CacheStore.CacheStore, unknown, Scope.Scope>) =>
  Effect.scoped(Effect.gen(function*() {
    const lm = yield* ScriptedLM.make(() => ScriptedLM.text(text))
    const service = (yield* Cache.make({ store })).apply(lm.service)
    const ways = {
      stream: (i: number) => LMResponse.collect(service.stream(asking(`question ${i}`))),
      generate: (i: number) => service.generate(asking(`question ${i}`))
    }
    for (const [way, ask] of Object.entries(ways)) {
      yield* cpu((i) => ask(i % 500), 0) // until it is warm
      const from = way === "stream" ? 10_000 : 20_000
      const miss = yield* cpu(ask, from)
      yield* Effect.sleep("200 millis")
      const hit = yield* cpu(() => ask(from + rounds - 1), 0)
      const plain = way === "stream"
        ? LMResponse.collect(lm.service.stream(asking("?")))
        : lm.service.generate(asking("?"))
      process.stdout.write(
        `${name} ${way}: miss ${miss}, hit ${hit}, the model alone ${yield* cpu(() => plain, 0)} µs of CPU\n`
      )
    }
  }))

export const cache = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "effect-lm-bench-"))
  await Effect.runPromise(Effect.gen(function*() {
    yield* measure("memory", CacheStore.memory())
    yield* measure("SQLite", CacheStore.sqlite(join(folder, "cache.db")))
    yield* measure("files", CacheStore.files(join(folder, "files")))
  }))
  rmSync(folder, { recursive: true })
}
