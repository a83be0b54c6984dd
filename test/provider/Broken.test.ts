/** Law 4: what was streamed stays delivered, then comes the error; and what breaks behind the end breaks nothing. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"
import { answer, run } from "./support/streams.ts"

const { done } = WireServer

const request = asking("Capital of France?")

describe.each(Object.entries(Senders.every))(
  "law 4: what was streamed stays delivered, then the error, over %s",
  (_, sending) => {
    const connect = Senders.connectWith(sending)

    const broken = (how: (exchange: WireServer.Exchange) => Effect.Effect<void>): WireServer.Handler => (exchange) =>
      Effect.gen(function*() {
        yield* exchange.head(200, WireServer.eventStream)
        yield* exchange.write(answer[0]!, answer[1]!)
        yield* how(exchange)
      })

    for (
      const [name, how, tag] of [
        ["a reset", (exchange: WireServer.Exchange) => exchange.reset, "Transport"],
        ["a cut", (exchange: WireServer.Exchange) => exchange.cut, "Transport"],
        ["an early end", (exchange: WireServer.Exchange) => exchange.end, "Truncated"]
      ] as const
    ) {
      it.effect(`${name} in the middle`, () =>
        Effect.gen(function*() {
          const { lm } = yield* connect((exchange) =>
            Effect.gen(function*() {
              yield* exchange.head(200, WireServer.eventStream)
              yield* exchange.write(answer[0]!, answer[1]!)
              yield* Deferred.await(seen)
              yield* how(exchange)
            })
          )
          const seen = yield* Deferred.make<void>()
          const { error, text } = yield* run(
            lm.stream(request).pipe(
              Stream.tap((event) =>
                event._tag === "TextDelta" && event.text === "is" ? Deferred.succeed(seen, undefined) : Effect.void
              )
            )
          )
          assert.strictEqual(text, "Paris")
          assert.strictEqual(error?.reason._tag, tag)
          assert.isTrue(error?.isRetryable)
        }))

      it.effect(`${name} of a whole reply`, () =>
        Effect.gen(function*() {
          const { lm } = yield* connect(broken(how))
          assert.strictEqual((yield* Effect.flip(lm.generate(request))).reason._tag, tag)
        }))
    }

    it.effect("a connection that breaks after the finish reason breaks nothing", () =>
      Effect.gen(function*() {
        const { lm } = yield* connect((exchange) =>
          Effect.gen(function*() {
            yield* exchange.head(200, WireServer.eventStream)
            yield* exchange.write(...answer)
            yield* Deferred.await(seen)
            yield* exchange.reset
          })
        )
        const seen = yield* Deferred.make<void>()
        const { error, events, text } = yield* run(
          lm.stream(request).pipe(
            Stream.tap((event) =>
              event._tag === "TextDelta" && event.text === "is" ? Deferred.succeed(seen, undefined) : Effect.void
            )
          )
        )
        assert.isUndefined(error)
        assert.strictEqual(text, "Paris")
        assert.deepStrictEqual(events.at(-1), { _tag: "Finish", index: 0, reason: "stop" })
      }))

    it.effect("a server that does not close after [DONE] is not waited for", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect((exchange) =>
          Effect.gen(function*() {
            yield* exchange.head(200, WireServer.eventStream)
            yield* exchange.write(...answer, done)
            yield* exchange.closed
          })
        )
        const fiber = yield* Effect.forkChild(run(lm.stream(request)))
        yield* server.nextRequest
        while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
        const { error, text } = yield* Fiber.join(fiber)
        assert.isUndefined(error)
        assert.strictEqual(text, "Paris")
        yield* server.nextAbandoned
      }))
  }
)
