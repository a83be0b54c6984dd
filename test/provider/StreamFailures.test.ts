/**
 * What a server sends in place of an answer, or in the middle of one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { TestClock } from "effect/testing"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import { bytes, decode, description, only, read } from "./support/decoding.ts"
import * as Senders from "./support/senders.ts"

const { chunk, data, done, stop } = WireServer
const text = chunk({ content: "The first half" })

describe("failures in other words", () => {
  const failures: ReadonlyArray<unknown> = [
    { text: "**NETWORK ERROR**", error_code: 50002 },
    { choices: null, error_type: "ServerError", error_message: "broke" },
    { choices: [], error_message: "broke" },
    { object: "error", message: "broke", code: 50001 },
    { object: "error", message: "broke" },
    { type: "error", message: "broke" },
    { error: "broke" },
    { errors: [{ message: "broke" }] },
    { errorMessage: "broke" },
    { err_msg: "broke" },
    { detail: "broke" },
    { detail: [{ loc: ["body"], msg: "broke" }] },
    { message: "broke", code: "server_error" },
    { msg: "broke", code: 1234 },
    { code: 500, message: "broke" },
    { status: 503, message: "broke" },
    { status: "failed", reason: "broke" },
    { success: false, msg: "broke" },
    { exception: "broke" }
  ]

  for (const failure of failures) {
    it(`${JSON.stringify(failure)} is one, before and after [DONE], in events and in lines`, () => {
      for (const rest of ["", done, stop + done]) {
        const result = decode(text + data(failure) + rest)
        assert.isDefined(result.failure)
        assert.notInclude(["Truncated", "InvalidResponse"], result.failure)
        assert.strictEqual(result.completions[0]!.text, "The first half")
        assert.isUndefined(result.completions[0]!.finish)
      }
      assert.isDefined(decode(text + `${JSON.stringify(failure, null, 2)}\n\n` + done).failure)
      assert.isDefined(decode(JSON.stringify(failure)).failure)
      assert.include(description(text + data(failure)), failure === failures[0] ? "50002" : "broke")
    })
  }

  const harmless: ReadonlyArray<unknown> = [
    {},
    { type: "ping" },
    { type: "heartbeat", time: 1 },
    { object: "chat.completion.chunk", choices: [] },
    { object: "chat.completion.chunk", x: 1 },
    {
      id: "",
      model: "",
      choices: [],
      prompt_filter_results: [{ content_filter_results: { hate: { filtered: false } } }]
    },
    { choices: [], moderation: {}, error: null },
    { x_groq: { id: "req_1" } },
    { usage: null },
    { error: null, errors: [], error_code: 0, error_message: "" },
    { code: 0, message: "success", choices: [] },
    null
  ]

  for (const chunk of harmless) {
    it(`${JSON.stringify(chunk)} is none, wherever it comes`, () => {
      const noise = data(chunk)
      assert.strictEqual(only(noise + text + noise + done).text, "The first half")
      assert.strictEqual(only(noise + text + noise + stop + noise + done).finish, "stop")
      assert.strictEqual(decode(noise + text + noise).failure, "Truncated")
    })
  }

  it("events that are named as signs of life are none, whatever they hold", () => {
    const noise = "event: ping\ndata: {\"error\":\"none\"}\n\nevent: keepalive\ndata: x\n\n"
    assert.strictEqual(only(noise + text + noise + done).text, "The first half")
  })

  it("a chunk that nobody knows makes half an answer no whole one, and does nothing to a finished one", () => {
    for (const strange of [{ message: "broke" }, { status: "so so" }, "broke", 7]) {
      assert.strictEqual(decode(text + data(strange) + done).failure, "InvalidResponse")
      assert.include(description(text + data(strange) + done), JSON.stringify(strange))
      assert.strictEqual(only(text + data(strange) + stop + done).finish, "stop")
    }
  })

  it("a line of no stream of events makes half an answer no whole one, and does nothing to a finished one", () => {
    for (
      const line of ["Internal Server Error", "upstream timed out", "<html><body>502</body></html>", "fatal: gone", "x"]
    ) {
      for (const end of ["\n", "\n\n", "\r\n"]) {
        assert.strictEqual(decode(text + line + end + done).failure, "InvalidResponse")
        assert.strictEqual(only(text + line + end + stop + done).text, "The first half")
      }
      assert.include(description(`${text}${line}\n${done}`), line)
      assert.strictEqual(decode(text + line).failure, "Truncated")
    }
    const fine = ": ping\n\nid: 4\n\nretry: 3\nretry:\nevent: message\nid\n \n"
    assert.strictEqual(only(fine + text + fine + done).text, "The first half")
    assert.strictEqual(only(`${text}[DONE]\n`).text, "The first half")
  })

  it("an event that is named a failure is one, whatever it holds", () => {
    for (const name of ["error", "Error", "exception", "failed"]) {
      for (const held of ["data: broke\n", "data: {\"x\":\"broke\"}\n", "data:\n", ""]) {
        const result = decode(`${text}event: ${name}\n${held}\n${stop}${done}`)
        assert.strictEqual(result.failure, "Server")
        assert.strictEqual(result.completions[0]!.text, "The first half")
      }
    }
  })

  it("what is no JSON breaks an answer, with [DONE] or without", () => {
    for (const rest of ["", done, stop + done]) {
      assert.strictEqual(decode(`${text}data: oops\n\n${text}${rest}`).failure, "InvalidResponse")
    }
  })
})

describe("what is no stream", () => {
  it("events with one line end between them are events, as soon as they are whole", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const body = (text + chunk({ content: "!" }) + stop + done).replaceAll("\n\n", end)
      assert.strictEqual(only(body).text, "The first half!")
    }
  })

  it("JSON in several data lines is one event", () => {
    const pretty = JSON.stringify(JSON.parse(text.slice(6)), null, 2).split("\n").map((line) => `data: ${line}\n`).join(
      ""
    )
    assert.strictEqual(only(`${pretty}\n${pretty}${stop}${done}`).text, "The first halfThe first half")
  })

  it("JSON one by line, one after the other, pretty or in a list, is read as chunks", () => {
    const chunks = [text, chunk({ content: "!" }), stop].map((event) => JSON.parse(event.slice(6)))
    const lines = (space?: number) => chunks.map((chunk) => JSON.stringify(chunk, null, space))
    for (
      const body of [
        lines().join("\n"),
        `${lines().join("\n")}\n[DONE]\n`,
        `${lines().join("\r\n")}\r\ndata: [DONE]\r\n`,
        lines().join(""),
        lines(2).join("\n"),
        JSON.stringify(chunks),
        `: ping\n${lines().join("\n")}`,
        `${lines()[0]}\n${chunk({ content: "!" })}${stop}`
      ]
    ) {
      assert.strictEqual(only(body).text, "The first half!", body)
    }
    assert.strictEqual(decode(lines().slice(0, 2).join("\n")).failure, "Truncated")
  })

  it("messages one by line are one completion, and the first without an end is no whole one", () => {
    const messages = ["The ", "first ", "half"].map((content) =>
      `${JSON.stringify({ choices: [{ index: 0, message: { content }, finish_reason: null }] })}\n`
    )
    assert.strictEqual(only(messages[0]!).text, "The ")
    assert.strictEqual(only(`${messages.join("")}[DONE]\n`).text, "The first half")
    assert.strictEqual(decode(messages.join("")).failure, "Truncated")
    assert.strictEqual(decode(messages.join("").slice(0, -9)).failure, "Truncated")
    assert.strictEqual(decode(`${messages[0]!}Bad Gateway`).failure, "Truncated")
    assert.strictEqual(only(`${messages.join("")}${stop.slice(6)}`).text, "The first half")
  })

  const foreign: ReadonlyArray<readonly [name: string, body: string]> = [
    ["plain text", "Service is starting, please wait"],
    ["plain text in lines", "upstream: gone\n\nretry later\n\n"],
    ["an id and a name", "id: 5\nname: x"],
    ["an error in words", "error: not found"],
    ["a detail", "{\"detail\":\"Not Found\"}"],
    ["data in words", "data: hello"],
    ["a time to retry in words", "retry: later"],
    ["a web page", "<!doctype html>\n<html><title>Sign in</title></html>"],
    ["JSON of another service", "{\"status\":\"up\",\"version\":3}"],
    ["a list of models", "{\"object\":\"list\",\"data\":[]}"],
    ["an empty object", "{}"],
    ["an empty list", "[]"],
    ["a message", "{\"message\":\"hello\"}"],
    [
      "events of another protocol",
      "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n"
    ],
    ["what only looks like JSON", "{status: up}"],
    ["a log line", "[warn nothing] here"]
  ]

  const request = asking("?")

  describe.each(Object.entries(Senders.all))("over %s", (_, sending) => {
    for (const [name, body] of foreign) {
      it.effect(`${name} is an InvalidResponse with its beginning, after one request`, () =>
        Effect.gen(function*() {
          assert.strictEqual(decode(body).failure, "InvalidResponse")
          const server = yield* WireServer.make(WireServer.reply(200, {}, body + " ".repeat(3000)))
          const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, ...sending })
          for (const call of [LMResponse.collect(lm.stream(request)), lm.generate(request)]) {
            const error = yield* Effect.flip(call)
            assert.strictEqual(error.reason._tag, "InvalidResponse")
            assert.include(error.message, body.replace(/^(?:event: .*\n)?data: /, "").slice(0, 10))
            assert.isBelow(error.message.length, 1400)
          }
          assert.strictEqual(server.requests.length, 2)
        }))
    }
  })

  it("what is written into the line of an event takes nothing from it", () => {
    for (const before of ["\0\0", "INFO 200 OK", "<br>"]) {
      const body = `${text}${before}${chunk({ content: "!" })}`
      assert.strictEqual(only(`${body}${stop}${done}`).text, "The first half!")
      assert.strictEqual(decode(`${body}${done}`).failure, before === "\0\0" ? undefined : "InvalidResponse")
      assert.strictEqual(
        decode(`${text}${before}${chunk({}).slice(0, 30)}\n\n${stop}${done}`).failure,
        "InvalidResponse"
      )
    }
    assert.strictEqual(only(`\0\0${text}${stop}${done}`).text, "The first half")
  })

  it("a web page in pieces tells as much of its beginning as one that comes whole", () => {
    const page = "<html><title>Sign in</title></html>"
    const pieces = Array.from(page, (character) => bytes(character))
    assert.strictEqual(read(pieces).failure?.description, read([bytes(page)]).failure?.description)
    assert.include(read(pieces).failure?.description, page)
    assert.strictEqual(read([bytes(`${page}${" ".repeat(1000)}`), bytes("more")]).failure?._tag, "InvalidResponse")
  })

  describe.each(Object.entries(Senders.all))("over %s", (_, sending) => {
    it.effect("JSON of another service is not waited for, where the connection stays open", () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make((exchange) =>
          Effect.gen(function*() {
            yield* exchange.head(200)
            yield* exchange.write("{\"status\":\"up\"}")
            yield* exchange.closed
          })
        )
        const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, ...sending })
        const fiber = yield* Effect.forkChild(Effect.flip(lm.generate(request)))
        while (fiber.pollUnsafe() === undefined) {
          yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
          yield* TestClock.adjust("1 second")
        }
        assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "InvalidResponse")
        assert.strictEqual(server.requests.length, 1)
      }))
  })
})
