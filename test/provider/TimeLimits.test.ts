/** How long a call waits for its server. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"
import { begun, run } from "./support/streams.ts"

const request = asking("Capital of France?")

describe.each(Object.entries(Senders.every))("time limits over %s", (_, sending) => {
  const connect = Senders.connectWith(sending)

  const timeouts = { firstEvent: "10 seconds", reply: "20 seconds" } as const

  it.effect("to the headers of a stream", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(WireServer.silence, { timeouts })
      const fiber = yield* Effect.forkChild(run(lm.stream(request)))
      yield* server.nextRequest
      yield* TestClock.adjust("9999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      const { error } = yield* Fiber.join(fiber)
      assert.strictEqual(error?.reason._tag, "Timeout")
      assert.include(error?.message, "10s")
      yield* server.nextAbandoned
    }))

  it.effect("to the end of a whole reply", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(begun, { timeouts })
      const fiber = yield* Effect.forkChild(Effect.flip(lm.generate(request)))
      yield* server.nextRequest
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "Timeout")
      yield* server.nextAbandoned
    }))
})
