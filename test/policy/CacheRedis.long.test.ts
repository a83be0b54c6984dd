/** A cache in a real Redis, which is killed in the middle. Takes seconds; skipped where no `redis-server` is installed. */
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Cache, CacheStore } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { spawn, spawnSync } from "node:child_process"
import { createServer } from "node:net"
import { asked, ways } from "./support/policies.ts"

const isInstalled = spawnSync("redis-server", ["--version"]).status === 0

/** A port that nobody listens at. */
const freePort = Effect.promise(() =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
)

const server = (port: number) =>
  Effect.acquireRelease(
    Effect.promise(() =>
      new Promise<ReturnType<typeof spawn>>((resolve) => {
        const child = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""])
        child.stdout.on("data", (data: Buffer) => {
          if (data.toString().includes("Ready to accept connections")) resolve(child)
        })
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

describe.skipIf(!isInstalled)("Redis", () => {
  it.live(
    "keeps answers for the next process; killed in the middle, it costs a miss and no answer",
    () =>
      Effect.gen(function*() {
        const port = yield* freePort
        const child = yield* server(port)
        const redis = NodeRedis.layer({ socket: { port, host: "127.0.0.1" } })
        const lm = yield* ScriptedLM.make(() => "So it is.")
        const once = Effect.scoped(
          Effect.flatMap(Cache.make({ store: CacheStore.redis() }), ({ apply }) => ways.generate(apply(lm.service)))
        )
        assert.strictEqual((yield* Effect.provide(once, redis)).givenAgain, undefined)
        yield* Effect.gen(function*() {
          assert.isTrue((yield* once).givenAgain)
          child.kill("SIGKILL")
          assert.strictEqual((yield* once).givenAgain, undefined)
        }).pipe(Effect.provide(redis))
        assert.strictEqual(yield* asked(lm), 2)
      }),
    60_000
  )
})
