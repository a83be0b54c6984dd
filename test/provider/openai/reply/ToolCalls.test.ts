/** Tool calls, however their pieces are numbered and named. */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { atOnce, only } from "../../support/decoding.ts"

const { chunk, done, stop } = WireServer
const call = (fragment: Readonly<Record<string, unknown>>) => chunk({ tool_calls: [fragment] })
const calls = (body: string) => only(body + chunk({}, { finish_reason: "tool_calls" }) + done).toolCalls
const fn = (name: string | null | undefined, args: unknown) => ({ function: { name, arguments: args } })

describe("tool calls", () => {
  const both = [{ id: "a", name: "f", arguments: "{\"x\":1}" }, { id: "b", name: "g", arguments: "{\"y\":2}" }]

  it("as the protocol has them", () => {
    assert.deepStrictEqual(
      calls(
        call({ index: 0, id: "a", type: "function", ...fn("f", "") }) +
          call({ index: 0, function: { arguments: "{\"x\"" } }) +
          call({ index: 0, function: { arguments: ":1}" } }) + call({ index: 1, id: "b", ...fn("g", "") }) +
          call({ index: 1, function: { arguments: "{\"y\":2}" } })
      ),
      both
    )
  })

  it("interleaved by index", () => {
    assert.deepStrictEqual(
      calls(
        call({ index: 0, id: "a", ...fn("f", "{\"x\"") }) + call({ index: 1, id: "b", ...fn("g", "{\"y\"") }) +
          chunk({
            tool_calls: [{ index: 1, function: { arguments: ":2}" } }, { index: 0, function: { arguments: ":1}" } }]
          })
      ),
      both
    )
  })

  it("without an index, by id", () => {
    assert.deepStrictEqual(
      calls(
        call({ id: "a", ...fn("f", "{\"x\"") }) + call({ id: "b", ...fn("g", "{\"y\"") }) +
          call({ id: "a", ...fn(null, ":1}") }) +
          call({ id: "b", ...fn("", ":2}") })
      ),
      both
    )
  })

  it("without an index, by position, and otherwise to the last open call", () => {
    const parts = (...args: ReadonlyArray<string>) => ({
      tool_calls: args.map((text) => ({ function: { arguments: text } }))
    })
    assert.deepStrictEqual(
      calls(
        chunk({ tool_calls: [{ id: "a", ...fn("f", "{\"x\"") }, { id: "b", ...fn("g", "{\"y\"") }] }) +
          chunk(parts(":1}", ":2")) +
          call({ function: { arguments: "}" } })
      ),
      both
    )
    assert.deepStrictEqual(
      calls(
        call({ id: "a", ...fn("f", "{\"x\"") }) + call(fn(null, ":1}")) + call({ id: "b", ...fn("g", "") }) +
          call(fn(undefined, "{\"y\":2}"))
      ),
      both
    )
  })

  it("whole, with neither index nor id", () => {
    const twice = calls(call(fn("f", "{\"x\":1}")) + call(fn("f", "{\"x\":2}")) + call(fn("g", "{}")))
    assert.deepStrictEqual(twice, [
      { id: "call_0_0", name: "f", arguments: "{\"x\":1}" },
      { id: "call_0_1", name: "f", arguments: "{\"x\":2}" },
      { id: "call_0_2", name: "g", arguments: "{}" }
    ])
    const together = calls(chunk({ tool_calls: [fn("f", "{\"x\":1}"), fn("f", "{\"x\":2}")] }))
    assert.deepStrictEqual(together, twice.slice(0, 2))
  })

  it("with neither index nor id, the name repeated each time", () => {
    assert.deepStrictEqual(calls(call(fn("f", "{\"x\"")) + call(fn("f", ":1}"))), [
      { id: "call_0_0", name: "f", arguments: "{\"x\":1}" }
    ])
  })

  it("with quotes and braces in the arguments", () => {
    const args = "{\"x\":\"\\\"}]\",\"y\":\"\\\\\"}"
    JSON.parse(args)
    for (let at = 1; at < args.length; at++) {
      const parts = call({ index: 0, ...fn("f", args.slice(0, at)) }) + call({ index: 0, ...fn("f", args.slice(at)) })
      assert.deepStrictEqual(atOnce(parts + done).toolCalls.map((call) => call.arguments), [args])
    }
  })

  it("all with index 0", () => {
    assert.deepStrictEqual(
      calls(
        call({ index: 0, id: "a", ...fn("f", "{\"x\":1}") }) + call({ index: 0, id: "b", ...fn("g", "{\"y\"") }) +
          call({ index: 0, ...fn(null, ":2}") })
      ),
      both
    )
    assert.deepStrictEqual(
      calls(call({ index: 0, ...fn("f", "{\"x\":\"}\"}") }) + call({ index: 0, ...fn("f", "{}") })).map((call) =>
        call.arguments
      ),
      ["{\"x\":\"}\"}", "{}"]
    )
  })

  it("with a new index and id on each fragment", () => {
    const fragment = (index: number, name: string, args: string) => call({ index, id: `id${index}`, ...fn(name, args) })
    assert.deepStrictEqual(
      calls(fragment(0, "f", "") + fragment(1, "", "{\"x\"") + fragment(2, "", ":") + fragment(3, "", "1}")),
      [
        { id: "id0", name: "f", arguments: "{\"x\":1}" }
      ]
    )
  })

  it("with the name and id repeated each time, or null", () => {
    assert.deepStrictEqual(
      calls(
        call({ index: 0, id: "a", ...fn("f", "{\"x\"") }) + call({ index: 0, id: "a", ...fn("f", ":") }) +
          call({ index: 0, id: null, ...fn("f", "1") }) +
          call({ index: 0, id: null, type: null, ...fn(null, null) }) + call({ index: 0 }) +
          call({ index: 0, ...fn(null, "}") })
      ),
      [both[0]!]
    )
  })

  it("with arguments as an object, as custom input, or in the old function_call", () => {
    assert.deepStrictEqual(calls(call({ index: 0, id: "a", ...fn("f", { x: 1 }) })), [both[0]!])
    assert.deepStrictEqual(
      calls(
        call({ index: 0, id: "a", type: "custom", custom: { name: "f", input: "ab" } }) +
          call({ index: 0, custom: { input: "c" } })
      ),
      [{ id: "a", name: "f", arguments: "abc" }]
    )
    const old = chunk({ function_call: { name: "f", arguments: "{\"x\"" } }) +
      chunk({ function_call: { arguments: ":1}" } }) +
      chunk({}, { finish_reason: "function_call" }) + done
    assert.deepStrictEqual(only(old).toolCalls, [{ id: "call_0_0", name: "f", arguments: "{\"x\":1}" }])
    assert.strictEqual(only(old).finish, "tool-calls")
  })

  it("named like what plain objects inherit, and with arguments of any kind", () => {
    const odd = calls(
      call({ index: 0, id: "__proto__", ...fn("constructor", "{\"__proto__\":{}}") }) +
        call({ index: 1, id: "toString", ...fn("hasOwnProperty", "[") })
    )
    assert.deepStrictEqual(odd, [
      { id: "__proto__", name: "constructor", arguments: "{\"__proto__\":{}}" },
      { id: "toString", name: "hasOwnProperty", arguments: "[" }
    ])
  })

  it("collected calls count, whatever the reason says", () => {
    const whole = call({ index: 0, id: "a", ...fn("f", "{}") })
    assert.strictEqual(only(whole + stop + done).finish, "tool-calls")
    assert.strictEqual(only(whole + chunk({}, { finish_reason: "length" }) + done).finish, "length")
    assert.strictEqual(only(chunk({ content: "a" }) + chunk({}, { finish_reason: "tool_calls" }) + done).finish, "stop")
  })
})
