/** MCP servers that are programs and end, in all the ways in which programs do. Fifteen seconds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { Mcp, McpError } from "effect-lm"
import { call, registry, toolbox } from "./support/client.ts"
import { text, tool } from "./support/messages.ts"
import { type Program, programs, serving } from "./support/programs.ts"

const odd = (options: Partial<Mcp.StdioOptions> = {}) => Mcp.stdio({ command: "odd", ...options })
const one = [tool("a"), tool("b")]

describe("a program that ends", () => {
  it.live("before it answers: its exit code, and the last lines of its standard error", () =>
    Effect.gen(function*() {
      const { layer } = programs(() => {}, ({ complain, exit }) => {
        complain(Array.from({ length: 20 }, (_, i) => `line ${i}\n`).join(""))
        complain("Error: KEY=s3cret-key is wrong, proxy http://me:s3cret@proxy\n\n")
        exit(3)
      })
      const error = yield* Effect.flip(Effect.provide(toolbox(odd({ env: { KEY: "s3cret-key" } })), layer))
      assert.instanceOf(error, McpError)
      assert.deepInclude(error.reason, { _tag: "Unreachable", exitCode: 3 })
      assert.deepStrictEqual(error.message.split("\n"), [
        "the MCP server 'odd': it ended with exit code 3; run the command yourself to see what it says",
        "The end of its standard error:",
        ...Array.from({ length: 9 }, (_, i) => `line ${i + 11}`),
        "Error: KEY=<secret> is wrong, proxy http://<secret>@proxy"
      ])
    }))

  it.live("what of its words are secrets is left out, and the others are not", () =>
    Effect.gen(function*() {
      const random = "Zk9fQ2b7Lx4Pq8Rt1Vw6"
      const rows: ReadonlyArray<readonly [options: Partial<Mcp.StdioOptions>, said: string, shown: string]> = [
        [{ args: ["exit", "plain", "--verbose", "stdio"] }, "exit is plain stdio", "exit is plain stdio"],
        [{ env: { MODE: "production", LOG: "info" } }, "info: in production", "info: in production"],
        [{ env: { AUTH_TYPE: "none", KEY_FILE: "keys.txt" } }, "none in keys.txt", "none in keys.txt"],
        [{ env: { TOKEN: "abc" } }, "abc is no tablet", "abc is no tablet"],
        [{ env: { DB_PASSWORD: "letmein" } }, "letmein: letmeins", "<secret>: letmeins"],
        [{ env: { githubToken: "hunter2-hunter2" } }, "xhunter2-hunter2x", "x<secret>x"],
        [{ env: { MODE: Redacted.make("production") } }, "in production", "in <secret>"],
        [{ env: { WHATEVER: random, MODE: "a" } }, `${random} a`, "<secret> a"],
        [{ env: { HEADERS: "{\"Authorization\": \"Bearer s3cret\", \"x\": \"yes\"}" } }, "s3cret yes", "<secret> yes"],
        [{ env: { DB: "postgres://me:s3cret@host/db" } }, "me, s3cret, host, db", "me, <secret>, host, db"],
        [{ args: ["--api-key", "s3cret", "read"] }, "s3cret read", "<secret> read"],
        [{ args: ["--api-key=s3cret", "-e", "PASS=other"] }, "s3cret other", "<secret> <secret>"],
        [{ args: ["--header", "Authorization: Bearer s3cret"] }, "no Bearer s3cret", "no <secret>"],
        [{ args: ["https://host/mcp?key=s3cret&page=two"] }, "s3cret on two", "<secret> on two"],
        [
          { args: [`sk-${"a".repeat(20)}`, "my-project-2024-v2"] },
          `sk-${"a".repeat(20)} my-project-2024-v2`,
          "<secret> my-project-2024-v2"
        ],
        [{ env: { TOKEN: "s3cret", SECRET: "s3cret-and-more" } }, "s3cret-and-more", "<secret>"]
      ]
      for (const [options, said, shown] of rows) {
        const { layer } = programs(() => {}, ({ complain, exit }) => {
          complain(said)
          exit(1)
        })
        const error = yield* Effect.flip(Effect.provide(toolbox(odd(options)), layer))
        assert.strictEqual((error as McpError).stderr, shown, JSON.stringify(options))
      }
    }))

  it.live("by a signal: which one", () =>
    Effect.gen(function*() {
      const { layer } = programs(() => {}, ({ die }) => die("SIGSEGV"))
      const error = yield* Effect.flip(Effect.provide(toolbox(odd()), layer))
      assert.match(error.message, /it was ended by SIGSEGV; run the command yourself/)
    }))

  it.live("and has written something else: what that is", () =>
    Effect.gen(function*() {
      const { layer } = programs(() => {}, ({ exit, write }) => {
        write("usage: odd FILE\n")
        exit(2)
      })
      const error = yield* Effect.flip(Effect.provide(toolbox(odd()), layer))
      assert.instanceOf(error, McpError)
      assert.strictEqual(error.reason._tag, "NotUnderstood")
      assert.match(
        error.message,
        /exit code 2; the first line .* is no message: usage: odd FILE; check that the command/
      )
    }))

  it.live("in the middle of calls fails them; the next one starts it again, once for all that wait", () =>
    Effect.gen(function*() {
      const { layer, sent, starts } = programs(serving(one, (message, program) => {
        if (program.start > 1) return program.answer(message, text(`start ${program.start}`))
        program.complain("boom\n")
        return sent.filter(({ method }) => method === "tools/call").length === 2 ? program.exit(3) : undefined
      }))
      const begin = yield* Effect.provide(registry(odd()), layer)
      const box = yield* begin
      const both = yield* Effect.all([call(box, "a"), call(box, "b")], { concurrency: 2 })
      for (const { text } of both) {
        assert.match(
          text,
          /: the MCP server 'odd': it ended with exit code 3\nThe end of its standard error:\nboom\nboom$/
        )
      }
      const next = yield* Effect.all([call(box, "a"), call(box, "b")], { concurrency: 2 })
      assert.deepStrictEqual(next.map(({ text }) => text), ["start 2", "start 2"])
      assert.strictEqual(starts(), 2)
      assert.strictEqual(sent.filter(({ method }) => method === "tools/call").length, 4)
      // It may have other tools now.
      yield* begin
      assert.strictEqual(sent.filter(({ method }) => method === "tools/list").length, 2)
    }))

  it.live("after its answer has given it, and is not asked any more from then on", () =>
    Effect.gen(function*() {
      const ends: Record<string, (id: unknown, said: object, program: Program) => void> = {
        "its output ends first": (id, result, { hangUp }) => hangUp(JSON.stringify({ jsonrpc: "2.0", id, result }), 1),
        "its output ends last": (id, result, { exitAfter }) => exitAfter({ id, result }, 1)
      }
      for (const [name, end] of Object.entries(ends)) {
        const { layer, sent, starts } = programs(
          serving(one, ({ id }, program) => end(id, text(`start ${program.start}`), program))
        )
        const box = yield* Effect.provide(toolbox(odd()), layer)
        const said = yield* Effect.forEach([1, 2, 3], () => call(box, "a"))
        assert.deepStrictEqual(said.map(({ text }) => text), ["start 1", "start 2", "start 3"], name)
        assert.strictEqual(starts(), 3)
        assert.strictEqual(sent.filter(({ method }) => method === "tools/call").length, 3)
      }
    }))

  it.live("in the middle of a call is started again for it, once, where the tool says that it may be called twice", () =>
    Effect.gen(function*() {
      const rows: ReadonlyArray<readonly [annotations: object, calls: number, said: RegExp]> = [
        [{}, 1, /exit code 1$/],
        [{ readOnlyHint: false, idempotentHint: false }, 1, /exit code 1$/],
        [{ readOnlyHint: true }, 2, /^start 2$/],
        [{ idempotentHint: true }, 2, /^start 2$/]
      ]
      for (const [annotations, calls, said] of rows) {
        const { layer, sent } = programs(
          serving(
            [tool("a", { annotations }), tool("b")],
            (message, program) =>
              program.start === 1 ? program.exit(1) : program.answer(message, text(`start ${program.start}`))
          )
        )
        const box = yield* Effect.provide(toolbox(odd()), layer)
        assert.match((yield* call(box, "a")).text, said)
        assert.strictEqual(sent.filter(({ method }) => method === "tools/call").length, calls)
      }
      const { layer, starts } = programs(
        serving([tool("a", { annotations: { readOnlyHint: true } })], (_, { exit, start }) => exit(start))
      )
      const box = yield* Effect.provide(toolbox(odd()), layer)
      assert.match((yield* call(box, "a")).text, /exit code 2$/)
      assert.strictEqual(starts(), 2)
    }))

  it.live("its standard input, and goes on, fails the call; the next one starts it again", () =>
    Effect.gen(function*() {
      const { layer, starts } = programs(serving(one, (message, program) => {
        program.answer(message, text(`start ${program.start}`))
        if (program.start === 1) program.deafen()
      }))
      const box = yield* Effect.provide(toolbox(odd()), layer)
      assert.strictEqual((yield* call(box, "a")).text, "start 1")
      assert.match((yield* call(box, "a")).text, /it closed its standard input$/)
      assert.strictEqual((yield* call(box, "a")).text, "start 2")
      assert.strictEqual(starts(), 2)
    }))

  it.live("after its answer has given it", () =>
    Effect.gen(function*() {
      const { layer, starts } = programs(
        serving(one, ({ id }, { exitAfter, start }) => exitAfter({ id, result: text(`start ${start}`) }, 0))
      )
      const box = yield* Effect.provide(toolbox(odd()), layer)
      assert.strictEqual((yield* call(box, "a")).text, "start 1")
      yield* Effect.sleep(30)
      assert.strictEqual((yield* call(box, "a")).text, "start 2")
      assert.strictEqual(starts(), 2)
    }))

  it.live("each time it is started fails the call of it", () =>
    Effect.gen(function*() {
      const { layer, starts } = programs(
        serving(one, (_, { exit }) => exit(1)),
        ({ exit, start }) => start > 1 && exit(4)
      )
      const box = yield* Effect.provide(toolbox(odd()), layer)
      assert.match((yield* call(box, "a")).text, /exit code 1$/)
      assert.match((yield* call(box, "a")).text, /exit code 4$/)
      assert.strictEqual(starts(), 2)
    }))

  it.live("with the scope is not started again", () =>
    Effect.gen(function*() {
      const { layer, starts } = programs(serving(one, (message, { answer }) => answer(message, text("ok"))))
      const box = yield* Effect.scoped(Effect.provide(toolbox(odd()), layer))
      assert.match((yield* call(box, "a")).text, /the connection is closed$/)
      assert.strictEqual(starts(), 1)
    }))
})
