/** MCP servers of this library and of others: how they speak. Half a minute. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Redacted, Schema } from "effect"
import { Approval, Mcp, type Toolbox } from "effect-lm"
import * as McpServer from "effect/ai/McpServer"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { HttpMiddleware, HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import { type ChildProcess, spawn } from "node:child_process"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import { protocols, tools } from "./fixtures/tools.ts"
import { call, toolbox } from "./support/client.ts"
import { freePort, isAlive } from "./support/processes.ts"

const versions = ["2026-07-28", "2025-11-25", "2025-06-18", "2024-11-05"]

/** The program of the fixture, which speaks these versions. */
const program = (versions: ReadonlyArray<string>, options: Partial<Mcp.StdioOptions> = {}) =>
  Mcp.stdio({
    command: process.execPath,
    args: [
      "--conditions=effect-lm-source",
      fileURLToPath(new URL("./fixtures/server.ts", import.meta.url)),
      ...versions
    ],
    ...options
  })

/** What the server saw of a request. */
interface Seen {
  readonly method: string
  readonly version: string | undefined
  readonly authorization: string | undefined
}

/** The fixture over HTTP in this process: its URL, and what it saw. */
const served = Effect.fnUntraced(function*(versions: ReadonlyArray<string>, offered: typeof tools = tools) {
  const seen: Array<Seen> = []
  const watch = HttpMiddleware.make((app) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) => {
      seen.push({ method, version: headers["mcp-protocol-version"], authorization: headers["authorization"] })
      return app
    })
  )
  const mcp = offered.pipe(
    Layer.provide(
      McpServer.layerHttp({ name: "fixture", version: "1.0.0", path: "/mcp", protocols: protocols(versions) })
    )
  )
  const server = HttpRouter.serve(mcp, { disableLogger: true, disableListenLog: true, middleware: watch }).pipe(
    Layer.provideMerge(
      NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", gracefulShutdownTimeout: "100 millis" })
    )
  )
  const url = yield* HttpServer.addressFormattedWith((address) => Effect.succeed(`${address}/mcp`)).pipe(
    Effect.provide(yield* Layer.build(server))
  )
  return { url, seen }
})

/** Tools of these names, each of which says its own. */
const named = (...names: ReadonlyArray<string>) => {
  const toolkit = Toolkit.make(...names.map((name) => AiTool.make(name, { success: Schema.String })))
  const handlers = Object.fromEntries(names.map((name) => [name, () => Effect.succeed(name)]))
  return McpServer.toolkit(toolkit).pipe(Layer.provide(toolkit.toLayer(handlers)))
}

describe("MCP servers made with effect", () => {
  for (const version of versions) {
    it.live(`a program that speaks ${version} only`, () =>
      Effect.gen(function*() {
        const box = yield* toolbox(program([version], { prefix: "r_" }))
        assert.deepStrictEqual(box.names, ["r_environment", "r_fail", "r_hang", "r_leave", "r_pid", "r_shout"])
        assert.deepInclude(box.specs.find(({ name }) => name === "r_shout"), { description: "Says it louder" })
        const said = yield* call(box, "r_shout", { text: "hi" })
        assert.deepInclude(said, { _tag: "Success", text: "{\"said\":\"HI\"}" })
      }), 20_000)

    it.live(`HTTP with ${version} only`, () =>
      Effect.gen(function*() {
        const { seen, url } = yield* served([version])
        const box = yield* toolbox(Mcp.http({ url }))
        const said = yield* call(box, "shout", { text: "hi" })
        assert.deepInclude(said, { _tag: "Success", text: "{\"said\":\"HI\"}" })
        assert.strictEqual(seen.findLast(({ method }) => method === "POST")?.version, version)
      }), 20_000)
  }

  it.live("failures are observations, in the server's words", () =>
    Effect.gen(function*() {
      const { url } = yield* served(["2025-11-25"])
      const box = yield* toolbox(Mcp.http({ url }))
      const failed = yield* call(box, "fail", { why: "the moon is full" })
      assert.deepInclude(failed, { _tag: "Failure", kind: "Failed", text: "fail: fail: the moon is full" })
      const wrong = yield* call(box, "shout", { text: 1 })
      assert.strictEqual(wrong._tag, "Failure")
      assert.match(wrong.text, /Expected string/)
    }))

  it.live(
    "a program that dies in the middle of a call fails the call, and is started again at the next",
    () =>
      Effect.gen(function*() {
        const box = yield* toolbox(program(["2025-11-25"]))
        const died = yield* call(box, "leave", {})
        assert.deepInclude(died, { _tag: "Failure", kind: "Failed" })
        assert.match(died.text, /it ended with exit code 3$/)
        assert.deepInclude(yield* call(box, "shout", { text: "hi" }), { _tag: "Success", text: "{\"said\":\"HI\"}" })
      }),
    20_000
  )

  it.live("the program ends with the scope, an unanswered call with its interruption", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<number>()
      const fiber = yield* Effect.gen(function*() {
        const box = yield* toolbox(program(["2025-11-25"]))
        const hanging = yield* Effect.forkChild(call(box, "hang", {}))
        const pid = yield* call(box, "pid", {})
        yield* Fiber.interrupt(hanging)
        yield* Deferred.succeed(started, pid._tag === "Success" ? Number(pid.text) : 0)
        return yield* Effect.never
      }).pipe(Effect.scoped, Effect.forkChild)
      const pid = yield* Deferred.await(started)
      assert.isTrue(isAlive(pid))
      yield* Fiber.interrupt(fiber)
      assert.isFalse(isAlive(pid))
    }), 20_000)

  it.live("the session over HTTP ends with the scope, and headers go along", () =>
    Effect.gen(function*() {
      const { seen, url } = yield* served(["2025-11-25"])
      yield* Effect.scoped(toolbox(Mcp.http({ url, headers: { authorization: Redacted.make("Bearer key") } })))
      assert.strictEqual(seen.at(-1)?.method, "DELETE")
      assert.isTrue(seen.every(({ authorization }) => authorization === "Bearer key"))
    }))

  it.live("a program sees of our environment only what it needs, and what it was given", () =>
    Effect.gen(function*() {
      const ours = {
        EFFECT_LM_TEST_SECRET: "secret",
        HTTP_PROXY: "http://proxy:1",
        https_proxy: "http://proxy:2",
        No_Proxy: "localhost",
        ALL_PROXY: "socks://proxy",
        SSL_CERT_FILE: "/ca.pem",
        node_extra_ca_certs: "/more.pem",
        TMPDIR: "/tmp"
      }
      const before = Object.keys(ours).map((name) => [name, process.env[name]] as const)
      Object.assign(process.env, ours)
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          for (const [name, value] of before) {
            if (value === undefined) delete process.env[name]
            else process.env[name] = value
          }
        })
      )
      const box = yield* toolbox(program(["2025-11-25"], { env: { GIVEN: "given" } }))
      const value = (name: string) => Effect.map(call(box, "environment", { name }), ({ text }) => text)
      assert.strictEqual(yield* value("EFFECT_LM_TEST_SECRET"), "not there")
      assert.strictEqual(yield* value("GIVEN"), "given")
      const { EFFECT_LM_TEST_SECRET: _, ...handedOn } = ours
      for (const name of [...Object.keys(handedOn), "PATH"]) {
        assert.strictEqual(yield* value(name), process.env[name])
      }
    }), 20_000)

  it.live("a policy says which tools need approval, and how long they may take", () =>
    Effect.gen(function*() {
      const { url } = yield* served(["2025-11-25"])
      const box = yield* toolbox(Mcp.http({
        url,
        timeout: Infinity,
        policy: ({ name }) => name === "hang" ? { timeout: "20 millis" } : { needsApproval: name === "shout" }
      }))
      assert.deepInclude(yield* call(box, "shout", { text: "hi" }), { _tag: "Failure", kind: "Refused" })
      const approved = yield* Effect.provide(call(box, "shout", { text: "hi" }), Approval.layerAuto)
      assert.strictEqual(approved._tag, "Success")
      assert.deepInclude(yield* call(box, "hang", {}), { _tag: "Failure", kind: "TimedOut" })
    }))

  it.live("a name that is there already names both sources", () =>
    Effect.gen(function*() {
      const { url } = yield* served(["2025-11-25"])
      const error = yield* Effect.flip(toolbox(Mcp.http({ url, prefix: "a_" }), Mcp.http({ url, prefix: "a_" })))
      const host = new URL(url).host
      assert.strictEqual(error._tag, "DuplicateToolError")
      assert.strictEqual(error.message.split(`the MCP server at http://${host}/mcp`).length, 3)
    }))

  it.live("names that become one are numbered, whatever the server's order", () =>
    Effect.gen(function*() {
      const long = "x".repeat(70)
      const names = ["a.b", `${long}2`, "a/b", "a_b", `${long}1`, "a b", "a_b_2"]
      for (const listed of [names, names.toReversed()]) {
        const { url } = yield* served(["2025-11-25"], named(...listed))
        const box = yield* toolbox(Mcp.http({ url }))
        const said = yield* Effect.forEach(box.names, (name) => Effect.map(call(box, name, {}), ({ text }) => text))
        const cut = "x".repeat(64)
        assert.deepStrictEqual(Object.fromEntries(box.names.map((name, i) => [name, said[i]])), {
          a_b: "a_b",
          a_b_2: "a_b_2",
          a_b_3: "a b",
          a_b_4: "a.b",
          a_b_5: "a/b",
          [cut]: `${long}1`,
          [`${cut.slice(2)}_2`]: `${long}2`
        })
      }
    }))
})

describe("an MCP server of others", () => {
  const everything = fileURLToPath(
    new URL("../../node_modules/@modelcontextprotocol/server-everything/dist/index.js", import.meta.url)
  )

  /** Its tools: text, a number of arguments, an image, structured content, and a long operation. */
  const tryOut = (source: ReturnType<typeof Mcp.http>) =>
    Effect.gen(function*() {
      const box = yield* toolbox(source)
      assert.includeMembers([...box.names], ["all_echo", "all_get-sum", "all_get-tiny-image"])
      assert.deepInclude(yield* call(box, "all_echo", { message: "hi" }), { _tag: "Success", text: "Echo: hi" })
      assert.match((yield* call(box, "all_get-sum", { a: 1, b: 2 })).text, /\b3\b/)
      const tiny = yield* call(box, "all_get-tiny-image", {})
      assert.match(tiny.text, /\[image 1\]/)
      assert.deepStrictEqual((tiny as Toolbox.Success).parts?.map(({ _tag, source }) => [_tag, source.mediaType]), [
        ["Image", "image/png"]
      ])
      const structured = yield* call(box, "all_get-structured-content", { location: "Chicago" })
      assert.strictEqual(structured._tag, "Success")
      assert.containsAllKeys((structured as Toolbox.Success).value, ["temperature", "conditions", "humidity"])
      const wrong = yield* call(box, "all_get-sum", { a: "one" })
      assert.strictEqual(wrong._tag, "Failure")
      assert.match(wrong.text, /expected number/i)
    })

  it.live(
    "as a program",
    () => tryOut(Mcp.stdio({ command: process.execPath, args: [everything, "stdio"], prefix: "all_" })),
    20_000
  )

  it.live("over HTTP", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      yield* Effect.acquireRelease(
        Effect.callback<ChildProcess>((resume) => {
          const child = spawn(process.execPath, [everything, "streamableHttp"], {
            env: { ...process.env, PORT: String(port) },
            stdio: ["ignore", "ignore", "pipe"]
          })
          child.stderr.setEncoding("utf8").on("data", (text: string) => {
            if (text.includes(String(port))) resume(Effect.succeed(child))
          })
        }),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      yield* tryOut(Mcp.http({ url: `http://127.0.0.1:${port}/mcp`, prefix: "all_" }))
    }), 20_000)
})
