/**
 * Time limits between network reads, on a body that is driven by hand: it tells when a read waits.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Logger, Queue, Stream } from "effect"
import type { LMEvent } from "effect-lm/lm/LMEvent"
import * as LMResponse from "effect-lm/lm/LMResponse"
import type * as Timeouts from "effect-lm/policy/Timeouts"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { TestClock } from "effect/testing"
import { asking } from "../support/requests.ts"
import { textIn, textOfFirst } from "../support/said.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"

const { chunk } = WireServer

const timeouts = { firstEvent: "10 seconds", idle: "3 seconds" } as const

type Driven = {
  /** Waits until the client reads, and then lets time pass before it gets this. */
  readonly send: (text: string, after: number) => Effect.Effect<void>
  /** Waits until the client reads, and then lets time pass. */
  readonly pass: (time: number) => Effect.Effect<void>
}

/** A body that waits for `send`, in a response of `fetch`: it tells when the client reads. */
const withFetch = (toSending: (fetch: typeof globalThis.fetch) => Senders.Sending) =>
  Effect.gen(function*() {
    const reads = yield* Queue.unbounded<ReadableStreamDefaultController<Uint8Array>>()
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        Queue.offerUnsafe(reads, controller)
      }
    }, { highWaterMark: 0 })
    const driven: Driven = {
      send: (text, after) =>
        Effect.gen(function*() {
          const controller = yield* Queue.take(reads)
          yield* TestClock.adjust(after)
          controller.enqueue(new TextEncoder().encode(text))
        }),
      pass: (time) => Effect.andThen(Queue.take(reads), TestClock.adjust(time))
    }
    return { ...driven, baseUrl: "http://127.0.0.1/v1", sending: toSending(() => Promise.resolve(new Response(body))) }
  })

/** The same on a socket: the client is in this process, and reads again once the event loop has turned a few times. */
const withServer = Effect.gen(function*() {
  const begun = yield* Deferred.make<WireServer.Exchange>()
  const server = yield* WireServer.make((exchange) =>
    Effect.gen(function*() {
      yield* exchange.head(200, WireServer.eventStream)
      yield* Deferred.succeed(begun, exchange)
      yield* exchange.closed
    })
  )
  const reading = Effect.gen(function*() {
    const exchange = yield* Deferred.await(begun)
    for (let turn = 0; turn < 20; turn++) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    return exchange
  })
  const driven: Driven = {
    send: (text, after) =>
      Effect.gen(function*() {
        const exchange = yield* reading
        yield* TestClock.adjust(after)
        yield* exchange.write(text)
        yield* reading
      }),
    pass: (time) => Effect.andThen(reading, TestClock.adjust(time))
  }
  return { ...driven, baseUrl: server.baseUrl, sending: Senders.all["node:http"] }
})

const drivers = {
  "node:http": withServer,
  fetch: withFetch((fetch) => ({ fetch })),
  HttpClient: withFetch(Senders.clientWith)
}

/** A response whose body waits for `send`, and a stream of what it means. */
const openWith =
  (driver: (typeof drivers)[keyof typeof drivers]) => (completions = 1, changes: Partial<Timeouts.Timeouts> = {}) =>
    Effect.gen(function*() {
      const { baseUrl, pass, send, sending } = yield* driver
      const lm = yield* OpenAI.make({
        ...sending,
        model: "m",
        baseUrl,
        timeouts: { ...timeouts, ...changes },
        retry: false
      })
      const request = asking("Why?", { config: { n: completions } })
      return { stream: lm.stream(request), generate: lm.generate(request), send, pass }
    })

describe.each(Object.entries(drivers))("Transport over %s", (name, driver) => {
  const open = openWith(driver)

  it.effect("the first content has to come in time: comments and empty chunks are none", () =>
    Effect.gen(function*() {
      const { pass, send, stream } = yield* open()
      const fiber = yield* Effect.forkChild(Effect.flip(Stream.runDrain(stream)))
      yield* send(chunk({ role: "assistant", content: "" }), 4000)
      yield* send(": PROCESSING\n\n", 5999)
      yield* pass(0)
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust(1)
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.reason._tag, "Timeout")
      assert.include(error.message, "10s")
    }))

  it.effect("after it only silence is limited, and a comment breaks the silence", () =>
    Effect.gen(function*() {
      const { pass, send, stream } = yield* open()
      const events: Array<LMEvent> = []
      const fiber = yield* stream.pipe(
        Stream.runForEach((event) => Effect.sync(() => events.push(event))),
        Effect.flip,
        Effect.forkChild
      )
      yield* send(chunk({ content: "a" }), 9999)
      yield* send(chunk({ content: "b" }), 2999)
      yield* send(": keep-alive\n\n", 2999)
      yield* send(":\n\n", 2999)
      yield* send(chunk({ content: "c" }), 2999)
      yield* pass(2999)
      assert.isUndefined(fiber.pollUnsafe())
      assert.strictEqual(textIn(events), "abc")
      yield* TestClock.adjust(1)
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.reason._tag, "Timeout")
      assert.include(error.message, "3s")
      assert.isTrue(error.isRetryable)
    }))

  it.effect("a consumer that takes its time uses none of them up, and silence after it still counts", () =>
    Effect.gen(function*() {
      const { pass, send, stream } = yield* open()
      const events: Array<LMEvent> = []
      const fiber = yield* stream.pipe(
        Stream.runForEachArray((array) => {
          events.push(...array)
          return TestClock.adjust("1 hour")
        }),
        Effect.flip,
        Effect.forkChild
      )
      yield* send(chunk({ content: "a" }), 0)
      yield* send(chunk({ content: "b" }), 2999)
      yield* pass(2999)
      assert.isUndefined(fiber.pollUnsafe())
      assert.strictEqual(textIn(events), "ab")
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "Timeout")
    }))

  // On a socket it shows in what the server gets rid of: law 8, in SlowConsumer.
  it.effect.skipIf(name === "node:http")("reads only when it is asked to", () =>
    Effect.gen(function*() {
      const { pass, send, stream } = yield* open()
      const gate = yield* Queue.unbounded<void>()
      const seen = yield* Queue.unbounded<void>()
      const fiber = yield* stream.pipe(
        Stream.runForEachArray(() => Effect.andThen(Queue.offer(seen, undefined), Queue.take(gate))),
        Effect.forkChild
      )
      yield* send(chunk({ content: "a" }), 0)
      yield* Queue.take(seen)
      const read = yield* Effect.forkChild(pass(0))
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      assert.isUndefined(read.pollUnsafe())
      yield* Queue.offer(gate, undefined)
      yield* Fiber.join(read)
      yield* Fiber.interrupt(fiber)
    }))

  describe("after the finish", () => {
    const usage = `data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\n`
    const finish = chunk({}, { finish_reason: "stop" })

    it.effect("an end that is never announced is waited for 10 seconds, whatever signs of life there are", () =>
      Effect.gen(function*() {
        const { pass, send, stream } = yield* open()
        const fiber = yield* Effect.forkChild(Stream.runCollect(stream))
        yield* send(chunk({ content: "a" }), 0)
        yield* send(finish, 2999)
        yield* send(": keep-alive\n\n", 5000)
        yield* pass(4999)
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust(1)
        assert.deepStrictEqual((yield* Fiber.join(fiber)).map(({ _tag }) => _tag), [
          "ResponseInfo",
          "TextDelta",
          "Finish"
        ])
      }))

    for (
      const [name, last] of [
        ["the usage", usage],
        ["[DONE]", "data: [DONE]\n\n"]
      ] as const
    ) {
      it.effect(`${name} ends the answer at once`, () =>
        Effect.gen(function*() {
          const { send, stream } = yield* open()
          const finished = yield* Deferred.make<void>()
          const fiber = yield* stream.pipe(
            Stream.tap(({ _tag }) => _tag === "Finish" ? Deferred.succeed(finished, undefined) : Effect.void),
            Stream.runDrain,
            Effect.forkChild
          )
          yield* send(chunk({ content: "a" }), 0)
          yield* send(finish, 0)
          yield* send(last, 0)
          yield* Deferred.await(finished)
          yield* Fiber.join(fiber)
        }))
    }

    it.effect("a reason on every chunk is no end while more of the completion comes, nor is a usage beside choices", () =>
      Effect.gen(function*() {
        const { pass, send, stream } = yield* open()
        const fiber = yield* Effect.forkChild(Stream.runCollect(stream))
        const piece = (content: string) =>
          WireServer.data({
            choices: [{ index: 0, delta: { content }, finish_reason: "stop" }],
            usage: { prompt_tokens: 3, completion_tokens: content.length }
          })
        yield* send(piece("a"), 0)
        yield* send(piece("b"), 9000)
        yield* send(piece("c"), 9999)
        yield* pass(9999)
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust(1)
        assert.strictEqual(textIn(yield* Fiber.join(fiber)), "abc")
      }))

    it.effect("a slow consumer uses none of the time up", () =>
      Effect.gen(function*() {
        const { pass, send, stream } = yield* open()
        const events: Array<LMEvent> = []
        const fiber = yield* stream.pipe(
          Stream.runForEachArray((array) => {
            events.push(...array)
            return TestClock.adjust("1 hour")
          }),
          Effect.forkChild
        )
        yield* send(chunk({ content: "a" }, { finish_reason: "stop" }), 0)
        yield* send(chunk({ content: "b" }, { finish_reason: "stop" }), 9000)
        yield* pass(9999)
        assert.isUndefined(fiber.pollUnsafe())
        assert.strictEqual(textIn(events), "ab")
        yield* TestClock.adjust(1)
        yield* Fiber.join(fiber)
      }))

    it.effect("the time is an option", () =>
      Effect.gen(function*() {
        const { pass, send, stream } = yield* open(1, { afterFinish: "2 seconds" })
        const fiber = yield* Effect.forkChild(Stream.runDrain(stream))
        yield* send(chunk({ content: "a" }, { finish_reason: "stop" }), 0)
        yield* pass(2000)
        yield* Fiber.join(fiber)
      }))

    it.effect("a whole JSON body is complete when its JSON is, while the connection stays open", () =>
      Effect.gen(function*() {
        for (const call of ["generate", "stream"] as const) {
          const opened = yield* open()
          const fiber = yield* Effect.forkChild(
            call === "stream" ? LMResponse.collect(opened.stream) : opened.generate
          )
          const json = JSON.stringify(WireServer.completion({ content: "Paris }" }), null, 2)
          yield* opened.send(json.slice(0, 100), 0)
          yield* opened.send(json.slice(100), 0)
          assert.strictEqual(textOfFirst(yield* Fiber.join(fiber)), "Paris }")
        }
      }))

    it.effect("a stream that answers a call for a whole reply ends so, too", () =>
      Effect.gen(function*() {
        const { generate, pass, send } = yield* open()
        const fiber = yield* Effect.forkChild(generate)
        yield* send(chunk({ content: "a" }), 60_000)
        yield* send(finish, 60_000)
        yield* pass(10_000)
        assert.strictEqual((yield* Fiber.join(fiber)).completions[0]!.finish, "stop")
      }))
  })

  describe("several completions", () => {
    it.effect("one that has not begun is waited for as long as any", () =>
      Effect.gen(function*() {
        const { pass, send, stream } = yield* open(2)
        const fiber = yield* Effect.forkChild(Stream.runCollect(stream))
        yield* send(chunk({ content: "a" }, { finish_reason: "stop" }), 0)
        yield* send(`data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\n`, 2999)
        yield* send(chunk({ content: "b" }, { index: 1 }), 2999)
        yield* send(chunk({}, { index: 1, finish_reason: "stop" }), 2999)
        yield* pass(10_000)
        assert.strictEqual(textIn(yield* Fiber.join(fiber)), "ab")
      }))

    it.effect("fewer than were asked for are an answer where the server announces its end, which is said once", () =>
      Effect.gen(function*() {
        const warnings: Array<unknown> = []
        const logger = Logger.make(({ message }) => warnings.push(message))
        const { send, stream } = yield* open(3)
        const fiber = yield* stream.pipe(
          Stream.runCollect,
          Effect.provide(Logger.layer([logger])),
          Effect.forkChild
        )
        yield* send(chunk({ content: "a" }, { finish_reason: "stop" }) + "data: [DONE]\n\n", 0)
        assert.strictEqual(textIn(yield* Fiber.join(fiber)), "a")
        assert.strictEqual(warnings.length, 1)
        assert.include(String(warnings[0]), "lacks 2 of the completions")
      }))
  })

  it.effect("of much that comes at once the first words go on before the rest is decoded, and no character is cut", () =>
    Effect.gen(function*() {
      const { send, stream } = yield* open()
      const arrays: Array<ReadonlyArray<LMEvent>> = []
      const fiber = yield* Effect.forkChild(
        Stream.runForEachArray(stream, (events) => Effect.sync(() => arrays.push(events)))
      )
      const words = Array.from({ length: 100 }, (_, at) => `語${at} `)
      yield* send(
        words.map((content) => chunk({ content })).join("") + chunk({}, { finish_reason: "stop" }) + WireServer.done,
        0
      )
      yield* Fiber.join(fiber)
      const handed = arrays.map((events) => events.filter(({ _tag }) => _tag === "TextDelta").length)
      assert.strictEqual(textIn(arrays.flat()), words.join(""))
      assert.isAbove(handed[0]!, 0)
      assert.isBelow(handed[0]!, 30)
      // All that came with it is one array.
      assert.isAtMost(handed.length, 4)
    }))
})
