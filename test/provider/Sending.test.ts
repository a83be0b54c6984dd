/**
 * What happens between a request and the first byte that is read: redirects, compression, connections that were idle, keys that
 * go nowhere else. What holds over each way of sending is tested over each; what only Node's own HTTP does, over that.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream, Tracer } from "effect"
import { LMResponse, OpenAI, Providers } from "effect-lm"
import { HttpClient } from "effect/http"
import { readFileSync } from "node:fs"
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from "node:zlib"
import { asking } from "../support/requests.ts"
import { textIn, textOfFirst } from "../support/said.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"

const { chunk, done } = WireServer

const request = asking("Why?")

const streamed = [chunk({ content: "Par" }), chunk({ content: "is" }), chunk({}, { finish_reason: "stop" }), done].join(
  ""
)
const whole = JSON.stringify(WireServer.completion({ content: "Paris" }))

const redirect = (status: number, location?: string) =>
  WireServer.reply(status, location === undefined ? {} : { location }, "elsewhere")

describe.each(Object.entries(Senders.every))("over %s", (_, sending) => {
  const connect = Senders.connectWith(sending)

  describe("redirects", () => {
    for (const status of [301, 302, 307, 308]) {
      it.effect(`${status}, to the same origin: the same request, with the key and the body`, () =>
        Effect.gen(function*() {
          const { lm, server } = yield* connect([
            redirect(status, "/v2/chat/completions?x=1"),
            redirect(status, "../v3"),
            WireServer.answer("Paris")
          ], { headers: { "x-api-key": "other" } })
          assert.strictEqual(textOfFirst(yield* lm.generate(request)), "Paris")
          const [first, second, third] = server.requests
          assert.deepStrictEqual(
            [first, second, third].map((sent) => [sent!.method, sent!.path]),
            [["POST", "/v1/chat/completions"], ["POST", "/v2/chat/completions?x=1"], ["POST", "/v2/v3"]]
          )
          for (const sent of [second, third]) {
            assert.deepStrictEqual(sent!.json, first!.json)
            assert.include(sent!.headers, { authorization: `Bearer ${Senders.key}`, "x-api-key": "other" })
          }
        }))
    }

    it.effect("to another origin get nothing, and say where they lead", () =>
      Effect.gen(function*() {
        const other = yield* WireServer.make(WireServer.answer("Paris"))
        for (const status of [301, 302, 303, 307, 308]) {
          const { lm, server } = yield* connect(redirect(status, `${other.url}/v1/chat/completions?token=t-secret`))
          for (const call of [lm.generate(request), Stream.runDrain(lm.stream(request))]) {
            const error = yield* Effect.flip(Effect.asVoid(call))
            assert.strictEqual(error.reason._tag, "InvalidRequest")
            assert.include(error.message, `${other.url}/v1/chat/completions`)
            assert.notInclude(error.message, "t-secret")
            assert.include(error.message, "base URL")
          }
          assert.strictEqual(server.requests.length, 2)
        }
        assert.strictEqual(other.requests.length, 0)
      }))

    it.effect("that mean another request, lead nowhere or do not end are errors in words", () =>
      Effect.gen(function*() {
        const rows = [
          [redirect(303, "/other"), /redirect \(303\) to .*\/other/],
          [redirect(307), /without saying where to/],
          [redirect(307, "http://"), /without saying where to/],
          [redirect(307, "/again"), /without end/]
        ] as const
        for (const [handler, words] of rows) {
          const { lm, server } = yield* connect(handler)
          const error = yield* Effect.flip(lm.generate(request))
          assert.strictEqual(error.reason._tag, "InvalidRequest")
          assert.match(error.message, words)
          assert.isAtMost(server.requests.length, 6)
        }
      }))
  })

  describe("compression that nobody asked for", () => {
    const ways: Readonly<Record<string, readonly [encoding: string, (text: string | Buffer) => Buffer]>> = {
      gzip: ["gzip", gzipSync],
      "gzip by its old name": ["x-gzip", gzipSync],
      deflate: ["deflate", deflateSync],
      "deflate without a header": ["deflate", deflateRawSync],
      br: ["br", brotliCompressSync],
      "two of them": ["br, gzip", (text) => gzipSync(brotliCompressSync(text))]
    }
    for (const [name, [encoding, compress]] of Object.entries(ways)) {
      it.effect(`${name}: streamed and whole, refused or not`, () =>
        Effect.gen(function*() {
          const headers = { "content-encoding": encoding }
          const refusal = compress(JSON.stringify({ error: { message: "Invalid value: n" } }))
          const body = compress(whole)
          const { lm } = yield* connect([
            WireServer.reply(200, headers, compress(streamed)),
            WireServer.reply(200, { ...headers, "content-length": String(body.length) }, body),
            WireServer.reply(200, headers, body.subarray(0, 1), body.subarray(1)),
            WireServer.reply(400, headers, refusal)
          ])
          assert.strictEqual(textIn(yield* Stream.runCollect(lm.stream(request))), "Paris")
          assert.strictEqual(textOfFirst(yield* lm.generate(request)), "Paris")
          assert.strictEqual(textOfFirst(yield* LMResponse.collect(lm.stream(request))), "Paris")
          assert.include((yield* Effect.flip(lm.generate(request))).message, "Invalid value: n")
        }))

      it.effect(`${name}: limits are for what comes out`, () =>
        Effect.gen(function*() {
          const headers = { "content-encoding": encoding }
          const large = compress(Buffer.alloc(20_000_000, " "))
          assert.isBelow(large.length, 100_000)
          const { lm } = yield* connect([
            WireServer.reply(200, headers, large),
            WireServer.reply(200, { ...headers, "content-length": String(large.length) }, large),
            WireServer.reply(500, headers, large)
          ], { limits: { reply: 200_000, errorBody: 200_000 } })
          for (const limit of ["reply", "reply", "errorBody"]) {
            const error = yield* Effect.flip(lm.generate(request))
            assert.strictEqual(error.reason._tag, "InvalidResponse")
            assert.include(error.message, `limits.${limit}`)
          }
        }))
    }

    it.effect("hands over what has come while more is to come", () =>
      Effect.gen(function*() {
        const gate = yield* Deferred.make<void>()
        const { lm } = yield* connect((exchange) =>
          Effect.gen(function*() {
            const gzip = createGzip()
            const packed = (text: string) =>
              Effect.callback<Buffer>((resume) => {
                gzip.write(text)
                gzip.flush(() => resume(Effect.succeed(gzip.read())))
              })
            yield* exchange.head(200, { ...WireServer.eventStream, "content-encoding": "gzip" })
            yield* exchange.write(yield* packed(chunk({ content: "Par" })))
            yield* Deferred.await(gate)
            yield* exchange.write(yield* packed(chunk({ content: "is" }, { finish_reason: "stop" }) + done))
            yield* exchange.end
          })
        )
        const events = yield* lm.stream(request).pipe(
          Stream.tap((event) => event._tag === "TextDelta" ? Deferred.succeed(gate, undefined) : Effect.void),
          Stream.runCollect
        )
        assert.strictEqual(textIn(events), "Paris")
      }))

    it.effect("a body that is not what it says is an InvalidResponse", () =>
      Effect.gen(function*() {
        const { lm } = yield* connect(WireServer.reply(200, { "content-encoding": "gzip" }, "no gzip at all, but text"))
        for (const call of [lm.generate(request), Stream.runDrain(lm.stream(request))]) {
          const error = yield* Effect.flip(Effect.asVoid(call))
          assert.strictEqual(error.reason._tag, "InvalidResponse")
          assert.include(error.message, "content-encoding")
        }
      }))
  })

  it.live("what is left is closed within 100 ms", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect((exchange) =>
        Effect.gen(function*() {
          yield* exchange.head(200, WireServer.eventStream)
          yield* exchange.write(chunk({ content: "a" }))
          yield* exchange.closed
        })
      )
      for (const call of [lm.generate(request), Stream.runDrain(lm.stream(request))]) {
        const fiber = yield* Effect.forkChild(Effect.asVoid(call))
        yield* server.nextRequest
        yield* Effect.sleep(20)
        const left = performance.now()
        yield* Fiber.interrupt(fiber)
        yield* server.nextAbandoned
        assert.isBelow(performance.now() - left, 100)
      }
    }))

  it.effect("headers of a call that cannot be sent are an error, and are not shown", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(WireServer.answer("Paris"), { provider: Providers.find("groq") })
      const config = { providerOptions: { groq: { headers: { "x-key": "own-\nsecret" } } } }
      const error = yield* Effect.flip(lm.generate({ ...request, config }))
      assert.strictEqual(error.reason._tag, "InvalidRequest")
      assert.include(error.message, "x-key")
      assert.notInclude(error.message, "own-")
      assert.strictEqual(server.requests.length, 0)
    }))

  it.effect("headers of responses are told, but for those of the connection", () =>
    Effect.gen(function*() {
      const { lm } = yield* connect(WireServer.json(200, JSON.parse(whole), {
        "X-Request-Id": "r-1",
        "X-Twice": "a, b",
        "set-cookie": "sid=1",
        "keep-alive": "timeout=7",
        trailer: "x-checksum",
        "x-key": Senders.key
      }))
      const { headers, requestId } = yield* lm.generate(request)
      assert.strictEqual(requestId, "r-1")
      assert.include(headers, { "x-twice": "a, b", "x-key": "<redacted>", "content-type": "application/json" })
      for (const name of ["set-cookie", "keep-alive", "connection", "transfer-encoding", "trailer"]) {
        assert.notProperty(headers, name)
      }
    }))
})

describe("over node:http", () => {
  const connect = Senders.connectWith(Senders.all["node:http"])
  const answer = WireServer.reply(200, { "content-length": String(whole.length) }, whole)
  const reset: WireServer.Handler = (exchange) => exchange.reset

  it.effect("a request whose idle connection was closed is sent again, once", () =>
    Effect.gen(function*() {
      for (const close of [reset, (exchange: WireServer.Exchange) => exchange.cut]) {
        const { lm, server } = yield* connect([answer, close, answer, close, close])
        yield* lm.generate(request)
        assert.strictEqual(textOfFirst(yield* lm.generate(request)), "Paris")
        assert.strictEqual(server.requests.length, 3)
        assert.strictEqual(server.accepted(), 2)
        assert.deepStrictEqual(server.requests[2]!.json, server.requests[1]!.json)
      }
    }))

  it.effect("one on a new connection is not, nor one that has brought something of a response", () =>
    Effect.gen(function*() {
      const fresh = yield* connect(reset)
      assert.strictEqual((yield* Effect.flip(fresh.lm.generate(request))).reason._tag, "Transport")
      assert.strictEqual(fresh.server.requests.length, 1)
      const begun = yield* connect([answer, (exchange) => Effect.andThen(exchange.head(200), exchange.reset), answer])
      yield* begun.lm.generate(request)
      assert.strictEqual((yield* Effect.flip(begun.lm.generate(request))).reason._tag, "Transport")
      assert.strictEqual(begun.server.requests.length, 2)
    }))

  it.effect("a connection is not kept for longer than its server says", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(WireServer.json(200, JSON.parse(whole), { "keep-alive": "timeout=1" }))
      yield* lm.generate(request)
      yield* lm.generate(request)
      assert.strictEqual(server.accepted(), 2)
    }))

  it.effect("a thousand at once are served, and their connections used again", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(answer)
      const all = Effect.forEach(Array.from({ length: 1000 }), () => lm.generate(request), { concurrency: "unbounded" })
      yield* all
      yield* all
      assert.strictEqual(server.requests.length, 2000)
      assert.isBelow(server.accepted(), 1100)
    }))

  it.effect("says who asks, unless the headers do", () =>
    Effect.gen(function*() {
      const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
      const { lm, server } = yield* connect(answer)
      yield* lm.generate(request)
      assert.strictEqual((yield* server.nextRequest).headers["user-agent"], `effect-lm/${version}`)
      const own = yield* connect(answer, { headers: { "User-Agent": "mine/1" } })
      yield* own.lm.generate(request)
      assert.strictEqual((yield* own.server.nextRequest).headers["user-agent"], "mine/1")
    }))

  it.effect("a body compressed in a way that is not known is an InvalidResponse that names it", () =>
    Effect.gen(function*() {
      const { lm, server } = yield* connect(WireServer.reply(200, { "content-encoding": "compress" }, "xyz"))
      const error = yield* Effect.flip(lm.generate(request))
      assert.strictEqual(error.reason._tag, "InvalidResponse")
      assert.include(error.message, "compress)")
      assert.strictEqual(server.requests.length, 1)
    }))

  it.effect("text keeps its characters, whatever pieces it comes in", () =>
    Effect.gen(function*() {
      const body = Buffer.from(`\ufeff${JSON.stringify(WireServer.completion({ content: "h\u00e9 \u{1f5fc}" }))}`)
      const headers = { "content-length": String(body.length) }
      const pieces = Array.from(body, (_, at) => body.subarray(at, at + 1))
      const { lm } = yield* connect(WireServer.reply(200, headers, ...pieces))
      assert.strictEqual(textOfFirst(yield* lm.generate(request)), "h\u00e9 \u{1f5fc}")
    }))
})

describe("over HttpClient", () => {
  it.effect("a call is a span below the span that it is made in", () =>
    Effect.gen(function*() {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const { lm, server } = yield* Senders.connectWith(Senders.all.HttpClient)(WireServer.answer("Paris"))
      yield* lm.generate(request).pipe(Effect.withSpan("outer"), Effect.withTracer(tracer))
      const outer = spans.find(({ name }) => name === "outer")!
      const inner = spans.find(({ kind }) => kind === "client")!
      assert.strictEqual(inner.traceId, outer.traceId)
      assert.include((yield* server.nextRequest).headers["traceparent"], inner.spanId)
    }))

  it.effect("one in the context is not used unless it is given", () =>
    Effect.gen(function*() {
      const { lm } = yield* Senders.connectWith({})(WireServer.answer("Paris"))
      const none = HttpClient.make(() => Effect.die("not asked for"))
      assert.strictEqual(
        textOfFirst(yield* Effect.provideService(lm.generate(request), HttpClient.HttpClient, none)),
        "Paris"
      )
    }))

  it.effect("fetch and a client are one too many", () =>
    Effect.gen(function*() {
      const both = { ...Senders.all.fetch, ...Senders.all.HttpClient }
      const error = yield* Effect.flip(OpenAI.make({ model: "m", baseUrl: "http://localhost:1/v1", ...both }))
      assert.strictEqual(error.reason._tag, "InvalidRequest")
      assert.include(error.message, "httpClient")
    }))
})
