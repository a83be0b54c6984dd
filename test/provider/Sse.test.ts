import { assert, describe, it } from "@effect/vitest"
import * as Sse from "../../src/provider/internal/sse.ts"

/** The events of a text that arrives in these pieces. */
const read = (...pieces: ReadonlyArray<string>): ReadonlyArray<string> => {
  const reader = Sse.make()
  const events = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
  return events.map(({ data, event }) => event === "" ? data : `${event}|${data}`)
}

describe("Sse", () => {
  const cases: ReadonlyArray<readonly [name: string, text: string, expected: ReadonlyArray<string>]> = [
    ["LF", "data: a\n\ndata: b\n\n", ["a", "b"]],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
    ["CR", "data: a\r\rdata: b\r\r", ["a", "b"]],
    ["all three line ends in one stream", "data: a\r\n\ndata: b\r\rdata: c\n\r\n", ["a", "b", "c"]],
    ["no space after the colon", "data:a\n\ndata:{\"b\":1}\n\n", ["a", "{\"b\":1}"]],
    ["at most one space is stripped", "data:  a\n\n", [" a"]],
    ["comments and pings", ": OPENROUTER PROCESSING\n\n:\n\n: keep-alive\ndata: a\n\n", ["a"]],
    ["empty data", "data:\n\ndata: \n\ndata\n\ndata: a\n\n", ["a"]],
    ["data in several lines", "data: a\ndata: b\ndata:\n\n", ["a\nb\n"]],
    ["data in several lines that end in CRLF", "data: a\r\ndata: b\r\n\r\n", ["a\nb"]],
    ["event names", "event: error\ndata: a\n\ndata: b\n\n", ["error|a", "b"]],
    ["ids, retry times and unknown fields", "id: 1\nretry: 10\nfoo: bar\ndata: a\n\n", ["a"]],
    ["an unknown field makes no event", "foo: bar\n\nid: 2\n\n", []],
    ["the error field of old llama.cpp servers", "error: {\"code\":500}\n\n", ["error|{\"code\":500}"]],
    ["no blank line at the end", "data: a\n\ndata: b\n", ["a", "b"]],
    ["no line end at the end", "data: a\n\ndata: b", ["a", "b"]],
    ["blank lines before the first event", "\n\n\r\n\ndata: a\n\n", ["a"]],
    ["nothing", "", []]
  ]

  for (const [name, text, expected] of cases) {
    it(`${name}, at every split into two and into single characters`, () => {
      assert.deepStrictEqual(read(text), expected)
      for (let at = 0; at <= text.length; at++) {
        assert.deepStrictEqual(read(text.slice(0, at), text.slice(at)), expected, `split at ${at}`)
        for (let next = at; next <= text.length; next++) {
          const pieces = [text.slice(0, at), text.slice(at, next), text.slice(next)]
          assert.deepStrictEqual(read(...pieces), expected, `split at ${at} and ${next}`)
        }
      }
      assert.deepStrictEqual(read(...text.split("")), expected)
    })
  }

  it("tells of a line that belongs into no stream with the next event, and of none that was cut off", () => {
    const reader = Sse.make()
    assert.deepStrictEqual(reader.push("data: {}\nBad Gateway\nfoo\n\ndata: b\n\n"), [
      { event: "", data: "{}" },
      { event: "", data: "b", stray: "Bad Gateway" }
    ])
    assert.strictEqual(reader.strayed(), "Bad Gateway")
    for (const line of ["dat", "e", "retry", "id: Bad Gateway", ": Bad Gateway", "data: Bad Gateway", "\t \n"]) {
      const whole = Sse.make()
      whole.push(line)
      whole.end()
      assert.isUndefined(whole.strayed(), line)
    }
  })

  it("hands over an event as soon as its blank line is there, and not before", () => {
    const reader = Sse.make()
    assert.deepStrictEqual(reader.push("data: a\n"), [])
    assert.deepStrictEqual(reader.push("\n"), [{ event: "", data: "a" }])
    assert.deepStrictEqual(reader.push("data: b\r"), [])
    assert.deepStrictEqual(reader.push("\r"), [{ event: "", data: "b" }])
    assert.deepStrictEqual(reader.push("\ndata: c\n\n"), [{ event: "", data: "c" }])
  })

  it("reads a line of any length, in pieces, whole", () => {
    const long = "x".repeat(1_000_000)
    const text = `data: ${long}\n\n`
    const pieces = Array.from({ length: Math.ceil(text.length / 100) }, (_, n) => text.slice(n * 100, n * 100 + 100))
    assert.deepStrictEqual(read(...pieces), [long])
  })
})
