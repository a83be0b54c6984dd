/**
 * Blocking loops against a real server. The loop is in a process or a thread of its own, as it stands still while the server
 * here goes on. About half a minute, most of it the 20 loops at once.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Queue } from "effect"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import * as WireServer from "../support/wireServer.ts"

const loop = new URL("./fixtures/loop.ts", import.meta.url)

const environment = (server: WireServer.WireServer) => ({
  ...process.env,
  OPENAI_BASE_URL: server.baseUrl,
  OPENAI_MODEL: "wire-1"
})

/** The script in a process. */
const script = (name: string, server: WireServer.WireServer, ...flags: ReadonlyArray<string>) =>
  node([...flags, fileURLToPath(loop), name], server)

/** A process: the lines that it prints, as they come, and how it ends by itself. */
const node = (args: ReadonlyArray<string>, server: WireServer.WireServer) =>
  Effect.gen(function*() {
    const lines = yield* Queue.unbounded<any>()
    const exit = yield* Deferred.make<number | null>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--conditions=effect-lm-source", ...args], {
          env: environment(server),
          stdio: ["ignore", "pipe", "pipe"]
        })
      ),
      (child) => Effect.sync(() => void child.kill("SIGKILL"))
    )
    let complaints = ""
    child.stderr.on("data", (text) => complaints += String(text))
    createInterface(child.stdout).on(
      "line",
      (line) => Queue.offerUnsafe(lines, line.startsWith("\"") || line.startsWith("{") ? JSON.parse(line) : line)
    )
    child.on("close", (code) => Deferred.doneUnsafe(exit, Effect.succeed(code)))
    return { next: Queue.take(lines), exit: Deferred.await(exit), complaints: () => complaints }
  })

const head = (exchange: WireServer.Exchange) => exchange.head(200, WireServer.eventStream)
const say = (content: string) => WireServer.chunk({ content })
const stop = WireServer.chunk({}, { finish_reason: "stop" })

describe("a blocking loop", { timeout: 30_000 }, () => {
  it.live("prints the first chunk before the program has ended, and the process ends by itself", () =>
    Effect.scoped(Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const server = yield* WireServer.make((exchange) =>
        Effect.gen(function*() {
          yield* head(exchange)
          yield* exchange.write(say("[[ ## answer ## ]]\nFirst "))
          // Opened by the test when the loop has printed it: the program cannot be over before.
          yield* Deferred.await(gate)
          yield* exchange.write(say("second"), stop, WireServer.done)
          yield* exchange.end
        })
      )
      const { exit, next } = yield* script("events", server)
      assert.include(yield* next, { _tag: "StatusMessage", message: "Asking" })
      assert.include(yield* next, { _tag: "StreamResponse", chunk: "First" })
      yield* Deferred.succeed(gate, undefined)
      assert.include(yield* next, { _tag: "StreamResponse", chunk: " second" })
      assert.include(yield* next, { _tag: "StreamResponse", isLastChunk: true })
      assert.deepStrictEqual(yield* next, { answer: "First second" })
      assert.strictEqual(yield* exit, 0)
    })))

  it.live("gets three chunks, then the error", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make((exchange) =>
        Effect.gen(function*() {
          yield* head(exchange)
          yield* exchange.write(say("[[ ## answer ## ]]\nOne"), say(" two"), say(" three"))
          yield* exchange.end
        })
      )
      const { exit, next } = yield* script("failure", server)
      for (const chunk of ["One", " two", " three"]) assert.include(yield* next, { _tag: "StreamResponse", chunk })
      assert.include(yield* next, { _tag: "StreamResponse", chunk: "", isLastChunk: true })
      const last = yield* next
      assert.strictEqual(last.error, "LMError")
      assert.strictEqual(last.reason._tag, "Truncated")
      assert.deepStrictEqual(last.partial, { answer: "One two three" })
      assert.strictEqual(yield* exit, 0)
    })))

  it.live("that is left closes the request before the script goes on", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make((exchange) =>
        Effect.gen(function*() {
          yield* head(exchange)
          yield* exchange.write(say("[[ ## answer ## ]]\nIt began"))
          yield* exchange.closed
        })
      )
      const { next } = yield* script("break", server)
      assert.include(yield* next, { _tag: "StreamResponse", chunk: "It began" })
      assert.strictEqual(yield* next, "left")
      // The script goes on for ever, so it is the loop that closed it.
      yield* server.nextAbandoned
    })))

  it.live("whose body throws closes the request, and the script fails with that", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make((exchange) =>
        Effect.gen(function*() {
          yield* head(exchange)
          yield* exchange.write(say("[[ ## answer ## ]]\nIt began"))
          yield* exchange.closed
        })
      )
      const { complaints, exit, next } = yield* script("throw", server)
      yield* next
      yield* server.nextAbandoned
      assert.strictEqual(yield* exit, 1)
      assert.include(complaints(), "out of the loop")
    })))

  it.live("is a call too, which does not stream, and takes the options of calls", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("[[ ## answer ## ]]\nParis"))
      const { exit, next } = yield* script("call", server)
      assert.deepStrictEqual(yield* next, { answer: "Paris" })
      assert.deepStrictEqual(yield* next, { answer: "Paris" })
      assert.strictEqual(yield* exit, 0)
      assert.deepStrictEqual(server.requests.map(({ json }) => [json.stream ?? false, json.temperature]), [
        [false, undefined],
        [false, 0.5]
      ])
      assert.strictEqual(server.accepted(), 1, "the layer is built once: the connection is kept")
    })))

  it.live("prints what the program prints, in order", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.silence)
      const { exit, next } = yield* script("print", server)
      assert.strictEqual(yield* next, "from the worker")
      assert.strictEqual(yield* next, "from the loop")
      assert.strictEqual(yield* exit, 0)
    })))

  it.live("runs from a string of code", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("[[ ## answer ## ]]\nParis"))
      const code = `
        import * as BlockingStream from "effect-lm/bridge/BlockingStream"
        const programs = BlockingStream.module(new URL("${new URL("./fixtures/programs.ts", import.meta.url)}"))
        console.log(JSON.stringify(programs().call({ question: "?" })))`
      const { exit, next } = yield* node(["--input-type=module", "--eval", code], server)
      assert.deepStrictEqual(yield* next, { answer: "Paris" })
      assert.strictEqual(yield* exit, 0)
    })))

  it.live("hears of a program that has no memory left", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.silence)
      const { exit, next } = yield* script("memory", server, "--max-old-space-size=64")
      const { error, message } = yield* next
      assert.isTrue(error)
      assert.match(message, /memory/)
      assert.strictEqual(yield* exit, 0)
    })))
})

describe("20 blocking loops at once, each in a thread of its own", { timeout: 120_000 }, () => {
  it.live("all end", () =>
    Effect.scoped(Effect.gen(function*() {
      const all = yield* Deferred.make<void>()
      const server = yield* WireServer.make((exchange) =>
        Effect.gen(function*() {
          // No answer before all have asked: they are at it at the same time, or the test waits for ever.
          if (server.requests.length === 20) yield* Deferred.succeed(all, undefined)
          yield* Deferred.await(all)
          yield* WireServer.events(say("[[ ## answer ## ]]\nOne"), say(" two"), stop, WireServer.done)(exchange)
        })
      )
      const chunks = yield* Effect.forEach(Array.from({ length: 20 }), () =>
        Effect.callback<string>((resume) => {
          let text = ""
          const worker = new Worker(loop, { workerData: "failure", env: environment(server) })
          worker.on("message", (line: string) => text += JSON.parse(line).chunk ?? "")
          worker.on("error", (error) => resume(Effect.die(error)))
          worker.on("exit", () => resume(Effect.succeed(text)))
        }), { concurrency: "unbounded" })
      assert.deepStrictEqual(chunks, Array.from({ length: 20 }, () => "One two"))
    })))
})
