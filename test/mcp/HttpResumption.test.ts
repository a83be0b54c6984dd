/** Answers of MCP servers that break off, and are resumed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Mcp } from "effect-lm"
import { call, toolbox } from "./support/client.ts"
import { answering, event, type Exchange } from "./support/http.ts"
import { initialized, text, tool } from "./support/messages.ts"

const one = [tool("a"), tool("b")]

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
