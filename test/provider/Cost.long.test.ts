/**
 * Law 9 on the wire: twice as much of anything takes no more than twice the time, however it is cut. Half a minute.
 */
import { describe, it } from "@effect/vitest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as ChatDecoder from "../../src/provider/openai/reply/decoder.ts"
import * as LoneClosing from "../../src/text/thoughts/loneClosing.ts"
import * as Splitter from "../../src/text/thoughts/splitter.ts"
import * as WireServer from "../support/wireServer.ts"
import { isLinear } from "./support/cost.ts"
import { bytes, read } from "./support/decoding.ts"

const { chunk, data, stop } = WireServer
const message = (message: unknown, finish_reason: string | null = "stop", extra: object = {}) =>
  data({ choices: [{ index: 0, message, finish_reason, ...extra }] })
const texts = (...pieces: ReadonlyArray<string>) => pieces.map((content) => chunk({ content })).join("")
const fragment = (index: number, args: string, more: object = {}, name?: string) =>
  chunk({ tool_calls: [{ index, ...more, function: { ...(name !== undefined && { name }), arguments: args } }] })

describe("what a body costs", () => {
  const rows: ReadonlyArray<readonly [name: string, body: (n: number) => string]> = [
    ["one line without an end", (n) => "x".repeat(n)],
    ["one frame", (n) => chunk({ content: "x".repeat(n) }) + stop],
    ["line breaks", (n) => "\r".repeat(n)],
    ["line breaks of both kinds", (n) => "\r\n".repeat(n / 2)],
    ["colons", (n) => ":\n".repeat(n / 2)],
    ["data lines of one event", (n) => "data: {\n".repeat(n / 8)],
    ["whole data lines of one event", (n) => "data: {}\n".repeat(n / 9)],
    ["lines of JSON that never ends", (n) => `: x\n${"{\n".repeat(n / 2)}`],
    ["brackets", (n) => "[".repeat(n)],
    ["quotes", (n) => `{${"\"\\".repeat(n / 2)}`],
    ["small values", (n) => "{}".repeat(n / 2)],
    ["plain text", (n) => "word \n".repeat(n / 6)],
    ["spaces", (n) => " ".repeat(n)],
    ["text that is nearly the last", (n) => chunk({ content: "\\u0041\"" }).repeat(n / 150)]
  ]
  for (const [name, body] of rows) {
    it(`${name}: twice as much takes no more than twice the time`, () => {
      for (const size of [64, 1_000_000]) {
        isLinear((n) => {
          const whole = bytes(body(n))
          const pieces: Array<Uint8Array> = []
          for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size))
          return () => {
            const decoder = ChatDecoder.make({ thinkTags: true })
            for (const piece of pieces) decoder.push(piece)
            decoder.end()
          }
        }, `by ${size}`)
      }
    }, 20_000)
  }
})

describe("the cost of comparing", () => {
  const rows: ReadonlyArray<readonly [name: string, body: (n: number) => string]> = [
    [
      "texts that grow",
      (n) => Array.from({ length: 20 }, (_, at) => texts("ab c".repeat((n / 800) * (at + 1)))).join("")
    ],
    [
      "texts that may grow",
      (n) => Array.from({ length: 20 }, (_, at) => texts("a".repeat((n / 200) * (at + 1)))).join("")
    ],
    ["texts that may come again", (n) => texts("x", "y".repeat(n / 2)) + texts(`x${"y".repeat(n / 4)}`).repeat(2)],
    ["spaces, and messages", (n) => (texts(" ") + message({ content: " b" }, null)).repeat(n / 100)],
    ["messages after deltas", (n) => texts("x".repeat(n)) + message({ content: "y" }, null).repeat(n / 1000)],
    ["deltas and messages by turns", (n) => (texts("a") + message({ content: "a" }, null)).repeat(n / 100)],
    [
      "whole arguments again and again",
      (n) => fragment(0, JSON.stringify({ x: "x".repeat(n) }), { id: "a" }, "f") + fragment(0, "{}").repeat(n / 100)
    ],
    [
      "whole arguments again and again in pieces",
      (n) =>
        fragment(0, JSON.stringify({ x: "x".repeat(n) }), { id: "a" }, "f") + fragment(0, "{\"x\":").repeat(n / 100)
    ],
    [
      "arguments that may be read in two ways",
      (n) => fragment(0, "{\"x\":", { id: "a" }, "f") + fragment(0, "{\"x\":").repeat(n / 100)
    ],
    ["arguments that seem to grow", (n) => fragment(0, "{", { id: "a" }, "f") + fragment(0, "{\"").repeat(n / 100)]
  ]

  for (const [name, body] of rows) {
    it(`${name}: twice as much takes no more than twice the time`, () => {
      isLinear((n) => {
        const encoded = bytes(body(n))
        return () => LMResponse.fold(read([encoded]).events)
      })
    }, 20_000)
  }
})

describe("thoughts in the text", () => {
  const worst = [
    "<",
    "[",
    "◁",
    "[/think",
    "<|begin_of_though",
    "</think>",
    "`",
    "\n",
    " ",
    "</think> ",
    "</think>\n",
    "```\n</think>\n",
    "<think",
    "a\n</think> "
  ]
  for (const piece of worst) {
    it(`costs its length, whatever the text: ${JSON.stringify(piece)}`, () => {
      for (const size of [1, 1_000_000]) {
        isLinear((length) => {
          const text = piece.repeat(length / piece.length)
          return () => {
            const tags = Splitter.make()
            const lone = LoneClosing.make()
            const out: Array<Splitter.Stretch> = []
            for (let at = 0; at < text.length; at += size) {
              tags.push(text.slice(at, at + size), out)
              lone.push(text.slice(at, at + size))
              out.length = 0
            }
            tags.end(out)
            lone.end()
          }
        }, `${JSON.stringify(piece)} by ${size}`)
      }
    }, 20_000)
  }
})
