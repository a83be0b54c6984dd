/** Chunks of text that look like the one before are read without JSON.parse, and mean the same. */
import { assert, describe, it } from "@effect/vitest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import { textOfFirst } from "../../../support/said.ts"
import * as WireServer from "../../../support/wireServer.ts"
import { bytes, decode, only, read } from "../../support/decoding.ts"

const { data, done, stop } = WireServer

describe("the short way through chunks of text", () => {
  const long = (id: string, data: (chunk: string) => string, ...texts: ReadonlyArray<string>) =>
    texts.map((content) =>
      data(
        JSON.stringify({
          id,
          model: "m",
          choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }],
          usage: null
        })
      )
    ).join("")
  const frame = (json: string) => `data: ${json}\n\n`
  const ascii = (json: string) =>
    frame(json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`))

  it("means what the long way means, whatever the text", () => {
    const texts = [
      "a",
      "",
      "\"",
      "\\",
      "\\\"",
      "\n\r\t",
      "é漢😀",
      "\"}}]}",
      "\",\"finish_reason\":\"stop",
      "</think>",
      "\u2028",
      "\u0000\u001f",
      "{",
      "b"
    ]
    for (const encode of [frame, ascii]) {
      assert.strictEqual(only(long("x", encode, ...texts) + stop + done).text, texts.join(""))
    }
  })

  it("for every text, by comparison with JSON.parse", () => {
    const alphabet = ["a", "\"", "\\", "\n", "é", "{", "}", ",", ":", "content"]
    for (let n = 0; n < alphabet.length ** 3; n++) {
      const text = [n, Math.floor(n / alphabet.length), Math.floor(n / alphabet.length ** 2)].map((at) =>
        alphabet[at % alphabet.length]
      ).join("")
      const { events } = read([bytes(long("x", frame, "first", text, "last") + stop + done)])
      assert.strictEqual(textOfFirst(LMResponse.fold(events)), `first${text}last`)
    }
  })

  it("is not taken by what only looks alike", () => {
    const first = long("x", frame, "first")
    const raw = (middle: string) => first.replace("first", () => middle)
    // Not JSON at all: a bare quote, a bare backslash, a control character, a cut escape.
    for (const middle of ["a\"b", "a\\", "a\\q", "a\\u12", "a\tb"]) {
      const result = decode(first + raw(middle) + stop + done)
      assert.strictEqual(result.failure, "InvalidResponse", middle)
      assert.strictEqual(result.completions[0]!.text, "first")
    }
    // JSON that closes the string and opens another member.
    const finish = decode(first + raw("a\",\"refusal\":\"no") + stop + done)
    assert.strictEqual(finish.completions[0]!.text, "firsta")
    assert.strictEqual(finish.completions[0]!.detail, "no")
  })

  it("follows the completion, the model and the shape when they change", () => {
    const choice = (index: number, content: string, more: object = {}) =>
      data({ id: "x", model: "m", choices: [{ index, delta: { content, ...more }, finish_reason: null }] })
    const body =
      Array.from({ length: 16 }, (_, n) => choice(n % 2, `${n % 2}`, n % 3 === 0 ? { role: "assistant" } : {})).join(
        ""
      ) +
      data({
        choices: [{ index: 0, delta: {}, finish_reason: "stop" }, { index: 1, delta: {}, finish_reason: "stop" }]
      }) + done
    assert.deepStrictEqual(decode(body).completions.map(({ text }) => text), ["0".repeat(8), "1".repeat(8)])
  })

  it("is not fooled by another content of the chunk", () => {
    const before = (content: string, other: string) =>
      data({ logprobs: { content: other }, choices: [{ delta: { content }, index: 0 }] })
    const after = (content: string, other: string) =>
      data({ choices: [{ index: 0, delta: { content }, logprobs: { content: other } }] })
    for (const frame of [before, after]) {
      const body = frame("a", "x") + frame("a", "y") + frame("b", "x") + frame("a", "x") + stop + done
      assert.strictEqual(only(body).text, "aaba")
    }
  })

  it("is not taken by a chunk that ends otherwise", () => {
    const ending = (content: string, finish_reason: string | null) =>
      data({ choices: [{ index: 0, delta: { content }, finish_reason }] })
    const body = ending("first", null) + ending("second", "") + ending("third", null) + ending("fourth", "stop") +
      done
    assert.strictEqual(only(body).text, "firstsecondthirdfourth")
  })
})
