/** The tools that MCP servers list: which are called, which are left out, and when they are listed again. Half a minute. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Approval, Mcp } from "effect-lm"
import { call, registry, toolbox, warnings } from "./support/client.ts"
import { text, tool } from "./support/messages.ts"
import { programs, serving } from "./support/programs.ts"

const odd = (options: Partial<Mcp.StdioOptions> = {}) => Mcp.stdio({ command: "odd", ...options })
const one = [tool("a"), tool("b")]

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
