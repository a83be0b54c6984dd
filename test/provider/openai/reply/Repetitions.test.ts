/**
 * What a server sends twice counts once.
 */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { decode, description, only } from "../../support/decoding.ts"

const { chunk, data, done, stop } = WireServer
const message = (message: unknown, finish_reason: string | null = "stop", extra: object = {}) =>
  data({ choices: [{ index: 0, message, finish_reason, ...extra }] })
const texts = (...pieces: ReadonlyArray<string>) => pieces.map((content) => chunk({ content })).join("")
const fragment = (index: number, args: string, more: object = {}, name?: string) =>
  chunk({ tool_calls: [{ index, ...more, function: { ...(name !== undefined && { name }), arguments: args } }] })
const calls = (body: string) => only(body + chunk({}, { finish_reason: "tool_calls" }) + done).toolCalls

describe("a message after deltas", () => {
  const streamed = texts("Hello", ",\n world", "!")

  it("repeats them, and may leave white space out", () => {
    for (const content of ["Hello,\n world!", " Hello,\n world!\n", "world!"]) {
      assert.strictEqual(only(streamed + message({ content }) + done).text, "Hello,\n world!")
      assert.strictEqual(only(streamed + message({ content }, "stop", { delta: {} }) + done).text, "Hello,\n world!")
      assert.strictEqual(only(streamed + stop + message({ content }, null) + done).finish, "stop")
    }
  })

  it("may differ in white space anywhere, and however much of it", () => {
    const spaced = texts("Hello,\n\n", "world", `!${" \n".repeat(200)}`)
    for (const content of ["Hello, world!", "\nHello,world!", "world!"]) {
      assert.strictEqual(only(spaced + message({ content }) + done).text, `Hello,\n\nworld!${" \n".repeat(200)}`)
    }
    assert.strictEqual(
      only(spaced + message({ content: "Hello, world!\nMore" }) + done).text.trimEnd().slice(-4),
      "More"
    )
  })

  it("tells the thought apart that the deltas had in their text", () => {
    const body = texts("<think>hm</think>", "Hello") + message({ content: "Hello", reasoning_content: "hm" }) + done
    assert.deepStrictEqual([only(body)].map(({ reasoning, text }) => [reasoning, text]), [["hm", "Hello"]])
  })

  it("completes them", () => {
    assert.strictEqual(
      only(texts("Hello", ", wor") + message({ content: "Hello, world!" }) + done).text,
      "Hello, world!"
    )
    assert.strictEqual(only(message({ content: "Hello" }) + done).text, "Hello")
  })

  it("goes on where it repeats nothing", () => {
    assert.strictEqual(only(texts("Hello") + message({ content: ", world!" }) + done).text, "Hello, world!")
  })

  it("repeats thoughts, refusals and tool calls, too", () => {
    const call = { id: "a", type: "function", function: { name: "f", arguments: "{\"x\": 1}" } }
    const body = chunk({ reasoning_content: "Let me" }) + chunk({ reasoning_content: " see" }) + texts("So") +
      fragment(0, "", { id: "a" }, "f") + fragment(0, "{\"x\"") + fragment(0, ":1}") +
      message({ reasoning_content: "Let me see", content: "So", tool_calls: [call] }, "tool_calls") + done
    assert.deepStrictEqual(only(body), {
      index: 0,
      text: "So",
      reasoning: "Let me see",
      toolCalls: [{ id: "a", name: "f", arguments: "{\"x\":1}" }],
      finish: "tool-calls"
    })
    const refused = chunk({ refusal: "I can" }) + chunk({ refusal: "not" }) + message({ refusal: "I cannot" }) + done
    assert.strictEqual(only(refused).detail, "I cannot")
  })

  it("brings the calls that were not streamed", () => {
    const call = (id: string, name: string) => ({ id, function: { name, arguments: "{}" } })
    const body = texts("So") + fragment(0, "{}", { id: "a" }, "f") +
      message({ content: "So", tool_calls: [call("a", "f"), call("b", "g")] }, "tool_calls") + done
    assert.deepStrictEqual(only(body).toolCalls.map(({ id, name }) => [id, name]), [["a", "f"], ["b", "g"]])
  })

  it("is a piece, or all so far, where there are only messages", () => {
    const of = (...contents: ReadonlyArray<string>) =>
      only(contents.map((content) => message({ content }, null)).join("") + message({ content: "" }) + done).text
    assert.strictEqual(of("ha", "ha", " ho"), "haha ho")
    assert.strictEqual(of("ha", "ha ho", "ha ho", "ha ho hi"), "ha ho hi")
  })
})

describe("texts that hold all so far", () => {
  const reasons = (...pieces: ReadonlyArray<string>) =>
    pieces.map((reasoning_content) => chunk({ reasoning_content })).join("")

  it("grow, in each channel, whatever comes beside them", () => {
    const grown = ["He", "Hello", "Hello", "Hello wo", "Hello world.", "Hello world."]
    assert.strictEqual(only(texts(...grown) + stop + done).text, "Hello world.")
    assert.strictEqual(only(texts(...grown) + done).text, "Hello world.")
    assert.strictEqual(only(reasons(...grown) + texts("So") + stop + done).reasoning, "Hello world.")
    assert.strictEqual(
      only(grown.map((refusal) => chunk({ refusal })).join("") + stop + done).detail,
      "Hello world."
    )
    assert.strictEqual(only(texts("Y", "Ye", "Yes") + stop + done).text, "Yes")
    const each = grown.map((content) => chunk({ content }, { finish_reason: "stop" })).join("")
    assert.strictEqual(only(each + done).text, "Hello world.")
    assert.strictEqual(only(texts(...grown) + message({ content: "Hello world." }) + done).text, "Hello world.")
    const thought = ["<think>", "<think>hm", "<think>hm</think>", "<think>hm</think>Paris"]
    assert.deepStrictEqual(
      [only(texts(...thought) + stop + done)].map(({ reasoning, text }) => [reasoning, text]),
      [["hm", "Paris"]]
    )
  })

  it("are pieces where they only seem to grow", () => {
    const rows = [
      ["ha", "haha"],
      ["ha", "haha", "hahaha", "!"],
      ["ha", "haha", "hahaha"],
      ["*", "**", " bold"],
      ["1", "10", " and more"],
      ["Hello", "Hello", " there"],
      ["\n", "\n\n", "a"],
      ["He", "Hello"],
      ["ab", "abc", "x", "abcd"]
    ]
    for (const row of rows) {
      assert.strictEqual(only(texts(...row) + stop + done).text, row.join(""))
      assert.strictEqual(only(texts(...row) + done).text, row.join(""))
    }
    assert.strictEqual(only(texts("ha", "haha") + message({ content: "hahaha" }) + done).text, "hahaha")
    assert.strictEqual(only(texts("ha", "haha") + message({ content: "haha" }) + done).text, "haha")
  })

  it("that grow and then are others are no answer", () => {
    const body = texts("He", "Hello", "Hello wo", "Help!") + stop + done
    assert.strictEqual(decode(body).failure, "InvalidResponse")
    assert.include(description(body), "Help!")
  })

  it("come once more at the end, with the finish, before it or after it", () => {
    const pieces = texts("Hello, ", "beautiful\n\n", "world")
    for (const content of ["Hello, beautiful\n\nworld", "Hello, beautiful\nworld\n"]) {
      const bodies = [
        texts(content) + stop + done,
        texts(content) + done,
        chunk({ content }, { finish_reason: "stop" }) + done,
        stop + texts(content) + done,
        texts(content) + message({ content })
      ]
      for (const body of bodies) assert.strictEqual(only(pieces + body).text, "Hello, beautiful\n\nworld")
    }
    const more = chunk({ content: "Hello, beautiful\n\nworld!" }, { finish_reason: "stop" })
    assert.strictEqual(only(pieces + more + done).text, "Hello, beautiful\n\nworld!")
    const thought = reasons("Let me see ", "what it is.") + reasons("Let me see what it is.") + texts("So")
    assert.strictEqual(only(thought + stop + done).reasoning, "Let me see what it is.")
  })

  it("are pieces where more follows, or where they are short", () => {
    const line = "All work and no play. "
    assert.strictEqual(only(texts("All work ", "and no play. ", line, line) + stop + done).text, line.repeat(3))
    assert.strictEqual(only(texts("All work ", "and no play. ", line, "x") + stop + done).text, `${line}${line}x`)
    assert.strictEqual(only(texts("no", " ", "no ") + stop + done).text, "no no ")
    assert.strictEqual(only(texts(line, line) + stop + done).text, line + line)
  })
})

describe("tool arguments", () => {
  const call = [{ id: "a", name: "f", arguments: "{\"city\":\"Paris\"}" }]

  it("that grow", () => {
    const grown = ["{", "{\"city\"", "{\"city\":\"Par", "{\"city\":\"Paris\"}", "{\"city\":\"Paris\"}"]
    const pieces = (more: object, name?: string) =>
      grown.map((args, n) => fragment(0, args, n === 0 ? { id: "a" } : more, n === 0 ? "f" : name)).join("")
    assert.deepStrictEqual(calls(pieces({})), call)
    assert.deepStrictEqual(calls(pieces({ id: "a" }, "f")), call)
  })

  it("that are repeated whole at the end, however they are spaced", () => {
    const streamed = fragment(0, "", { id: "a" }, "f") + fragment(0, "{\"city\":") + fragment(0, "\"Paris\"}")
    for (const whole of ["{\"city\":\"Paris\"}", "{ \"city\": \"Paris\" }", "{\n  \"city\": \"Paris\"\n}"]) {
      assert.deepStrictEqual(calls(streamed + fragment(0, whole)), call)
      assert.deepStrictEqual(calls(streamed + fragment(0, whole, { id: "a" }, "f")), call)
    }
    const nameless = fragment(0, "{\"city\":", {}, "f") + fragment(0, "\"Paris\"}", {}, "f") +
      fragment(0, "{\"city\":\"Paris\"}", {}, "f")
    assert.deepStrictEqual(calls(nameless).map(({ arguments: args }) => args), ["{\"city\":\"Paris\"}"])
  })

  it("that hold an object like themselves are whole", () => {
    const args = "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1}]}"
    for (const size of [1, 2, 3, 5, 7]) {
      const pieces = args.match(new RegExp(`.{1,${size}}`, "g"))!
      const body = fragment(0, "", { id: "a" }, "f") + pieces.map((piece) => fragment(0, piece)).join("")
      assert.strictEqual(calls(body)[0]!.arguments, args, `${size}`)
    }
  })

  it("free text may repeat itself", () => {
    const input = (text: string, more: object = {}) =>
      chunk({ tool_calls: [{ index: 0, ...more, custom: { input: text } }] })
    assert.strictEqual(
      calls(
        chunk({ tool_calls: [{ index: 0, id: "a", type: "custom", custom: { name: "f", input: "ha" } }] }) +
          input("haha") + input("ha")
      )[0]!.arguments,
      "hahahaha"
    )
  })

  it("a call without id, name and arguments is none", () => {
    const empty = [{ name: "", arguments: "" }, { name: null, arguments: null }, {}]
    for (const call of empty) {
      const whole = WireServer.completion({ content: "4", function_call: call, tool_calls: null }, {
        finish_reason: ""
      })
      assert.deepStrictEqual(only(JSON.stringify(whole)).toolCalls, [])
      assert.strictEqual(only(JSON.stringify(whole)).finish, "stop")
      const streamed = chunk({ content: "4", function_call: call }) +
        chunk({ tool_calls: [{ index: 0, function: call }] })
      assert.strictEqual(only(streamed + stop + done).finish, "stop")
    }
  })

  it("what is repeated after the finish is no more of the completion", () => {
    const body = fragment(0, "{}", { id: "a" }, "f") + chunk({}, { finish_reason: "tool_calls" })
    assert.isUndefined(decode(body + fragment(0, "{}", { id: "a" }, "f")).failure)
    assert.strictEqual(decode(body + fragment(1, "{}", { id: "b" }, "g")).failure, "Truncated")
  })
})

describe("tool arguments are one JSON object", () => {
  const named = { id: "a", name: "f" }
  const streamed = (args: ReadonlyArray<unknown>, repeat: boolean) =>
    args.map((arguments_, at) =>
      chunk({
        tool_calls: [{
          index: 0,
          ...(at === 0 || repeat ? { id: "a" } : {}),
          function: { ...(at === 0 || repeat ? { name: "f" } : {}), arguments: arguments_ }
        }]
      })
    ).join("")
  const rows: ReadonlyArray<readonly [name: string, pieces: ReadonlyArray<unknown>, args: string]> = [
    ["that grow where a value is to come", ["", "{\"x\":", "{\"x\":1}"], "{\"x\":1}"],
    [
      "the same with more after it",
      ["{\"x\":", "{\"x\":1,", "{\"x\":1,\"y\":[", "{\"x\":1,\"y\":[2]}"],
      "{\"x\":1,\"y\":[2]}"
    ],
    ["that go on with an object like themselves", ["{\"x\":", "{\"x\":1}", "}"], "{\"x\":{\"x\":1}}"],
    ["the same, white space between", ["{\"x\":", "{\"x\":1}", " ", "}"], "{\"x\":{\"x\":1}}"],
    ["an empty object first", ["{}", "{\"x\":1}"], "{\"x\":1}"],
    ["an empty object of its own kind first", [{}, { x: 1 }], "{\"x\":1}"],
    ["an empty object first, then pieces", ["{ }", "{\"x\"", ":1}"], "{\"x\":1}"],
    ["null first", ["null", "{\"x\"", ":1}"], "{\"x\":1}"],
    ["nothing but an empty object", ["{}", "{}"], "{}"],
    ["nothing but null", ["null"], "{}"],
    ["an empty object last", ["{\"x\":1}", "{}"], "{\"x\":1}"],
    [
      "again in another order",
      ["{\"x\":1,", "\"y\":{\"a\":2,\"b\":3}}", "{\"y\":{\"b\":3,\"a\":2},\"x\":1}"],
      "{\"x\":1,\"y\":{\"a\":2,\"b\":3}}"
    ],
    ["whole, then in pieces", ["{\"x\":1}", "{", "\"x\"", ":1", "}"], "{\"x\":1}"],
    ["whole, then growing, spaced", ["{\"x\":1}", "{ ", "{ \"x\":", "{ \"x\": 1}"], "{\"x\":1}"],
    ["null as a value", ["{\"x\":", "null", "}"], "{\"x\":null}"]
  ]
  for (const [name, pieces, args] of rows) {
    it(name, () => {
      for (const repeat of [false, true]) {
        assert.deepStrictEqual(calls(streamed(pieces, repeat)), [{ ...named, arguments: args }], `${repeat}`)
      }
    })
  }

  it("others that begin anew are no call, and an answer that cannot be read", () => {
    const bodies = [
      streamed(["{\"x\":1}", "{\"y\":2}"], false),
      streamed(["{\"x\":1", "{\"y\":2}"], false),
      streamed(["{\"x\":1}", "{\"y\"", ":2}"], false),
      streamed(["{\"x\":1}", "{\"y\""], false)
    ]
    for (const body of bodies) {
      const ended = body + chunk({}, { finish_reason: "tool_calls" }) + done
      assert.strictEqual(decode(ended).failure, "InvalidResponse")
      assert.include(description(ended), "could not be read as a tool call")
    }
  })

  it("two calls of one id, index and name are two where their arguments are whole and others", () => {
    for (const pieces of [["{\"x\":1}", "{\"x\":2}"], ["{\"x\":1}", "{\"x\"", ":2}"]]) {
      const found = calls(streamed(pieces, true))
      assert.deepStrictEqual(found.map((call) => call.arguments), ["{\"x\":1}", "{\"x\":2}"])
    }
  })

  it("a closing message fills in what was empty", () => {
    const call = { id: "a", type: "function", function: { name: "f", arguments: "{\"x\": 1}" } }
    const body = streamed(["{}"], false) + message({ content: null, tool_calls: [call] }, "tool_calls") + done
    assert.deepStrictEqual(only(body).toolCalls, [{ ...named, arguments: "{\"x\": 1}" }])
  })
})

describe("names and ids of tool calls", () => {
  const args = fragment(0, "{\"x\"") + fragment(0, ":1}")
  const expected = [{ id: "call_abc", name: "get_weather", arguments: "{\"x\":1}" }]

  it("in pieces, or growing", () => {
    const whole = { id: "call_abc" }
    const bodies = [
      fragment(0, "", whole, "get_") + fragment(0, "", {}, "weather"),
      fragment(0, "", whole, "get_") + fragment(0, "", whole, "weather"),
      fragment(0, "", whole, "get_") + fragment(0, "", whole, "get_weather"),
      fragment(0, "", whole, "get_") + fragment(0, "", {}, "get_weather") + fragment(0, "", {}, "get_weather"),
      fragment(0, "", { id: "call_" }, "get_weather") + fragment(0, "", { id: "abc" }),
      fragment(0, "", { id: "call_" }, "get_weather") + fragment(0, "", whole),
      fragment(0, "", { id: "call_" }, "get_") + fragment(0, "", whole, "get_weather")
    ]
    for (const body of bodies) assert.deepStrictEqual(calls(body + args), expected)
  })

  it("others with the same index are calls of their own, and change nothing once there are arguments", () => {
    const two = calls(fragment(0, "", { id: "a" }, "f") + fragment(0, "", { id: "b" }, "g"))
    assert.deepStrictEqual(two.map(({ id, name }) => [id, name]), [["a", "f"], ["b", "g"]])
    const late = fragment(0, "{\"x\"", { id: "call_abc" }, "get_weather") + fragment(0, ":1}", { id: "other" })
    assert.deepStrictEqual(calls(late), expected)
  })

  it("an id without a name is no call beside text", () => {
    for (const arguments_ of ["", "{}", "null", null, {}]) {
      const call = { id: "a", type: "function", function: { name: "", arguments: arguments_ } }
      const bodies = [
        texts("4") + chunk({ tool_calls: [{ index: 0, ...call }] }) + stop + done,
        texts("4") + chunk({ tool_calls: [call] }) + stop + done,
        JSON.stringify(WireServer.completion({ content: "4", tool_calls: [call] }, { finish_reason: "stop" }))
      ]
      for (const body of bodies) {
        assert.deepStrictEqual(only(body).toolCalls, [])
        assert.strictEqual(only(body).finish, "stop")
      }
    }
    const later = fragment(0, "", { id: "a" }) + fragment(0, "{}", {}, "f")
    assert.deepStrictEqual(calls(later), [{ id: "a", name: "f", arguments: "{}" }])
  })
})
