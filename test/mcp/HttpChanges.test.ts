/** How MCP servers over HTTP say that their tools changed. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { Mcp } from "effect-lm"
import { registry, warnings } from "./support/client.ts"
import { answering, event, type Exchange } from "./support/http.ts"
import { initialized, tool } from "./support/messages.ts"

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
