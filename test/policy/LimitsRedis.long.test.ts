/**
 * Limits that two processes share over Redis, and Redis killed in the middle. About five minutes; only where `redis-server` is
 * installed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { createServer } from "node:net"
import * as WireServer from "../support/wireServer.ts"
import type { Work } from "./support/limitsWorker.ts"
import { assertWindows } from "./support/timed.ts"

const isInstalled = spawnSync("redis-server", ["--version"]).status === 0
const worker = new URL("./support/limitsWorker.ts", import.meta.url).pathname

/** A port that nobody uses now. */
const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { readonly port: number }
    server.close(() => resume(Effect.succeed(port)))
  })
})

const killed = (child: ChildProcess) => Effect.sync(() => void child.kill("SIGKILL"))

const started = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<ChildProcess>((resume) => {
      const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]
      const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] })
      child.stdout.on("data", (text) => String(text).includes("Ready to accept") && resume(Effect.succeed(child)))
    }),
    killed
  )

/** Runs a worker to its end; gives what it has written. */
const running = (work: Work) =>
  Effect.scoped(Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--conditions=effect-lm-source", worker, JSON.stringify(work)], {
          stdio: ["ignore", "pipe", "pipe"]
        })
      ),
      killed
    )
    let out = ""
    child.stdout.on("data", (text) => out += text)
    child.stderr.on("data", (text) => out += text)
    yield* Effect.callback<void>((resume) => void child.on("close", () => resume(Effect.void)))
    return out
  }))

/** A server that takes note of when it saw whose call, and how many are under way. */
const listening = Effect.gen(function*() {
  const seen: Array<{ readonly at: number; readonly by: string; readonly call: number }> = []
  let underWay = 0
  let most = 0
  const server = yield* WireServer.make((exchange) =>
    Effect.gen(function*() {
      const [, by = "", call = ""] = /(first|second) (\d+)/.exec(exchange.request.text) ?? []
      seen.push({ at: yield* Clock.currentTimeMillis, by, call: Number(call) })
      most = Math.max(most, ++underWay)
      yield* Effect.sleep(200)
      underWay--
      yield* WireServer.answer("[[ ## answer ## ]]\nyes\n\n[[ ## completed ## ]]")(exchange)
    })
  )
  return { server, seen, most: () => most }
})

const both = (work: Omit<Work, "name">) =>
  Effect.forEach(["first", "second"], (name) => running({ ...work, name }), { concurrency: 2 })

describe.skipIf(!isInstalled)("limits of two processes", () => {
  it.live("hold together, in the order of each, and all calls are answered", () =>
    Effect.gen(function*() {
      const redis = yield* freePort
      yield* started(redis)
      const { most, seen, server } = yield* listening
      const outs = yield* both({
        calls: 80,
        baseUrl: server.baseUrl,
        redis,
        limits: { requestsPerMinute: 60, concurrency: 5, burst: 10, key: "account" }
      })
      for (const out of outs) assert.strictEqual(out, "{\"answered\":80}\n")
      assertWindows(seen, 70)
      assert.isAtMost(most(), 5)
      for (const name of ["first", "second"]) {
        const calls = seen.filter(({ by }) => by === name).map(({ call }) => call)
        // Five are under way at a time: a socket may be a little faster than the one before it.
        assert.isTrue(calls.every((call, at) => Math.abs(call - at) <= 5), name)
      }
      // In the first minute they have what is allowed, and both have a part of it.
      const first = seen.filter(({ at }) => at < seen[0]!.at + 55_000)
      assert.strictEqual(first.length, 70)
    }).pipe(Effect.scoped), 300_000)

  it.live(
    "go on without Redis, each by itself, with one warning; and together again once it is back",
    () =>
      Effect.gen(function*() {
        const redis = yield* freePort
        const child = yield* started(redis)
        const { seen, server } = yield* listening
        const work = both({
          calls: 70,
          baseUrl: server.baseUrl,
          redis,
          limits: { requestsPerMinute: 40, concurrency: 4, tokensPerMinute: 1_000_000 }
        })
        const outage = Effect.gen(function*() {
          while (seen.length < 20) yield* Effect.sleep(20)
          const before = seen.length
          yield* killed(child)
          yield* Effect.sleep(5000)
          assert.isAbove(seen.length, before + 8)
          yield* started(redis)
        })
        const [outs] = yield* Effect.all([work, outage], { concurrency: 2 })
        for (const out of outs) {
          assert.include(out, "{\"answered\":70}")
          assert.strictEqual(out.split("Redis does not answer").length - 1, 1, out)
        }
        // Each process alone would have sent as many as both together may.
        assertWindows(seen, 80)
      }).pipe(Effect.scoped),
    400_000
  )
})
