/** MCP servers that have had enough of requests. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { Mcp, McpError, type Toolbox, type ToolError } from "effect-lm"
import { call, toolbox } from "./support/client.ts"
import { answering, servingHttp } from "./support/http.ts"
import { initialized, text, tool } from "./support/messages.ts"

const one = [tool("a"), tool("b")]

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
