/**
 * The provider against a real server on a real socket.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Redacted, Stream } from "effect"
import type { LMError } from "effect-lm/lm/LMError"
import type { LMEvent } from "effect-lm/lm/LMEvent"
import { type LMRequest, user } from "effect-lm/lm/LMRequest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { TestClock } from "effect/testing"
import { textOfFirst } from "../support/said.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"

const { chunk, data, done } = WireServer

const request: LMRequest = {
  messages: [user("Capital of France?")],
  config: {},
  responseFormat: { _tag: "Text" }
}

const key = "sk-secret-0123456789"

/** A server with this handler, and a model that talks to it, without retries unless asked for. */
const connectWith = (sending: Senders.Sending) =>
  Effect.fnUntraced(function*(
    handler: WireServer.Handler | ReadonlyArray<WireServer.Handler>,
    options: Partial<OpenAI.Options> = {}
  ) {
    const server = yield* WireServer.make(handler)
    const lm = yield* OpenAI.make({
      model: "wire-1",
      apiKey: Redacted.make(key),
      baseUrl: server.baseUrl,
      retry: false,
      ...sending,
      ...options
    })
    return { server, lm }
  })

/** All events of a stream, and how it ended. */
const run = (stream: Stream.Stream<LMEvent, LMError>) =>
  Effect.suspend(() => {
    const events: Array<LMEvent> = []
    return stream.pipe(
      Stream.runForEach((event) => Effect.sync(() => events.push(event))),
      Effect.exit,
      Effect.map((exit) => ({
        events,
        text: events.map((event) => event._tag === "TextDelta" ? event.text : "").join(""),
        error: Exit.isFailure(exit) ? Cause.squash(exit.cause) as LMError : undefined
      }))
    )
  })

const text = textOfFirst

const answer = [chunk({ content: "Par" }), chunk({ content: "is" }), chunk({}, { finish_reason: "stop" })]

/** Begins an answer, and then says no more. */
const begun: WireServer.Handler = (exchange) =>
  Effect.gen(function*() {
    yield* exchange.head(200, WireServer.eventStream)
    yield* exchange.write(answer[0]!)
    yield* exchange.closed
  })

describe.each(Object.entries(Senders.every))("OpenAI over %s", (_, sending) => {
  const connect = connectWith(sending)

  describe("a call", () => {
    it.effect("is a POST with the key and the headers of the options", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.answer("Paris"), {
          organization: "org",
          project: "proj",
          headers: { "x-title": "test", "x-token": Redacted.make("token") }
        })
        assert.strictEqual(text(yield* lm.generate(request)), "Paris")
        const sent = yield* server.nextRequest
        assert.strictEqual(sent.method, "POST")
        assert.strictEqual(sent.path, "/v1/chat/completions")
        assert.strictEqual(sent.headers["authorization"], `Bearer ${key}`)
        assert.strictEqual(sent.headers["openai-organization"], "org")
        assert.strictEqual(sent.headers["openai-project"], "proj")
        assert.strictEqual(sent.headers["x-title"], "test")
        assert.strictEqual(sent.headers["x-token"], "token")
        assert.deepStrictEqual(sent.json, OpenAI.toBody(request, { model: "wire-1", baseUrl: server.baseUrl }))
      }))

    it.effect("without a key sends no authorization", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.answer("Paris"), { apiKey: undefined })
        assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
        const sent = yield* server.nextRequest
        assert.notProperty(sent.headers, "authorization")
        assert.deepStrictEqual(
          sent.json,
          OpenAI.toBody(request, { model: "wire-1", baseUrl: server.baseUrl }, "stream")
        )
      }))

    it.effect("is named after its provider and model", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.answer("Paris"))
        assert.strictEqual(lm.model, `${new URL(server.url).host}/wire-1`)
        assert.deepStrictEqual(lm.capabilities, { tools: true })
      }))

    it.effect("means the same streamed and whole", () =>
      Effect.gen(function*() {
        const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
        const call = { id: "a", type: "function", function: { name: "f", arguments: "{\"x\":1}" } }
        const message = { role: "assistant", reasoning_content: "Hm", content: "Paris", tool_calls: [call] }
        const { lm } = yield* connect((exchange) =>
          exchange.request.json.stream === true
            ? WireServer.events(
              chunk({ role: "assistant", reasoning_content: "H" }),
              chunk({ reasoning_content: "m" }),
              ...answer,
              chunk({ tool_calls: [{ index: 0, ...call, function: { name: "f", arguments: "{\"x\"" } }] }),
              chunk({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
              data({ choices: [], usage }),
              done
            )(exchange)
            : WireServer.json(200, { ...WireServer.completion(message), usage })(exchange)
        )
        const whole = yield* lm.generate(request)
        const streamed = yield* LMResponse.collect(lm.stream(request))
        assert.deepStrictEqual({ ...streamed, headers: {} }, { ...whole, headers: {} })
        assert.strictEqual(whole.completions[0]!.finish, "tool-calls")
        assert.strictEqual(whole.usage?.outputTokens, 2)
      }))

    it.effect("uses its connection again", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.answer("Paris"))
        for (let n = 0; n < 10; n++) {
          yield* lm.generate(request)
          yield* run(lm.stream(request))
        }
        assert.strictEqual(server.requests.length, 20)
        // Not always one: fetch may open another while the last one is being put back.
        assert.isBelow(server.accepted(), 5)
      }))

    it.effect("hands over the events of one read as one array", () =>
      Effect.gen(function*() {
        const { lm } = yield* connect(WireServer.events(answer.join("") + done))
        const arrays: Array<number> = []
        yield* Stream.runForEachArray(lm.stream(request), (events) => Effect.sync(() => arrays.push(events.length)))
        assert.deepStrictEqual(arrays, [4])
      }))

    it.effect("delivers what there is while more is to come", () =>
      Effect.gen(function*() {
        const gate = yield* Deferred.make<void>()
        const { lm } = yield* connect((exchange) =>
          Effect.gen(function*() {
            yield* exchange.head(200, WireServer.eventStream)
            yield* exchange.write(answer[0]!)
            yield* Deferred.await(gate)
            yield* exchange.write(answer[1]!, answer[2]!, done)
            yield* exchange.end
          })
        )
        const seen = yield* lm.stream(request).pipe(
          Stream.filter((event) => event._tag === "TextDelta"),
          Stream.tap((event) => event.text === "Par" ? Deferred.succeed(gate, undefined) : Effect.void),
          Stream.runCollect
        )
        assert.deepStrictEqual(seen.map(({ text }) => text), ["Par", "is"])
      }))
  })

  describe("row 24: whatever the content type says", () => {
    for (const type of ["text/plain", "application/json", "text/event-stream; charset=utf-8"]) {
      it.effect(`${type}: events are events, also for a call that asked for none`, () =>
        Effect.gen(function*() {
          const { lm } = yield* connect(WireServer.reply(200, { "content-type": type }, ...answer, done))
          assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
          assert.strictEqual(text(yield* lm.generate(request)), "Paris")
        }))

      it.effect(`${type}: an object is a completion, also for a call that asked for a stream`, () =>
        Effect.gen(function*() {
          const completion = JSON.stringify(WireServer.completion({ content: "Paris" }))
          const { lm } = yield* connect(WireServer.reply(200, { "content-type": type }, "\n\n", completion))
          assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
          assert.strictEqual(text(yield* lm.generate(request)), "Paris")
        }))
    }

    it.effect("an empty body is no answer", () =>
      Effect.gen(function*() {
        const { lm } = yield* connect([WireServer.reply(200, {}), WireServer.reply(200, {}), WireServer.reply(204, {})])
        assert.strictEqual((yield* run(lm.stream(request))).error?.reason._tag, "Truncated")
        assert.strictEqual((yield* Effect.flip(lm.generate(request))).reason._tag, "Truncated")
        assert.strictEqual((yield* run(lm.stream(request))).error?.reason._tag, "Truncated")
      }))
  })

  describe("row 8: stream_options refused", () => {
    it.effect("the request is sent again without them, and further ones never have them", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect((exchange) =>
          exchange.request.json.stream_options === undefined
            ? WireServer.answer("Paris")(exchange)
            : WireServer.json(400, { error: { message: "Unknown field: stream_options" } })(exchange)
        )
        assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
        assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
        assert.deepStrictEqual(server.requests.map(({ json }) => "stream_options" in json), [true, false, false])
      }))

    it.effect("another refusal is an error at once", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.json(400, { error: { message: "Unknown field: n" } }))
        assert.strictEqual((yield* run(lm.stream(request))).error?.reason._tag, "InvalidRequest")
        assert.strictEqual(server.requests.length, 1)
      }))
  })

  describe("law 3: leaving the scope closes the socket", () => {
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
          (lm: Effect.Success<ReturnType<ReturnType<typeof connectWith>>>["lm"]) => Stream.runDrain(lm.stream(request))
        ],
        [
          "generate",
          (lm: Effect.Success<ReturnType<ReturnType<typeof connectWith>>>["lm"]) => Effect.asVoid(lm.generate(request))
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

  describe("law 4: what was streamed stays delivered, then the error", () => {
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
  })

  it.live("law 8: a consumer that does not read makes the server wait", () =>
    Effect.gen(function*() {
      const piece = chunk({ content: "x".repeat(64 * 1024) })
      const pieces = 1000
      let sent = 0
      const { lm } = yield* connect((exchange) =>
        Effect.gen(function*() {
          yield* exchange.head(200, WireServer.eventStream)
          while (sent < pieces) {
            yield* exchange.write(piece)
            sent++
          }
          yield* exchange.write(chunk({}, { finish_reason: "stop" }), done)
          yield* exchange.end
        })
      )
      /** Waits until the server has not got rid of anything for many turns of the event loop. */
      const blocked = Effect.callback<number>((resume) => {
        const look = (last: number, still: number): void => {
          if (still === 200) return resume(Effect.succeed(last))
          setImmediate(() => look(sent, sent === last ? still + 1 : 0))
        }
        look(sent, 0)
      })
      let received = 0
      let atFirst: number | undefined
      yield* Stream.runForEachArray(lm.stream(request), (events) =>
        Effect.gen(function*() {
          for (const event of events) if (event._tag === "TextDelta") received++
          if (received > 0 && atFirst === undefined) atFirst = yield* blocked
        }))
      // What fits into the buffers of two sockets is far less than the 62 MB of the whole.
      assert.isBelow(atFirst!, pieces / 2)
      assert.strictEqual(received, pieces)
    }), 20_000)

  describe("time limits", () => {
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

  describe("law 12: secrets stay", () => {
    it.effect("a key that the server repeats is in no error, whatever kind of error", () =>
      Effect.gen(function*() {
        const token = "token-abcdef"
        const said = `bad key ${key} and ${token}`
        const { lm } = yield* connect([
          WireServer.json(401, { error: { message: said } }),
          WireServer.reply(500, {}, said),
          WireServer.json(429, { error: { message: said } }, { "retry-after": "2" }),
          WireServer.events(data({ error: { message: said } })),
          WireServer.events(`data: ${said}\n\n`),
          WireServer.reply(200, {}, `{${said}`)
        ], { headers: { "x-token": Redacted.make(token) } })
        for (const tag of ["Authentication", "Server", "RateLimited", "Server", "InvalidResponse", "InvalidResponse"]) {
          const { error } = yield* run(lm.stream(request))
          assert.strictEqual(error?.reason._tag, tag)
          const shown = `${error} ${error?.stack} ${JSON.stringify(error)}`
          assert.notInclude(shown, key)
          assert.notInclude(shown, token)
          assert.include(shown, "<redacted>")
          if (tag === "RateLimited") assert.isDefined(error?.retryAfter)
        }
      }))

    it.effect("nor is one in the base URL", () =>
      Effect.gen(function*() {
        const bad = yield* Effect.flip(OpenAI.make({ model: "m", baseUrl: "http://user:hunter2@127.0.0.1:1/v1" }))
        assert.strictEqual(bad.reason._tag, "InvalidRequest")
        const { lm, server } = yield* connect(WireServer.json(401, { error: { message: "no hunter2" } }))
        const query = yield* OpenAI.make({
          ...sending,
          model: "m",
          baseUrl: `${server.baseUrl}?key=hunter2`,
          retry: false
        })
        const { error } = yield* run(query.stream(request))
        assert.strictEqual((yield* server.nextRequest).path, "/v1/chat/completions?key=hunter2")
        assert.strictEqual(error?.reason._tag, "Authentication")
        assert.notInclude(`${bad} ${error} ${JSON.stringify([bad, error])} ${query.model}`, "hunter2")
        assert.include((yield* run(lm.stream(request))).error?.message, "hunter2")
      }))
  })
})
