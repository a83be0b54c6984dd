/** Law 3: leaving the scope of a call closes its socket. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import type * as LM from "effect-lm/lm/LM"
import { TestClock } from "effect/testing"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"
import { begun, run } from "./support/streams.ts"

const request = asking("Capital of France?")

describe.each(Object.entries(Senders.every))("law 3: leaving the scope closes the socket, over %s", (_, sending) => {
  const connect = Senders.connectWith(sending)

  it.effect("stream: take", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(begun)
      yield* lm.stream(request).pipe(
        Stream.filter((event) => event._tag === "TextDelta"),
        Stream.take(1),
        Stream.runDrain
      )
      yield* server.nextAbandoned
    }))

  it.effect("stream: break in for await", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(begun)
      yield* Effect.promise(async () => {
        for await (const _ of Stream.toAsyncIterable(lm.stream(request))) break
      })
      yield* server.nextAbandoned
    }))

  it.effect("stream: a consumer that fails", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(begun)
      const error = yield* Effect.flip(Stream.runForEach(lm.stream(request), () => Effect.fail("enough")))
      assert.strictEqual(error, "enough")
      yield* server.nextAbandoned
    }))

  it.effect("stream: followed by another, which starts when the first has been closed", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect([begun, WireServer.answer("Rome")])
      const first = lm.stream(request).pipe(
        Stream.take(1),
        Stream.concat(Stream.unwrap(Effect.as(server.nextAbandoned, lm.stream(request))))
      )
      assert.include((yield* run(first)).text, "Rome")
    }))

  for (
    const [kind, call] of [
      [
        "stream",
        (lm: LM.Service) => Stream.runDrain(lm.stream(request))
      ],
      [
        "generate",
        (lm: LM.Service) => Effect.asVoid(lm.generate(request))
      ]
    ] as const
  ) {
    it.effect(`${kind}: interrupted before the headers`, () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.silence)
        const fiber = yield* Effect.forkChild(call(lm))
        yield* server.nextRequest
        yield* Fiber.interrupt(fiber)
        yield* server.nextAbandoned
      }))

    it.effect(`${kind}: interrupted in the middle of the body`, () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(begun)
        const fiber = yield* Effect.forkChild(call(lm))
        yield* server.nextRequest
        yield* Effect.callback<void>((resume) => {
          setImmediate(() => resume(Effect.void))
        })
        yield* Fiber.interrupt(fiber)
        yield* server.nextAbandoned
      }))

    it.effect(`${kind}: a time limit around it`, () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(begun)
        const fiber = yield* call(lm).pipe(Effect.timeoutOption("1 second"), Effect.forkChild)
        yield* server.nextRequest
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "None")
        yield* server.nextAbandoned
      }))
  }

  it.effect("a hundred at once, each its own socket, and no other call", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(begun)
      const fibers = yield* Effect.forEach(
        Array.from({ length: 100 }),
        () => Effect.forkChild(Stream.runDrain(lm.stream(request)))
      )
      yield* Effect.forEach(fibers, () => server.nextRequest, { discard: true })
      const [kept, ...others] = fibers
      yield* Effect.forEach(others, Fiber.interrupt, { concurrency: "unbounded", discard: true })
      yield* Effect.forEach(others, () => server.nextAbandoned, { discard: true })
      assert.isUndefined(kept!.pollUnsafe())
      yield* Fiber.interrupt(kept!)
      yield* server.nextAbandoned
    }))
})
