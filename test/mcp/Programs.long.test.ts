/** MCP servers that are programs: how each odd one is taken, one process a test. A minute. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Fiber, Redacted } from "effect"
import { Approval, Mcp, McpError, Observer } from "effect-lm"
import * as TestClock from "effect/testing/TestClock"

import {
  call,
  type Message,
  type Program,
  programs,
  registry,
  serving,
  text,
  tool,
  toolbox,
  warnings
} from "./fixtures/client.ts"

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

describe("what a call of a tool gives", () => {
  const rows: ReadonlyArray<readonly [name: string, result: unknown, said: string, value?: unknown]> = [
    ["no content", { structuredContent: { x: 1 } }, "{\"x\":1}", { x: 1 }],
    [
      "nulls",
      { content: [{ type: "text", text: "hi", annotations: null }], structuredContent: null, isError: null },
      "hi"
    ],
    ["success, written as a text", { ...text("hi"), isError: "false" }, "hi"],
    ["content that is a text", { content: "just text" }, "just text"],
    ["a text that is a number", { content: [{ type: "text", text: 42 }] }, "42"],
    [
      "an unknown block",
      { content: [{ type: "widget", html: "" }, null] },
      "[widget was left out: it is no text]\nnull"
    ],
    [
      "an image without its type",
      { content: [{ type: "image", data: "" }] },
      "[image was left out: there are no bytes]"
    ],
    [
      "a resource without a type",
      { content: [{ type: "resource", resource: { uri: "file:///a", text: "body" } }] },
      "body"
    ],
    ["the result of the first servers", { toolResult: [1] }, "[1]", [1]]
  ]
  for (const [name, result, said, value = said] of rows) {
    it.live(name, () =>
      Effect.gen(function*() {
        const { layer } = programs(serving(one, (message, { answer }) => answer(message, result)))
        const box = yield* Effect.provide(toolbox(odd()), layer)
        assert.deepInclude(yield* call(box, "a"), { _tag: "Success", text: said, value })
      }))
  }

  it.live("failures, in the server's words", () =>
    Effect.gen(function*() {
      const results: Record<string, object> = {
        nothing: { result: null },
        task: { result: { resultType: "input_required" } },
        wordless: { result: { isError: true } },
        written: { result: { ...text("as a text"), isError: "True" } },
        counted: { result: { ...text("as a number"), isError: 1 } },
        twice: { error: { message: "no such file", data: "no such file" } },
        again: { error: { message: "no such file", data: { message: "no such file", hint: null } } },
        longer: { error: { message: "no such file", data: "no such file: a.txt" } },
        added: { error: { message: "no such file", data: { detail: "no such file", name: "a.txt" } } },
        unnamed: { error: { code: 1, data: { x: [1] } } },
        refused: { error: { code: -32_602, message: "bad arguments", data: { missing: ["x"] } } },
        text: { error: "broken" }
      }
      const { layer } = programs(
        serving(Object.keys(results).map((name) => tool(name)), ({ id, params }, { say }) =>
          say({ id, ...results[params.name] }))
      )
      const box = yield* Effect.provide(toolbox(odd()), layer)
      const said = yield* Effect.forEach(box.names, (name) =>
        Effect.map(call(box, name), ({ _tag, text }) => [_tag, text]))
      assert.deepStrictEqual(said, [
        ["Failure", "added: no such file: {\"name\":\"a.txt\"}"],
        ["Failure", "again: no such file"],
        ["Failure", "counted: as a number"],
        ["Failure", "longer: no such file: a.txt"],
        ["Failure", "nothing: the server answered with nothing that a tool can give"],
        ["Failure", "refused: bad arguments: {\"missing\":[\"x\"]}"],
        ["Failure", "task: the server asks for input in the middle of the call, which is not supported"],
        ["Failure", "text: broken"],
        ["Failure", "twice: no such file"],
        ["Failure", "unnamed: {\"code\":1,\"data\":{\"x\":[1]}}"],
        ["Failure", "wordless: the server says that it failed, and not why"],
        ["Failure", "written: as a text"]
      ])
    }))

  it.live("progress is the tool's, and of no other call", () =>
    Effect.gen(function*() {
      const { layer } = programs(serving(one, (message, { answer, say }) => {
        const progress = (params: object) => say({ method: "notifications/progress", params })
        const { progressToken } = message.params._meta
        progress({ progressToken, progress: 1, total: 3, message: "first", _meta: {} })
        progress({ progressToken: "other", progress: 9 })
        progress({ progressToken, progress: "odd" })
        progress({ progressToken: String(progressToken), progress: 2, total: null })
        answer(message, text("done"))
      }))
      const box = yield* Effect.provide(toolbox(odd()), layer)
      const seen: Array<unknown> = []
      yield* call(box, "a").pipe(Observer.observe({
        interest: () => undefined,
        onEvents: (events) =>
          Effect.sync(() => {
            for (const event of events) seen.push(event._tag === "ToolProgress" ? event.value : event._tag)
          })
      }))
      assert.deepStrictEqual(seen, [
        "ToolStart",
        { progress: 1, total: 3, message: "first" },
        { progress: 2 },
        "ToolEnd"
      ])
    }))
})

describe("the tools of a server", () => {
  /** The names, and what was logged. */
  const listed = (tools: ReadonlyArray<unknown>, options: Partial<Mcp.StdioOptions> = {}) =>
    warnings((logged) =>
      Effect.gen(function*() {
        const { layer } = programs(
          serving(tools as ReadonlyArray<object>, (message, { answer }) => answer(message, text("ok")))
        )
        const box = yield* Effect.provide(toolbox(odd(options)), layer)
        return { box, logged }
      })
    )

  const fine: Record<string, object> = {
    "a description that is null": { description: null },
    "annotations that are null": { annotations: null },
    "nulls all over": { title: null, outputSchema: null, _meta: null, icons: null, execution: null },
    "a schema without its type": { inputSchema: { properties: { x: { type: "string" } } } },
    "no schema": { inputSchema: undefined },
    "a schema whose type is odd": { inputSchema: { type: "Object", properties: { x: { type: "any" }, y: "str" } } },
    "a schema with nulls": { inputSchema: { type: "object", properties: null, required: null } },
    "an output schema that is no object's": { outputSchema: { type: "array" } }
  }
  for (const [name, more] of Object.entries(fine)) {
    it.live(`${name}: it is called like any other, and there is nothing to say`, () =>
      Effect.gen(function*() {
        const { box, logged } = yield* listed([tool("a", more), tool("b")])
        assert.deepStrictEqual(box.names, ["a", "b"])
        assert.deepInclude(box.specs[0]?.parameters, { type: "object" })
        assert.strictEqual((yield* call(box, "a")).text, "ok")
        assert.deepStrictEqual(logged, [])
      }))
  }

  it.live("one that cannot be called is left out, and said by its name", () =>
    Effect.gen(function*() {
      const { box, logged } = yield* listed([
        null,
        { description: "nameless" },
        tool("text", { inputSchema: { type: "string" } }),
        tool("list", { inputSchema: [] }),
        tool("deep", { inputSchema: { default: JSON.parse(`${"[".repeat(1000)}${"]".repeat(1000)}`) } }),
        tool("task", { execution: { taskSupport: "required" } }),
        tool("header", {
          inputSchema: { type: "object", properties: { x: { type: "string", "x-mcp-header": "a b" } } }
        }),
        tool("b"),
        tool("b", { description: "again" })
      ])
      assert.deepStrictEqual(box.names, ["b"])
      assert.deepStrictEqual(logged.map((line) => line.replace("the MCP server 'odd': ", "")), [
        "tool number 1 of its list was left out: it has no name",
        "tool number 2 of its list was left out: it has no name",
        "the tool 'text' was left out: its arguments are no object, but {\"type\":\"string\"}",
        "the tool 'list' was left out: its `inputSchema` is no schema of an object, but []",
        "the tool 'deep' was left out: its `inputSchema` is nested more than 500 levels deep",
        "the tool 'task' was left out: it runs only as a task, which is not supported",
        "the tool 'header' was left out: its `x-mcp-header` is no name that a header can have",
        "it has the tool 'b' twice: the first is used"
      ])
    }))

  it.live("what is odd of a tool is left out, and the tool is not", () =>
    Effect.gen(function*() {
      const { box, logged } = yield* listed([tool("a", { description: 42, annotations: { readOnlyHint: "yes" } })], {
        policy: ({ annotations, description }) => {
          assert.deepStrictEqual([annotations, description], [{}, undefined])
          return { needsApproval: annotations?.readOnlyHint !== true }
        }
      })
      assert.deepInclude(yield* call(box, "a"), { _tag: "Failure", kind: "Refused" })
      assert.strictEqual((yield* Effect.provide(call(box, "a"), Approval.layerAuto)).text, "ok")
      assert.deepStrictEqual(logged, [
        "the MCP server 'odd': the tool 'a': its description was ignored: 42",
        "the MCP server 'odd': the tool 'a': its readOnlyHint was ignored: \"yes\""
      ])
    }))

  it.live("some of them, by the server's names; a name that it has not is told", () =>
    Effect.gen(function*() {
      const { box, logged } = yield* listed([tool("a.x"), tool("b"), null], { tools: ["a.x", "c"], prefix: "p_" })
      assert.deepStrictEqual(box.names, ["p_a_x"])
      assert.deepStrictEqual(logged, [
        "the MCP server 'odd': it has no tool 'c', which `tools` names; it has: a.x, b"
      ])
      assert.deepStrictEqual((yield* listed([tool("a")], { tools: [] })).box.names, [])
    }))

  describe("in pages", () => {
    const pages = (page: (cursor: unknown) => unknown) =>
      warnings((logged) =>
        Effect.gen(function*() {
          const { layer, sent } = programs((message, program) =>
            message.method === "tools/list"
              ? program.answer(message, page(message.params.cursor))
              : serving([], () => {})(message, program)
          )
          const box = yield* Effect.provide(toolbox(odd()), layer)
          return { names: box.names, logged, asked: sent.filter(({ method }) => method === "tools/list").length }
        })
      )
    for (const nextCursor of ["", null, undefined, 7]) {
      it.live(`the last has the cursor ${JSON.stringify(nextCursor)}`, () =>
        Effect.gen(function*() {
          const { asked, logged, names } = yield* pages((cursor) =>
            cursor === undefined ? { tools: [tool("a")], nextCursor: "2" } : { tools: [tool("b")], nextCursor }
          )
          assert.deepStrictEqual([names, asked, logged], [["a", "b"], 2, []])
        }))
    }

    it.live("that go in a circle are left", () =>
      Effect.gen(function*() {
        const next = new Map<unknown, string>([[undefined, "1"], ["1", "2"], ["2", "1"]])
        const { asked, logged, names } = yield* pages((cursor) => ({
          tools: [tool(`t${cursor ?? 0}`)],
          nextCursor: next.get(cursor)
        }))
        assert.deepStrictEqual([names, asked, logged], [["t0", "t1", "t2"], 3, [
          "the MCP server 'odd': its list of tools goes in a circle: it gave the same cursor twice"
        ]])
      }))

    it.live("an odd one ends them", () =>
      Effect.gen(function*() {
        const { logged, names } = yield* pages((cursor) =>
          cursor === undefined ? { tools: [tool("a")], nextCursor: "2" } : {}
        )
        assert.deepStrictEqual(names, ["a"])
        assert.match(logged.join(), /a page of its list of tools has no `tools`/)
      }))
  })

  it.live("none, where the server does not know what tools are", () =>
    Effect.gen(function*() {
      const { layer } = programs((message, program) =>
        message.method === "tools/list"
          ? program.say({ id: message.id, error: { code: -32_601, message: "?" } })
          : serving([], () => {})(message, program)
      )
      assert.deepStrictEqual((yield* Effect.provide(toolbox(odd()), layer)).names, [])
    }))

  it.live("are listed again when the server says so, for the runs that begin then", () =>
    warnings((logged) =>
      Effect.gen(function*() {
        let tools = [tool("a"), tool("odd", { inputSchema: 1 })]
        const { layer, sent } = programs((message, program) =>
          serving(tools, (message, { answer, say }) => {
            tools = [...tools, tool("now"), tool("b", { description: "new" })]
            say({ method: "notifications/tools/list_changed", params: null })
            answer(message, text("changed"))
          })(message, program)
        )
        const lists = () => sent.filter(({ method }) => method === "tools/list").length
        const begin = yield* Effect.provide(registry(odd({ prefix: "x_" })), layer)
        const box = yield* begin
        assert.deepStrictEqual([box.names, lists()], [["x_a"], 1])
        yield* call(box, "x_a")
        assert.deepStrictEqual([(yield* begin).names, (yield* begin).names.length, lists()], [
          ["x_a", "x_b", "x_now"],
          3,
          2
        ])
        assert.deepStrictEqual(box.names, ["x_a"])
        assert.strictEqual(logged.length, 1)
      })
    ))

  it.live("stay as they were, with a warning, where they cannot be listed again", () =>
    warnings((logged) =>
      Effect.gen(function*() {
        let isBroken = false
        const { layer } = programs((message, program) =>
          isBroken && message.method === "tools/list"
            ? program.say({ id: message.id, error: { code: 1, message: "not now" } })
            : serving(one, (message, { answer, say }) => {
              isBroken = true
              say({ method: "notifications/tools/list_changed" })
              answer(message, text("ok"))
            })(message, program)
        )
        const begin = yield* Effect.provide(registry(odd()), layer)
        yield* call(yield* begin, "a")
        assert.deepStrictEqual((yield* begin).names, ["a", "b"])
        assert.match(logged.join(), /could not be listed again, and stay as they were: the MCP server 'odd': not now/)
      })
    ))
})

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

it.live("a newcomer that takes a tool's name is left out, with a warning", () =>
  warnings((logged) =>
    Effect.gen(function*() {
      const changing = (name: string) => {
        let tools = [tool(name)]
        return programs((message, program) =>
          serving(tools, (message, { answer, say }) => {
            tools = [tool(name), tool("shared")]
            say({ method: "notifications/tools/list_changed" })
            answer(message, text(name))
          })(message, program)
        )
      }
      const sources = ["a", "b"].map((name) => ({
        tools: Effect.provide(Mcp.stdio({ command: name }).tools, changing(name).layer)
      }))
      const begin = yield* registry(...sources)
      const box = yield* begin
      yield* call(box, "a")
      yield* call(box, "b")
      assert.deepStrictEqual((yield* begin).names, ["a", "b", "shared"])
      yield* begin
      assert.strictEqual(logged.length, 1)
      assert.match(
        logged.join(),
        /there are two tools 'shared', one of the MCP server '[ab]', one of the MCP server '[ab]'/
      )
    })
  ))
