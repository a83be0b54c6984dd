/** What MCP servers over HTTP answer, and what they are asked. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { Mcp, type RunEvent } from "effect-lm"
import type { IncomingHttpHeaders } from "node:http"
import { heardInto } from "../support/heard.ts"
import { call, toolbox } from "./support/client.ts"
import { answering, event, type Exchange, servingHttp } from "./support/http.ts"
import { text, tool } from "./support/messages.ts"

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
      const heard: Array<RunEvent.RunEvent> = []
      const { text: said } = yield* call(box, "a").pipe(heardInto(heard))
      const progress = heard.flatMap((event) => event._tag === "ToolProgress" ? [event.value] : [])
      assert.deepStrictEqual([said, progress], ["one", [{ progress: 1, total: 2 }]])
      yield* Effect.yieldNow
      yield* Effect.repeat(Effect.sleep(5), { until: () => seen.includes("POST reply s1") })
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
