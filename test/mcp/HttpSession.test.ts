/** Sessions with MCP servers over HTTP. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Mcp } from "effect-lm"
import { call, registry, toolbox } from "./support/client.ts"
import { answering, type Exchange, servingHttp } from "./support/http.ts"
import { initialized, text, tool } from "./support/messages.ts"

const one = [tool("a"), tool("b")]

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
