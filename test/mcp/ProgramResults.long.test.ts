/** What MCP servers answer to a call of a tool, and what it gives. Fifteen seconds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Mcp, type RunEvent } from "effect-lm"
import { heardInto } from "../support/heard.ts"
import { call, toolbox } from "./support/client.ts"
import { text, tool } from "./support/messages.ts"
import { programs, serving } from "./support/programs.ts"

const odd = (options: Partial<Mcp.StdioOptions> = {}) => Mcp.stdio({ command: "odd", ...options })
const one = [tool("a"), tool("b")]

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
      const events: Array<RunEvent.RunEvent> = []
      yield* call(box, "a").pipe(heardInto(events))
      assert.deepStrictEqual(events.map((event) => event._tag === "ToolProgress" ? event.value : event._tag), [
        "ToolStart",
        { progress: 1, total: 3, message: "first" },
        { progress: 2 },
        "ToolEnd"
      ])
    }))
})
