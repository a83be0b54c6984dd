import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber } from "effect"
import { Mcp, McpError, Observer, type Toolbox, type ToolError } from "effect-lm"
import type { IncomingHttpHeaders } from "node:http"
import {
  answering,
  call,
  event,
  type Exchange,
  initialized,
  registry,
  servingHttp,
  text,
  tool,
  toolbox,
  warnings
} from "./fixtures/client.ts"

const one = [tool("a"), tool("b")]

/** What two calls say, of which the server answers the first so, and what it saw. */
const twoCalls = (first: (exchange: Exchange) => void) =>
  Effect.gen(function*() {
    let calls = 0
    const { seen, url } = yield* servingHttp(
      one,
      (exchange) => ++calls === 1 ? first(exchange) : exchange.answer(text("two"))
    )
    const box = yield* toolbox(Mcp.http({ url }))
    return { said: [(yield* call(box, "a")).text, (yield* call(box, "b")).text], seen }
  })

describe("what comes in a response", () => {
  const answer = ({ message }: Exchange, more?: string) => event({ id: message.id, result: text("one") }, more)

  const rows: Record<string, (exchange: Exchange) => void> = {
    "an event of another name": (exchange) => exchange.events("event: endpoint\ndata: /x\n\n", answer(exchange)),
    "an event that is no JSON": (exchange) => exchange.events("data: keepalive\n\n", ": ping\n\n", answer(exchange)),
    "an answer of another name": (exchange) => exchange.events(answer(exchange, "event: result\n")),
    "a notification whose parameters are null": (exchange) =>
      exchange.events(event({ method: "notifications/x", params: null }), answer(exchange)),
    "CRLF": (exchange) => exchange.events(answer(exchange).replaceAll("\n", "\r\n")),
    "an event that the end leaves open": (exchange) => {
      exchange.events(answer(exchange).trimEnd())
      exchange.response.end()
    },
    "an answer without a type": ({ message, response }) =>
      void response.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result: text("one") })),
    "an answer that says that it is text": ({ message, response }) =>
      void response.setHeader("content-type", "text/plain").end(
        JSON.stringify({ jsonrpc: "2.0", id: message.id, result: text("one") })
      ),
    "a batch": ({ json, message }) =>
      json(200, [{ jsonrpc: "2.0", method: "x" }, { jsonrpc: "2.0", id: message.id, result: text("one") }]),
    "an id as text": ({ json, message }) => json(200, { jsonrpc: "2.0", id: String(message.id), result: text("one") }),
    "an id of nobody's": ({ json }) => json(200, { jsonrpc: "2.0", id: 999, result: text("one") }),
    "a status of success that is another": ({ json, message }) =>
      json(201, { jsonrpc: "2.0", id: message.id, result: text("one") })
  }
  for (const [name, first] of Object.entries(rows)) {
    it.live(name, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* twoCalls(first)).said, ["one", "two"])
      }))
  }

  const broken: Record<string, readonly [first: (exchange: Exchange) => void, said: RegExp]> = {
    "nothing": [({ response }) => void response.end(), /it answers with what is no message: nothing$/],
    "a page in the place of an answer": [
      ({ response }) => void response.setHeader("content-type", "text/html").end("<html>log in</html>"),
      /it answers with what is no message: a page$/
    ],
    "a page": [
      ({ response }) => void response.writeHead(500).end("<html>stack</html>"),
      /it answers with the HTTP status 500$/
    ],
    "an error that is no message of the protocol": [
      ({ json }) => json(503, { error: "warming up" }),
      /it answers with the HTTP status 503: warming up$/
    ],
    "an error without an id": [
      ({ json }) => json(200, { jsonrpc: "2.0", id: null, error: { code: -32_603, message: "internal" } }),
      /^a: internal$/
    ],
    "an end before the answer": [
      ({ events, response }) => {
        events(event({ method: "notifications/x" }))
        response.end()
      },
      /its response ended before the answer$/
    ],
    "a connection that breaks off": [({ request }) => void request.socket.destroy(), /it cannot be reached/],
    "an answer that breaks off": [
      ({ request, response }) => {
        response.writeHead(200, { "content-type": "application/json" }).write("{\"jsonrpc\":")
        setTimeout(() => request.socket.destroy(), 20)
      },
      /the connection broke off before the answer/
    ]
  }
  for (const [name, [first, said]] of Object.entries(broken)) {
    it.live(`${name} fails the call alone`, () =>
      Effect.gen(function*() {
        const [one = "", two] = (yield* twoCalls(first)).said
        assert.match(one, said)
        assert.strictEqual(two, "two")
      }))
  }

  it.live("what a server asks there is answered, and its progress is the tool's", () =>
    Effect.gen(function*() {
      const { seen, url } = yield* servingHttp(one, ({ events, message }) => {
        const { progressToken } = message.params._meta
        events(
          event({ id: "p", method: "ping" }),
          event({ method: "notifications/progress", params: { progressToken, progress: 1, total: 2 } }),
          event({ id: message.id, result: text("one") })
        )
      })
      const box = yield* toolbox(Mcp.http({ url }))
      const progress: Array<unknown> = []
      const { text: said } = yield* call(box, "a").pipe(Observer.observe({
        interest: () => undefined,
        onEvents: (events) =>
          Effect.sync(() => {
            for (const event of events) if (event._tag === "ToolProgress") progress.push(event.value)
          })
      }))
      assert.deepStrictEqual([said, progress], ["one", [{ progress: 1, total: 2 }]])
      yield* Effect.yieldNow
      yield* Effect.repeat(Effect.sleep(5), { until: () => seen.includes("POST reply s1") })
    }))
})

describe("a session", () => {
  /** A server that forgets its session before the second call, and says so. */
  const forgetting = (say: (exchange: Exchange) => void) => {
    let session = 0
    let calls = 0
    return answering((exchange) => {
      const { answer, message, request, response } = exchange
      const mine = request.headers["mcp-session-id"]
      if (message.method === "initialize") return answer(initialized(), { "mcp-session-id": `s${++session}` })
      if (message.method === "tools/call" && ++calls === 2) session++
      if (mine !== `s${session}`) return say(exchange)
      if (message.method === "tools/list") return answer({ tools: one })
      if (message.method === "tools/call") return answer(text(`ok ${mine}`))
      response.writeHead(202).end()
    })
  }

  const rows: Record<string, (exchange: Exchange) => void> = {
    "404": ({ json }) =>
      json(404, { jsonrpc: "2.0", error: { code: -32_001, message: "Session not found" }, id: null }),
    "404 without a word": ({ response }) => void response.writeHead(404).end(),
    "400, as many servers do": ({ json }) =>
      json(400, {
        jsonrpc: "2.0",
        error: { code: -32_000, message: "Bad Request: No valid session ID provided" },
        id: null
      })
  }
  for (const [name, say] of Object.entries(rows)) {
    it.live(`that the server forgot is begun anew, once for all that wait: ${name}`, () =>
      Effect.gen(function*() {
        const { seen, url } = yield* forgetting(say)
        const begin = yield* registry(Mcp.http({ url }))
        const box = yield* begin
        assert.strictEqual((yield* call(box, "a")).text, "ok s1")
        const next = yield* Effect.all([call(box, "a"), call(box, "b"), call(box, "a")], { concurrency: 3 })
        assert.deepStrictEqual(next.map(({ text }) => text), ["ok s3", "ok s3", "ok s3"])
        assert.strictEqual(seen.filter((line) => line === "POST initialize").length, 2)
        assert.isFalse(seen.includes("DELETE s1"))
        yield* begin
        assert.strictEqual(seen.filter((line) => line.startsWith("POST tools/list")).length, 2)
      }))
  }

  it.live("that is forgotten at once again is an error", () =>
    Effect.gen(function*() {
      let calls = 0
      const { seen, url } = yield* servingHttp(one, ({ json }) => {
        calls++
        json(404, {})
      })
      const box = yield* toolbox(Mcp.http({ url }))
      assert.match((yield* call(box, "a")).text, /it answers with the HTTP status 404/)
      assert.strictEqual(calls, 2)
      assert.strictEqual(seen.filter((line) => line === "POST initialize").length, 2)
    }))

  it.live("404 without a session is what it says", () =>
    Effect.gen(function*() {
      const { seen, url } = yield* answering(({ answer, json, message }) =>
        message.method === "initialize"
          ? answer(initialized())
          : message.method === "tools/list"
          ? answer({ tools: one })
          : json(404, {})
      )
      const box = yield* toolbox(Mcp.http({ url }))
      assert.match((yield* call(box, "a")).text, /404/)
      assert.strictEqual(seen.filter((line) => line === "POST initialize").length, 1)
    }))
})

describe("an answer that breaks off", () => {
  /** A server whose calls break off after an event with an id, and go on like this. */
  const resuming = (resumed: (exchange: Exchange, times: number, id: unknown) => void, retry = 5) => {
    let asked: unknown
    let times = 0
    const last: Array<unknown> = []
    return Effect.map(
      answering((exchange) => {
        const { answer, events, message, request, response } = exchange
        switch (message.method) {
          case "initialize":
            return answer(initialized({ protocolVersion: "2025-11-25" }))
          case "tools/list":
            return answer({ tools: one })
          case "tools/call":
            asked = message.id
            events(`id: 1\nretry: ${retry}\ndata: \n\n`)
            return void response.end()
        }
        if (request.method === "GET") {
          last.push(request.headers["last-event-id"])
          return resumed(exchange, ++times, asked)
        }
        response.writeHead(202).end()
      }),
      (server) => ({ ...server, last })
    )
  }

  it.live("is resumed after the last event that was read, as often as there is something new", () =>
    Effect.gen(function*() {
      const { last, seen, url } = yield* resuming(({ events, request, response }, times, id) => {
        if (times === 8) return events(event({ id, result: text("resumed") }, "id: 9\n"))
        events(`id: ${times + 1}\ndata: {}\n\n`)
        if (times % 2 === 0) response.end()
        else setTimeout(() => request.socket.destroy(), 5)
      })
      const box = yield* toolbox(Mcp.http({ url }))
      assert.strictEqual((yield* call(box, "a")).text, "resumed")
      assert.deepStrictEqual(last, ["1", "2", "3", "4", "5", "6", "7", "8"])
      assert.strictEqual(seen.filter((line) => line.startsWith("POST tools/call")).length, 1)
    }))

  it.live("and does not go on is an error, in the end", () =>
    Effect.gen(function*() {
      const { last, url } = yield* resuming(({ events, response }) => {
        events(": nothing\n\n")
        response.end()
      })
      const box = yield* toolbox(Mcp.http({ url }))
      assert.match((yield* call(box, "a")).text, /its response ended before the answer$/)
      assert.strictEqual(last.length, 5)
    }))

  it.live("and that the server cannot resume is an error", () =>
    Effect.gen(function*() {
      for (const status of [400, 401, 403, 404, 405, 410, 501]) {
        const { last, url } = yield* resuming(({ json }) => json(status, {}))
        const box = yield* toolbox(Mcp.http({ url }))
        assert.match((yield* call(box, "a")).text, new RegExp(`it answers with the HTTP status ${status}$`))
        assert.strictEqual(last.length, 1)
      }
    }))

  it.live("is resumed where the server was only busy, or a gateway before it", () =>
    Effect.gen(function*() {
      for (const status of [408, 425, 429, 500, 502, 503, 504]) {
        const { last, url } = yield* resuming(({ events, json }, times, id) =>
          times < 5 ? json(status, {}) : events(event({ id, result: text("resumed") }))
        )
        const box = yield* toolbox(Mcp.http({ url }))
        assert.strictEqual((yield* call(box, "a")).text, "resumed")
        assert.deepStrictEqual(last, ["1", "1", "1", "1", "1"])
      }
    }))

  it.live("and is refused again and again is an error, which says how", () =>
    Effect.gen(function*() {
      const { last, url } = yield* resuming(({ json }) => json(503, { error: "warming up" }))
      const box = yield* toolbox(Mcp.http({ url }))
      assert.match((yield* call(box, "a")).text, /it answers with the HTTP status 503: warming up$/)
      assert.strictEqual(last.length, 5)
    }))

  it.live("is resumed no sooner than the server wants it", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const { url } = yield* resuming(({ events, json }, time, id) => {
        times.push(Date.now())
        if (time === 1) json(429, {}, { "retry-after": "1" })
        else events(event({ id, result: text("resumed") }))
      })
      const box = yield* toolbox(Mcp.http({ url }))
      assert.strictEqual((yield* call(box, "a")).text, "resumed")
      assert.isAtLeast(times[1]! - times[0]!, 990)
    }))
})

describe("a server that has had enough", () => {
  const limited = (retryAfter: string) => {
    let first = true
    const times: Array<number> = []
    return Effect.map(
      servingHttp(one, ({ answer, json }) => {
        times.push(Date.now())
        if (!first) return answer(text("ok"))
        first = false
        json(429, {}, { "retry-after": retryAfter })
      }),
      (server) => ({ ...server, times })
    )
  }

  /** The error of an observation that is one of the connection. */
  const errorOf = (observation: Toolbox.Observation): McpError => {
    assert.strictEqual(observation._tag, "Failure")
    const { reason } = (observation as { readonly error: ToolError }).error
    const { cause } = reason as { readonly cause?: unknown }
    assert.instanceOf(cause, McpError)
    return cause
  }

  it.live("is left alone as long as it wants, also by a retry", () =>
    Effect.gen(function*() {
      const { times, url } = yield* limited("1")
      const box = yield* toolbox(Mcp.http({ url, policy: () => ({ retry: 1 }) }))
      assert.strictEqual((yield* call(box, "a")).text, "ok")
      assert.isAtLeast(times[1]! - times[0]!, 990)
    }))

  for (
    const [name, header] of [
      ["seconds", "3600"],
      ["a date", new Date(Date.now() + 3600_000).toUTCString()]
    ] as const
  ) {
    it.live(`and wants it for long is an error that says how long: ${name}`, () =>
      Effect.gen(function*() {
        const { times, url } = yield* limited(header)
        const box = yield* toolbox(Mcp.http({ url }))
        for (const said of [/HTTP status 429: try again in \d/, /it wants to be asked again in \d/]) {
          const observation = yield* call(box, "a")
          assert.match(observation.text, said)
          assert.isAtLeast(Duration.toSeconds(errorOf(observation).retryAfter!), 3500)
        }
        assert.strictEqual(times.length, 1)
      }))
  }

  it.live("of the resumption of an answer, and wants it for long, is asked nothing more", () =>
    Effect.gen(function*() {
      const { seen, url } = yield* servingHttp(
        one,
        ({ events, response }) => {
          events("id: 1\nretry: 5\ndata: \n\n")
          response.end()
        },
        { protocolVersion: "2025-11-25" },
        ({ json }) => json(429, {}, { "retry-after": "3600" })
      )
      const box = yield* toolbox(Mcp.http({ url }))
      for (let times = 0; times < 2; times++) {
        assert.isAtLeast(Duration.toSeconds(errorOf(yield* call(box, "a")).retryAfter!), 3500)
      }
      assert.deepStrictEqual(seen.slice(-2), ["POST tools/call s1", "GET s1"])
    }))

  it.live("of new sessions is left alone as long as it wants", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const { url } = yield* answering(({ answer, json, message, request, response }) => {
        switch (message.method) {
          case "initialize":
            times.push(Date.now())
            return times.length === 2
              ? json(429, {}, { "retry-after": "1" })
              : answer(initialized(), { "mcp-session-id": `s${times.length}` })
          case "tools/list":
            return answer({ tools: one })
          case "tools/call":
            return request.headers["mcp-session-id"] === "s1" ? json(404, {}) : answer(text("ok"))
        }
        response.writeHead(202).end()
      })
      const box = yield* toolbox(Mcp.http({ url }))
      assert.deepStrictEqual(errorOf(yield* call(box, "a")).retryAfter, Duration.seconds(1))
      assert.strictEqual((yield* call(box, "a")).text, "ok")
      assert.strictEqual(times.length, 3)
      assert.isAtLeast(times[2]! - times[1]!, 990)
    }))

  it.live("when the connection is made: how long", () =>
    Effect.gen(function*() {
      const { seen, url } = yield* answering(({ json }) => json(429, {}, { "retry-after": "7" }))
      const error = yield* Effect.flip(toolbox(Mcp.http({ url })))
      assert.instanceOf(error, McpError)
      assert.deepStrictEqual(error.retryAfter, Duration.seconds(7))
      assert.match(error.message, /HTTP status 429: try again in 7s; wait so long, or ask it less often$/)
      assert.deepStrictEqual(seen, ["POST initialize"])
    }))
})

it.live("a key in the path of a URL is not said, and what is no key is", () =>
  Effect.gen(function*() {
    const { url } = yield* answering(({ json, request }) => json(404, { error: `there is no ${request.url}` }))
    const key = "sk-9aB3xQ7zK2mP5vT8"
    const options = { url: `${url}/u/${key}?page=exit`, headers: { "x-mode": "plain", "x-key": "s3cret" } }
    const error = yield* Effect.flip(toolbox(Mcp.http(options)))
    assert.match(
      String(error),
      /McpError: the MCP server at http:\S+\/u\/<secret>: .*: there is no \S+\/u\/<secret>\?page=exit/
    )
  }))

it.live("tools are listed again when the server says so, on the stream that it is asked for", () =>
  Effect.gen(function*() {
    let tools = [tool("a")]
    const listening = yield* Deferred.make<Exchange>()
    const { url } = yield* answering((exchange) => {
      const { answer, message, request, response } = exchange
      if (message.method === "initialize") {
        return answer(initialized({ capabilities: { tools: { listChanged: true } } }))
      }
      if (message.method === "tools/list") return answer({ tools })
      if (request.method === "GET") return void Effect.runSync(Deferred.succeed(listening, exchange))
      response.writeHead(202).end()
    })
    const begin = yield* registry(Mcp.http({ url }))
    assert.deepStrictEqual((yield* begin).names, ["a"])
    tools = [tool("a"), tool("new")]
    const { events } = yield* Deferred.await(listening)
    events(event({ method: "notifications/tools/list_changed" }))
    const names = Effect.map(begin, ({ names }) => names)
    yield* Effect.repeat(Effect.andThen(Effect.sleep(5), names), { until: (names) => names.includes("new") })
  }))

describe("the stream on which a server says that its tools changed", () => {
  /** The names after the server was listened to with this, and what was logged. */
  const listening = (
    hear: (exchange: Exchange, times: number) => void,
    until: (seen: ReadonlyArray<string>, names: ReadonlyArray<string>) => boolean
  ) =>
    warnings((logged) =>
      Effect.gen(function*() {
        let times = 0
        const { seen, url } = yield* answering((exchange) => {
          const { answer, message, request, response } = exchange
          if (message.method === "initialize") {
            return answer(initialized({ capabilities: { tools: { listChanged: true } } }))
          }
          if (message.method === "tools/list") return answer({ tools: times > 1 ? [tool("new")] : [tool("a")] })
          if (request.method === "GET") return hear(exchange, ++times)
          response.writeHead(202).end()
        })
        const begin = yield* registry(Mcp.http({ url }))
        const names = Effect.map(begin, ({ names }) => names)
        yield* Effect.repeat(Effect.andThen(Effect.sleep(5), names), { until: (names) => until(seen, names) })
        return { logged, seen }
      })
    )

  it.live("is asked for again where it breaks off, and where the server is busy", () =>
    Effect.gen(function*() {
      const busy = [503, 502, 429, 408]
      const { logged } = yield* listening(({ events, json, response }, times) => {
        if (times === 1) {
          events("retry: 5\nid: 1\ndata: {}\n\n")
          return void response.end()
        }
        const status = busy.shift()
        return status === undefined ? events(event({ method: "notifications/tools/list_changed" })) : json(status, {})
      }, (_, names) => names.includes("new"))
      assert.deepStrictEqual([busy, logged], [[], []])
    }))

  for (const [status, said] of [[404, 1], [403, 1], [405, 0]] as const) {
    it.live(`is given up where the server does not have it: ${status}`, () =>
      Effect.gen(function*() {
        let gets = 0
        const { logged } = yield* listening(
          ({ json }) => {
            gets++
            json(status, {})
          },
          () => gets > 0
        )
        yield* Effect.sleep(50)
        assert.strictEqual(gets, 1)
        assert.strictEqual(logged.length, said)
        if (said > 0) {
          assert.match(
            logged.join(),
            new RegExp(`changes of its tools are not heard of any more: the MCP server at .* HTTP status ${status}`)
          )
        }
      }))
  }
})

it.live("the newest protocol has the call's tool and some of its arguments in headers too", () =>
  Effect.gen(function*() {
    const properties = {
      region: { type: "string", "x-mcp-header": "Region" },
      inner: { type: "object", properties: { n: { type: "integer", "x-mcp-header": "N" } } },
      unset: { type: "string", "x-mcp-header": "Unset" }
    }
    const seen: Array<IncomingHttpHeaders> = []
    const { url } = yield* answering(({ answer, json, message, request }) => {
      switch (message.method) {
        case "server/discover":
          return answer({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} } })
        case "tools/list":
          return answer({ tools: [tool("a", { inputSchema: { type: "object", properties } })] })
        case "tools/call":
          seen.push(request.headers)
          return answer(text("ok"))
      }
      json(400, { jsonrpc: "2.0", id: message.id, error: { code: -32_022, message: "Unsupported version" } })
    })
    const box = yield* toolbox(Mcp.http({ url }))
    assert.strictEqual((yield* call(box, "a", { region: "Zürich", inner: { n: 3 } })).text, "ok")
    const headers = Object.entries(seen[0] ?? {}).filter(([name]) => name.startsWith("mcp-"))
    assert.deepStrictEqual(Object.fromEntries(headers), {
      "mcp-method": "tools/call",
      "mcp-name": "a",
      "mcp-param-n": "3",
      "mcp-param-region": `=?base64?${Buffer.from("Zürich").toString("base64")}?=`,
      "mcp-protocol-version": "2026-07-28"
    })
  }))

it.live("a call that is interrupted is cancelled at the server, without waiting for it; then the session ends", () =>
  Effect.gen(function*() {
    const asked = yield* Deferred.make<Exchange>()
    const closed = yield* Deferred.make<void>()
    const { seen, url } = yield* servingHttp(one, (exchange) => {
      exchange.response.on("close", () => Effect.runSync(Deferred.succeed(closed, undefined)))
      Effect.runSync(Deferred.succeed(asked, exchange))
    })
    yield* Effect.scoped(Effect.gen(function*() {
      const box = yield* toolbox(Mcp.http({ url }))
      const hanging = yield* Effect.forkChild(call(box, "a"))
      yield* Deferred.await(asked)
      yield* Fiber.interrupt(hanging)
    }))
    yield* Deferred.await(closed)
    assert.deepStrictEqual(seen.slice(-2), ["POST notifications/cancelled s1", "DELETE s1"])
  }))
