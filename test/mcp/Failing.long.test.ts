/** Connections to MCP servers that fail: what is said, and that no secret is in it. Five seconds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { Mcp, McpError } from "effect-lm"
import { inspect } from "node:util"
import { toolbox } from "./support/client.ts"
import { answering } from "./support/http.ts"
import { freePort } from "./support/processes.ts"

describe("connections that fail", () => {
  /** What the layer of a source fails of. None of our secrets is in it, however it is looked at. */
  const failureOf = (source: ReturnType<typeof Mcp.http>) =>
    Effect.map(Effect.flip(toolbox(source)), (error) => {
      assert.instanceOf(error, McpError)
      assert.notInclude(inspect(error, { depth: 20, showHidden: true }), "s3cret")
      assert.notInclude(JSON.stringify(Schema.encodeSync(Schema.toCodecJson(McpError))(error)), "s3cret")
      return error
    })

  const script = (code: string) => ({ command: process.execPath, args: ["-e", code] })

  it.live("name the program, and what to do", () =>
    Effect.gen(function*() {
      const env = { KEY: "s3cret-key" }
      const nowhere = yield* failureOf(Mcp.stdio({ command: "no-such-program", args: ["--key", "s3cret"], env }))
      assert.deepInclude(nowhere, { server: "the MCP server 'no-such-program'" })
      assert.strictEqual(nowhere.reason._tag, "Unreachable")
      assert.match(
        nowhere.message,
        /^the MCP server 'no-such-program': .*\(ENOENT\); check that the program is installed/
      )
      const elsewhere = yield* failureOf(Mcp.stdio({ ...script(""), cwd: "/no/such/folder" }))
      assert.match(elsewhere.message, /it cannot be started in the folder that `cwd` says \(ENOENT\)/)
      const together = yield* failureOf(Mcp.stdio({ command: "no-such-program -y server" }))
      assert.match(together.message, /write what follows the program's name in `args`$/)
      const ended = yield* failureOf(Mcp.stdio(script("process.exit(2)")))
      assert.strictEqual(ended.reason._tag, "Unreachable")
      assert.match(ended.message, /run the command yourself/)
      const silent = yield* failureOf(Mcp.stdio({ ...script("setInterval(() => {}, 1000)"), timeout: "200 millis" }))
      assert.strictEqual(silent.reason._tag, "TimedOut")
      assert.match(silent.message, /more time with `timeout`/)
      const other = yield* failureOf(Mcp.stdio({ ...script("console.log('ready')"), timeout: "5 seconds" }))
      assert.strictEqual(other.reason._tag, "NotUnderstood")
      assert.match(other.message, /check that the command starts an MCP server/)
    }), 20_000)

  it("a time limit that is none is refused when it is given", () => {
    for (const timeout of [Number.NaN, -1, 0]) {
      assert.throws(() => Mcp.stdio({ command: "x", timeout }), /^`timeout` is /)
      assert.throws(() => Mcp.http({ url: "http://x", timeout }), /^`timeout` is /)
    }
  })

  it.live("name what a runner runs, and no other argument", () =>
    Effect.gen(function*() {
      const named = (args: ReadonlyArray<string>, command = "/nowhere/npx") =>
        Effect.map(failureOf(Mcp.stdio({ command, args })), ({ server }) => server)
      assert.strictEqual(yield* named(["-y", "@a/server", "s3cret"]), "the MCP server '/nowhere/npx @a/server'")
      assert.strictEqual(yield* named(["--key", "s3cret"]), "the MCP server '/nowhere/npx'")
      assert.strictEqual(yield* named(["https://user:s3cret@host/x.js"]), "the MCP server '/nowhere/npx'")
      assert.strictEqual(yield* named(["s3cret"], "/nowhere/server"), "the MCP server '/nowhere/server'")
    }))

  it.live("name the URL without its secrets, and what to do", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const headers = { authorization: Redacted.make("Bearer s3cret"), "x-key": "s3cret" }
      const refused = yield* failureOf(Mcp.http({ url: `http://127.0.0.1:${port}/mcp?key=s3cret`, headers }))
      assert.strictEqual(refused.reason._tag, "Unreachable")
      assert.match(
        refused.message,
        /^the MCP server at http:\/\/127\.0\.0\.1:\d+\/mcp: .*\(ECONNREFUSED\); check the URL/
      )
      const named = yield* failureOf(Mcp.http({ url: `http://me:s3cret@127.0.0.1:${port}/mcp` }))
      assert.match(named.message, /give the credentials in `headers`/)
      const { url: older } = yield* answering(({ response }) => void response.writeHead(404).end())
      assert.match(
        (yield* failureOf(Mcp.http({ url: new URL("/sse", older) }))).message,
        /in \/sse often has the older transport/
      )
      const nonsense = yield* failureOf(Mcp.http({ url: "s3cret nonsense" }))
      assert.match(nonsense.message, /^the MCP server of an invalid URL: /)

      // A server that repeats what it was given.
      const { url } = yield* answering(({ request, response }) => {
        const denied = request.url?.startsWith("/denied") === true
        response.writeHead(denied ? 401 : 404, { "content-type": "application/json" }).end(JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          error: { code: -32_000, message: `no ${request.headers["authorization"]?.slice(7)}` }
        }))
      })
      const denied = yield* failureOf(Mcp.http({ url: new URL("/denied", url), headers }))
      assert.deepInclude(denied.reason, { _tag: "HttpStatus", status: 401 })
      assert.match(denied.message, /give it the credentials that it wants in `headers`$/)
      const missing = yield* failureOf(Mcp.http({ url: new URL("/other", url), headers }))
      assert.deepInclude(missing.reason, { _tag: "HttpStatus", status: 404 })
      assert.match(missing.message, /no <secret>.*check that the URL is its MCP endpoint/)
    }))
})
