/** Law 3 on a real socket: whichever way a stream is left, the server sees the client go. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { AsyncProgram, Module, OpenAI, Predict, Streaming } from "effect-lm"
import { TestClock } from "effect/testing"
import { begun } from "../support/begun.ts"
import * as WireServer from "../support/wireServer.ts"

const qa = Predict.make("question -> answer")
const streaming = Streaming.streamify(qa)

const connect = Effect.map(WireServer.make(begun), (server) => ({
  server,
  layer: OpenAI.layer({ model: "wire-1", baseUrl: server.baseUrl, retry: false })
}))

describe("law 3: leaving a stream closes the provider's socket", () => {
  it.live("take", () =>
    Effect.scoped(Effect.gen(function*() {
      const { layer, server } = yield* connect
      const events = yield* streaming({ question: "?" }).pipe(Stream.take(1), Stream.runCollect, Effect.provide(layer))
      assert.strictEqual(events.length, 1)
      yield* server.nextAbandoned
    })))

  it.live("a consumer that fails", () =>
    Effect.scoped(Effect.gen(function*() {
      const { layer, server } = yield* connect
      const error = yield* streaming({ question: "?" }).pipe(
        Stream.runForEach(() => Effect.fail("enough")),
        Effect.flip,
        Effect.provide(layer)
      )
      assert.strictEqual(error, "enough")
      yield* server.nextAbandoned
    })))

  it.effect("timeout", () =>
    Effect.scoped(Effect.gen(function*() {
      const { layer, server } = yield* connect
      const first = yield* Deferred.make<void>()
      const fiber = yield* streaming({ question: "?" }).pipe(
        Stream.runForEach(() => Deferred.succeed(first, undefined)),
        Effect.timeoutOption("50 millis"),
        Effect.provide(layer),
        Effect.forkChild
      )
      yield* Deferred.await(first)
      yield* TestClock.adjust("50 millis")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "None")
      yield* server.nextAbandoned
    })))

  it.live("interruption, which leaves the host alone", () =>
    Effect.scoped(Effect.gen(function*() {
      const { layer, server } = yield* connect
      const first = yield* Deferred.make<void>()
      const fiber = yield* streaming({ question: "?" }).pipe(
        Stream.runForEach(() => Deferred.succeed(first, undefined)),
        Effect.provide(layer),
        Effect.forkChild
      )
      yield* Deferred.await(first)
      yield* Fiber.interrupt(fiber)
      yield* server.nextAbandoned
    })))

  it.live("break out of for await, cancelling a web stream, aborting a call", () =>
    Effect.scoped(Effect.gen(function*() {
      const { layer, server } = yield* connect
      const program = AsyncProgram.make(qa, layer)
      yield* Effect.promise(async () => {
        for await (const event of program.stream({ question: "?" })) {
          assert.strictEqual(event._tag, "StreamResponse")
          break
        }
      })
      yield* server.nextRequest
      yield* server.nextAbandoned
      yield* Effect.promise(async () => {
        const reader = program.readableStream({ question: "?" }).getReader()
        await reader.read()
        await reader.cancel()
      })
      yield* server.nextRequest
      yield* server.nextAbandoned
      const abort = new AbortController()
      const call = program.acall({ question: "?" }, { signal: abort.signal }).then(() => "answered", () => "aborted")
      yield* server.nextRequest
      abort.abort()
      assert.strictEqual(yield* Effect.promise(() => call), "aborted")
      yield* server.nextAbandoned
      yield* Effect.promise(() => program.dispose())
    })))

  it.live("every call of a program that runs side by side, and no more are started", () =>
    Effect.scoped(Effect.gen(function*() {
      const { layer, server } = yield* connect
      const program = Module.make("Fan", { qa }, ({ qa }) => () =>
        Effect.map(
          Effect.forEach([1, 2, 3, 4, 5, 6], (n) => qa({ question: String(n) }), { concurrency: 3 }),
          (all) => ({ all })
        ))
      yield* Streaming.streamify(program)({}).pipe(
        Stream.filter((event) => event._tag === "StreamResponse"),
        Stream.take(3),
        Stream.runDrain,
        Effect.provide(layer)
      )
      yield* Effect.all([server.nextAbandoned, server.nextAbandoned, server.nextAbandoned])
      assert.strictEqual(server.requests.length, 3)
    })))

  it.live("a sub-module's own provider too", () =>
    Effect.scoped(Effect.gen(function*() {
      const { layer, server } = yield* connect
      const program = Module.make(
        "Own",
        { qa: Module.provide(layer)(qa) },
        ({ qa }) => (input: { readonly question: string }) => qa(input)
      )
      yield* Stream.runDrain(Stream.take(Streaming.streamify(program)({ question: "?" }), 1))
      yield* server.nextAbandoned
    })))
})
