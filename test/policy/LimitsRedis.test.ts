/** Limits over a Redis that is not there: each process holds them alone, and says so. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger } from "effect"
import { Limits, LM } from "effect-lm"
import * as Redis from "effect/persistence/Redis"
import { TestClock } from "effect/testing"
import { ways } from "./support/policies.ts"
import * as Timed from "./support/timed.ts"

/** A Redis whose commands all do this. */
const redis = (command: Effect.Effect<never, Redis.RedisError>) =>
  Layer.succeed(
    Redis.Redis,
    Redis.Redis.of({
      send: () => command,
      subscribe: () => Effect.die("nobody subscribes"),
      eval: () => () => command,
      reserve: Effect.die("nobody reserves")
    })
  )

const commands = {
  "refuses": Effect.fail(new Redis.RedisError({ cause: new Error("connection refused") })),
  "says nothing": Effect.never
}

for (const [what, command] of Object.entries(commands)) {
  for (const way of ["stream", "generate"] as const) {
    describe(`Limits.layerRedis: Redis ${what}, ${way}`, () => {
      it.effect("calls go on, within the limits of one process, with one warning a minute", () =>
        Effect.gen(function*() {
          const warnings: Array<string> = []
          const logger = Logger.make(({ message }) => void warnings.push(String(message)))
          const server = Timed.make(() => ({ takes: 100 }))
          const layer = Layer.succeed(LM, server.service).pipe(
            Limits.layerRedis({ requestsPerMinute: 20, concurrency: 2 }),
            Layer.provide(redis(command))
          )
          const model = yield* Layer.build(layer)
          const calls = yield* Effect.forkChild(
            Effect.forEach(
              Array.from({ length: 50 }, (_, call) => String(call)),
              (text) => Effect.flatMap(LM, (lm) => ways.of(way)(lm, Timed.request(text))),
              { concurrency: "unbounded" }
            ).pipe(Effect.provide(model), Effect.provide(Logger.layer([logger])))
          )
          yield* TestClock.adjust("59 seconds")
          assert.strictEqual(server.seen.length, 20)
          assert.lengthOf(warnings, 1)
          assert.match(warnings[0]!, /Redis does not answer. Each process holds the limits alone/)
          yield* TestClock.adjust("5 minutes")
          assert.lengthOf(yield* Fiber.join(calls), 50)
          Timed.assertWindows(server.seen, 20)
          assert.deepStrictEqual(server.seen.map(({ text }) => Number(text)), Array.from({ length: 50 }, (_, at) => at))
          assert.deepStrictEqual([server.most(), server.underWay()], [2, 0])
          assert.isAtMost(warnings.length, 4)
        }))
    })
  }
}
