/** MCP servers that are programs and odd in what they write: how each is taken, one process a test. Half a minute. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Fiber } from "effect"
import { Mcp } from "effect-lm"
import * as TestClock from "effect/testing/TestClock"
import { call, registry, toolbox } from "./support/client.ts"
import { type Message, text, tool } from "./support/messages.ts"
import { type Program, programs, serving } from "./support/programs.ts"

const odd = (options: Partial<Mcp.StdioOptions> = {}) => Mcp.stdio({ command: "odd", ...options })
const one = [tool("a"), tool("b")]

/** What two calls say, of which the server answers the first so. */
const twoCalls = (first: (message: Message, program: Program) => void, onStart?: (program: Program) => void) =>
  Effect.gen(function*() {
    let calls = 0
    const { layer } = programs(
      serving(
        one,
        (message, program) => ++calls === 1 ? first(message, program) : program.answer(message, text("two"))
      ),
      onStart
    )
    const box = yield* Effect.provide(toolbox(odd()), layer)
    return [(yield* call(box, "a")).text, (yield* call(box, "b")).text]
  })

describe("what a program writes beside its answers", () => {
  const answered = (before: string, after = "") => (message: Message, program: Program) => {
    const answer = JSON.stringify({ jsonrpc: "2.0", id: message.id, result: text("one") })
    program.write(`${before}${answer}${after}\n`)
  }
  const note = (method: string, params?: unknown) => `${JSON.stringify({ jsonrpc: "2.0", method, params })}\n`

  const rows: Record<string, (message: Message, program: Program) => void> = {
    "a line of a log": answered("DEBUG: called\n"),
    "empty lines": answered("\n  \n"),
    "a line of a log that is JSON": answered("{\"level\":30,\"id\":3,\"msg\":\"called\"}\n[1]\n\"text\"\nnull\n"),
    "text before the message on its line": answered("Loading... "),
    "a byte order mark and CRLF": answered("\ufeff", "\r"),
    "an unknown notification": answered(note("notifications/whatever", { x: 1 })),
    "a notification whose parameters are null": answered(note("notifications/message", null)),
    "progress of nobody's": answered(
      note("notifications/progress", null) + note("notifications/progress", { progress: 1 })
    ),
    "an answer to nobody": answered("{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}\n"),
    "an id as text": (message, { say }) => say({ id: String(message.id), result: text("one") }),
    "an error that is null": (message, { say }) => say({ id: message.id, error: null, result: text("one") }),
    "no version": (message, { write }) => write(`${JSON.stringify({ id: message.id, result: text("one") })}\n`),
    "no version, and a little more": (message, { write }) =>
      write(`${JSON.stringify({ id: message.id, result: text("one"), error: null, _meta: {} })}\n`),
    "a version that is a number, and more": (message, { say }) =>
      say({ jsonrpc: 2, id: message.id, result: text("one"), time: 3 }),
    "no id": (_, { say }) => say({ result: text("one") }),
    "an id that is null": (_, { say }) => say({ id: null, result: text("one") }),
    "lines of a log that are like answers": answered(
      "{\"id\":3,\"error\":\"no\",\"level\":50}\n{\"error\":\"no\"}\n{\"result\":{}}\n"
    ),
    "another version": (message, { write }) =>
      write(`${JSON.stringify({ jsonrpc: "1.0", id: message.id, result: text("one") })}\n`),
    "the method of what it answers": (message, { say }) =>
      say({ id: message.id, method: "tools/call", result: text("one") }),
    "a batch": (message, { write }) =>
      write(
        `[{"jsonrpc":"2.0","method":"x"},${JSON.stringify({ jsonrpc: "2.0", id: message.id, result: text("one") })}]\n`
      ),
    "pieces": (message, { write }) => {
      const answer = new TextEncoder().encode(
        `${JSON.stringify({ jsonrpc: "2.0", id: message.id, result: text("one") })}\n`
      )
      for (const byte of answer) write(String.fromCharCode(byte))
    }
  }
  for (const [name, first] of Object.entries(rows)) {
    it.live(name, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* twoCalls(first), ["one", "two"])
      }))
  }

  it.live("a banner before the first message", () =>
    Effect.gen(function*() {
      const said = yield* twoCalls(answered(""), ({ write }) => write("Welcome!\nlistening on stdio\n"))
      assert.deepStrictEqual(said, ["one", "two"])
    }))

  it.live("an answer that is too long fails its own call", () =>
    Effect.gen(function*() {
      const [first, second] = yield* twoCalls(({ id }, { write }) => {
        write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`)
        for (let i = 0; i < 17; i++) write("x".repeat(1024 * 1024))
        write("\"}]}}\n")
      })
      assert.strictEqual(first, "a: its answer is longer than 16777216 characters")
      assert.strictEqual(second, "two")
    }))

  it.live("an answer with neither a result nor an error fails its own call", () =>
    Effect.gen(function*() {
      for (const nothing of [{}, { error: null }]) {
        const said = yield* twoCalls(({ id }, { say }) => say({ id, ...nothing }))
        assert.deepStrictEqual(said, ["a: the answer has neither a result nor an error", "two"])
      }
    }))

  it.live("an error without an id belongs to the call that alone waits", () =>
    Effect.gen(function*() {
      const said = yield* twoCalls((_, { say }) => say({ id: null, error: { code: -32_603, message: "internal" } }))
      assert.deepStrictEqual(said, ["a: internal", "two"])
    }))

  it.live("what a server asks is answered: a ping, and that nothing else is offered", () =>
    Effect.gen(function*() {
      const { layer, sent } = programs(serving(one, (message, { answer, say }) => {
        say({ id: "p", method: "ping" })
        say({ id: 77, method: "roots/list", params: null })
        answer(message, text("one"))
      }))
      const box = yield* Effect.provide(toolbox(odd()), layer)
      assert.strictEqual((yield* call(box, "a")).text, "one")
      assert.deepInclude(sent.find(({ id, method }) => id === "p" && method === undefined), { result: {} })
      assert.deepInclude(sent.find(({ id, method }) => id === 77 && method === undefined)?.error, { code: -32_601 })
    }))
})

describe("a handshake that is answered oddly", () => {
  const shapes: Record<string, readonly [answer: object, said: RegExp]> = {
    "by a text, without a version": [{ result: "ok" }, /its answer to initialize is no object/],
    "by nothing": [{ result: null }, /its answer to initialize is no object/],
    "by a list": [{ jsonrpc: "1.0", result: [] }, /its answer to initialize is no object/],
    "by neither": [{ jsonrpc: "2.0" }, /the answer has neither a result nor an error/],
    "by an error that is a text": [{ error: "not today" }, /not today/],
    "by an error without an id": [{ jsonrpc: "2.0", id: null, error: { code: 1, message: "not today" } }, /not today/]
  }
  for (const [name, [answer, said]] of Object.entries(shapes)) {
    it.effect(`${name}: that is said, and soon`, () =>
      Effect.gen(function*() {
        // It answers nothing that it does not know.
        const { layer } = programs((message, { write }) => {
          if (message.method === "initialize") write(`${JSON.stringify({ id: message.id, ...answer })}\n`)
        })
        const began = yield* Clock.currentTimeMillis
        const made = yield* Effect.forkChild(Effect.flip(Effect.provide(toolbox(odd()), layer)))
        while (made.pollUnsafe() === undefined) {
          yield* TestClock.adjust("1 second")
          yield* Effect.yieldNow
        }
        assert.match(String(yield* Fiber.join(made)), said)
        assert.isAtMost((yield* Clock.currentTimeMillis) - began, 30_000)
      }))
  }
})

it.live("the newest protocol has no handshake, and tells of changes whoever listens for them", () =>
  Effect.gen(function*() {
    let tools = [tool("a")]
    let listening: string | number | undefined
    const { layer, sent } = programs((message, { answer, say }) => {
      switch (message.method) {
        case "initialize":
          return say({ id: message.id, error: { code: -32_601, message: "Method not found" } })
        case "server/discover":
          return answer(message, { supportedVersions: ["2026-07-28"], capabilities: { tools: { listChanged: true } } })
        case "subscriptions/listen":
          listening = message.id
          return
        case "tools/list":
          return answer(message, { tools, resultType: "complete" })
        case "tools/call":
          tools = [tool("a"), tool("new")]
          if (listening !== undefined) say({ method: "notifications/tools/list_changed" })
          return answer(message, { ...text("ok"), resultType: "complete" })
      }
    })
    const begin = yield* Effect.provide(registry(odd()), layer)
    assert.strictEqual((yield* call(yield* begin, "a")).text, "ok")
    assert.deepStrictEqual((yield* begin).names, ["a", "new"])
    assert.deepInclude(sent.find(({ method }) => method === "subscriptions/listen")?.params, {
      notifications: { toolsListChanged: true }
    })
    assert.isTrue(
      sent.filter(({ method }) => method !== "initialize").every(({ params }) =>
        params._meta["io.modelcontextprotocol/protocolVersion"] === "2026-07-28"
      )
    )
  }))

it.live("a call that is interrupted is cancelled at the server, and the next one is answered", () =>
  Effect.gen(function*() {
    const asked = yield* Deferred.make<Message>()
    const { layer, sent } = programs(serving(one, (message, { answer }) =>
      message.params.name === "a"
        ? void Effect.runSync(Deferred.succeed(asked, message))
        : answer(message, text("ok"))))
    const box = yield* Effect.provide(toolbox(odd()), layer)
    const hanging = yield* Effect.forkChild(call(box, "a"))
    const { id } = yield* Deferred.await(asked)
    yield* Fiber.interrupt(hanging)
    assert.strictEqual((yield* call(box, "b")).text, "ok")
    assert.deepInclude(sent.find(({ method }) => method === "notifications/cancelled")?.params, { requestId: id })
  }))
