/** Where answers are kept: each store keeps them, and one that is down, slow or spoilt has none. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Redacted, type Scope } from "effect"
import { Cache, CacheStore, LMResponse, type LMService, OpenAI } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Redis from "effect/persistence/Redis"
import { TestClock } from "effect/testing"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { asking } from "../support/requests.ts"
import { asked, request, ways } from "./support/policies.ts"

/** A folder that is removed at the end. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-cache-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A Redis of so much as is used of it. */
const fakeRedis = Effect.sync(() => {
  const texts = new Map<string, string>()
  const send = (command: string, key = "", text = "") =>
    Effect.sync(() => {
      if (command === "SET") texts.set(key, text)
      if (command === "DEL") texts.delete(key)
      return texts.get(key) ?? null
    })
  return { send } as unknown as Redis.Redis["Service"]
})

type Opened = Effect.Effect<CacheStore.CacheStore, unknown, Scope.Scope>

/** Ways to open a store twice, as two processes do. */
const stores: Readonly<Record<string, Effect.Effect<Opened, unknown, Scope.Scope>>> = {
  files: Effect.map(folder, (path) => CacheStore.files(join(path, "deep", "er"))),
  sqlite: Effect.map(folder, (path) => CacheStore.sqlite(join(path, "cache.db"))),
  redis: Effect.map(fakeRedis, (service) => Effect.provideService(CacheStore.redis(), Redis.Redis, service)),
  keyValueStore: Effect.map(
    Layer.build(KeyValueStore.layerMemory),
    (context) => Effect.provide(CacheStore.keyValueStore({ prefix: "a:" }), context)
  )
}

const reply = ScriptedLM.chunks(["So ", "it is.🌊"], { reasoning: "Hm", usage: { inputTokens: 3 } })

/** Asks once, with a cache of its own, which is closed afterwards. */
const once = <E>(
  lm: ScriptedLM.ScriptedLM,
  store: Effect.Effect<CacheStore.CacheStore, E, Scope.Scope>,
  options = {}
) =>
  Effect.scoped(
    Effect.flatMap(Cache.make({ store, ...options }), ({ apply }) => ways.generate(apply(lm.service)))
  )

for (const [name, opening] of Object.entries(stores)) {
  describe(name, () => {
    it.effect("an answer is found by the next process, and only as long as it is to be", () =>
      Effect.gen(function*() {
        const store = yield* opening
        for (const chunks of [false, true]) {
          const lm = yield* ScriptedLM.make([reply, reply])
          const options = { chunks, timeToLive: chunks ? "1 hour" : "30 minutes" }
          const { usage: _, ...first } = yield* once(lm, store, options)
          const { usage: __, givenAgain, ...again } = yield* once(lm, store, options)
          assert.isTrue(givenAgain)
          assert.deepStrictEqual(again, first)
          yield* TestClock.adjust("1 hour")
          assert.strictEqual((yield* once(lm, store, options)).givenAgain, undefined)
          yield* lm.assertComplete
          yield* TestClock.adjust("1 hour")
        }
      }))

    it.effect("an answer that is for ever is there in a hundred years, and one is forgotten", () =>
      Effect.gen(function*() {
        const store = yield* opening
        const lm = yield* ScriptedLM.make([reply, reply])
        yield* once(lm, store, { timeToLive: Infinity })
        yield* TestClock.adjust("36500 days")
        assert.isTrue((yield* once(lm, store)).givenAgain)
        yield* Effect.scoped(
          Effect.flatMap(Cache.make({ store }), ({ apply }) => apply(lm.service).forget!(request))
        )
        assert.strictEqual((yield* once(lm, store)).givenAgain, undefined)
      }))

    it.effect("is read by others while it is written", () =>
      Effect.gen(function*() {
        const store = yield* opening
        const lm = yield* ScriptedLM.make((_, call) => `${call}`.padEnd(20_000, "x"))
        const ask = Effect.flatMap(Cache.make({ store }), ({ apply }) =>
          Effect.forEach(
            Array.from({ length: 20 }, (_, i) => i % 5),
            (i) =>
              Effect.map(
                apply(lm.service).generate(asking(`${i}`)),
                (response) => LMResponse.textOf(response.completions[0]!)
              )
          ))
        const texts = yield* Effect.scoped(Effect.all([ask, ask, ask], { concurrency: 3 }))
        for (const text of texts.flat()) assert.strictEqual(text.length, 20_000)
      }))
  })
}

describe("an entry that is spoilt", () => {
  const spoilt: Readonly<Record<string, (text: string) => string>> = {
    "is cut": (text) => text.slice(0, -10),
    "is empty": () => "",
    "is no JSON": () => "\0\0\0",
    "is of something else": () => "{\"expires\":null,\"value\":[[{\"_tag\":\"TextDelta\",\"index\":0}]]}",
    "is no whole answer": () =>
      "{\"expires\":null,\"value\":[[{\"_tag\":\"TextDelta\",\"index\":0,\"text\":\"half\"}]]}"
  }
  for (const [name, spoil] of Object.entries(spoilt)) {
    it.effect(`counts as none where it ${name}, and is replaced`, () =>
      Effect.gen(function*() {
        const path = yield* folder
        const store = CacheStore.files(path)
        const lm = yield* ScriptedLM.make([reply, reply])
        yield* once(lm, store)
        const [file] = readdirSync(path)
        const text = readFileSync(join(path, file!), "utf8")
        writeFileSync(join(path, file!), spoil(text))
        assert.strictEqual((yield* once(lm, store)).givenAgain, undefined)
        assert.isTrue((yield* once(lm, store)).givenAgain)
        assert.strictEqual(readFileSync(join(path, file!), "utf8"), text)
      }))
  }

  it.effect("a SQLite file that is none is no failure, and no answer is lost", () =>
    Effect.gen(function*() {
      const file = join(yield* folder, "cache.db")
      writeFileSync(file, "this is no database, and it is as long as a header of one has to be: 100 bytes".repeat(3))
      const lm = yield* ScriptedLM.make([reply, reply])
      for (let i = 0; i < 2; i++) assert.strictEqual((yield* once(lm, CacheStore.sqlite(file))).givenAgain, undefined)
    }))
})

describe("a store that is down", () => {
  const down = Effect.fail(new Error("the store is down"))
  const fine = { get: () => Effect.undefined, set: () => Effect.void, remove: () => Effect.void }
  const broken: Readonly<Record<string, Omit<CacheStore.CacheStore, "name">>> = {
    "to read": { ...fine, get: () => down },
    "to write": { ...fine, set: () => down },
    "in all": { get: () => down, set: () => down, remove: () => down },
    "with a defect": { ...fine, get: () => Effect.die("no"), set: () => Effect.die("no") },
    "without a word": { get: () => Effect.never, set: () => Effect.never, remove: () => Effect.never }
  }
  for (const [name, store] of Object.entries(broken)) {
    it.effect(`${name}: the model answers, after 200 ms at most, and the log says it once a minute`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make(() => reply)
        const logged: Array<string> = []
        const logger = Logger.make(({ message }) => void logged.push(String(message)))
        yield* Effect.gen(function*() {
          const service = (yield* Cache.make({ store: Effect.succeed({ name, ...store }) })).apply(lm.service)
          const others = Array.from({ length: 5 }, (_, i) => service.generate(asking(`${i}`)))
          const fiber = yield* Effect.forkChild(Effect.all(others, { concurrency: "unbounded" }))
          yield* TestClock.adjust("200 millis")
          for (const response of yield* Fiber.join(fiber)) {
            assert.deepStrictEqual([response.givenAgain, response.usage?.inputTokens], [undefined, 3])
          }
          yield* TestClock.adjust("10 seconds")
          assert.strictEqual(logged.length, 1)
          assert.include(logged[0], `the store (${name}) cannot be`)
          yield* TestClock.adjust("1 minute")
          const later = yield* Effect.forkChild(service.generate(asking("later")))
          yield* TestClock.adjust("10 seconds")
          yield* Fiber.join(later)
          assert.strictEqual(logged.length, 2)
        }).pipe(Effect.provide(Logger.layer([logger])))
        assert.strictEqual(yield* asked(lm), 6)
      }))
  }

  it.effect("what is being written is found meanwhile, and the end waits for it, but not for ever", () =>
    Effect.gen(function*() {
      const written: Array<string> = []
      const store = (millis: number) =>
        Effect.succeed({
          ...fine,
          name: "slow",
          set: (key: string) => Effect.delay(Effect.sync(() => written.push(key)), millis)
        })
      for (const millis of [500, 3000]) {
        const lm = yield* ScriptedLM.make([reply])
        const fiber = yield* Effect.forkChild(Effect.scoped(
          Effect.flatMap(Cache.make({ store: store(millis) }), ({ apply }) => {
            const service = apply(lm.service)
            return Effect.andThen(ways.generate(service), ways.generate(service))
          })
        ))
        yield* TestClock.adjust("1 second")
        assert.isTrue((yield* Fiber.join(fiber)).givenAgain)
        assert.strictEqual(written.length, 1)
      }
    }))

  it.effect("a folder that cannot be made", () =>
    Effect.gen(function*() {
      const path = yield* folder
      writeFileSync(join(path, "file"), "")
      const lm = yield* ScriptedLM.make(() => reply)
      yield* once(lm, CacheStore.files(join(path, "file", "below")))
      assert.deepStrictEqual(readdirSync(path), ["file"])
    }))
})

it.effect("no key is in a file, and nobody else may read it", () =>
  Effect.gen(function*() {
    const secret = "sk-0123456789abcdef"
    const path = yield* folder
    mkdirSync(join(path, "files"))
    const { model, origin } = yield* OpenAI.make({
      model: "m",
      apiKey: Redacted.make(secret),
      baseUrl: `http://127.0.0.1:1/v1?key=${secret}`,
      headers: { "x-key": secret, "x-other": Redacted.make(secret) },
      extraBody: { token: Redacted.make(secret) }
    })
    const lm = yield* ScriptedLM.make(() => reply)
    const service: LMService = { ...lm.service, model, origin }
    for (const store of [CacheStore.files(join(path, "files")), CacheStore.sqlite(join(path, "cache.db"))]) {
      yield* Effect.scoped(Effect.flatMap(Cache.make({ store }), ({ apply }) => ways.generate(apply(service))))
    }
    const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    assert.isAtLeast(files.length, 2)
    for (const { name, parentPath } of files) {
      const text = readFileSync(join(parentPath, name), "latin1")
      for (const form of [secret, btoa(secret), secret.slice(3)]) assert.notInclude(name + text, form)
    }
    const [file] = readdirSync(join(path, "files"))
    assert.strictEqual(statSync(join(path, "files", file!)).mode & 0o077, 0)
  }))
