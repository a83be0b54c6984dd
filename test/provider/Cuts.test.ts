/**
 * One reply, cut at every byte: it is complete, or it fails with the error that says what happened.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Stream } from "effect"
import * as LMError from "effect-lm/lm/LMError"
import type { LMEvent } from "effect-lm/lm/LMEvent"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { TestClock } from "effect/testing"
import * as ChatDecoder from "../../src/provider/openai/reply/decoder.ts"
import { asking } from "../support/requests.ts"
import { said, textOfFirst } from "../support/said.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"

const { chunk, data, done } = WireServer

const usage = { prompt_tokens: 11, completion_tokens: 17, total_tokens: 28 }
const words = ["[[ ## answer ## ]]\n", "Pa", "ris", ", “la ville lumière” 🗼", " \"since\" ", "1889", ".", "\n\n"]
const call = (fragment: object) => chunk({ tool_calls: [{ index: 0, ...fragment }] })

/** A stream of two dozen frames, as a server of OpenAI's kind sends it. */
const frames = [
  ": OPENROUTER PROCESSING\n\n",
  chunk({ role: "assistant", content: "", refusal: null }),
  ...["I ", "look ", "it up"].map((reasoning_content) => chunk({ reasoning_content })),
  ...words.map((content) => chunk({ content })),
  ": keep-alive\n\n",
  ...words.slice(1, 4).map((content) => chunk({ content })),
  call({ id: "call_1", type: "function", function: { name: "lookup", arguments: "" } }),
  ...["{\"city\":", "\"Paris\",", "\"n\":1}"].map((args) => call({ function: { arguments: args } })),
  chunk({}, { finish_reason: "tool_calls" }),
  data({ id: "chatcmpl-1", object: "chat.completion.chunk", model: "wire-1", choices: [], usage }),
  done
]

const encode = (text: string) => new TextEncoder().encode(text)
const body = encode(frames.join(""))
/** Where the frame with the finish reason ends, without the blank line: from there on the answer is all there. */
const finished = encode(frames.slice(0, -2).join("")).length - 2
/** The same reply as one JSON text. */
const whole = encode(JSON.stringify({
  ...WireServer.completion({
    role: "assistant",
    reasoning_content: "I look it up",
    content: words.join("") + words.slice(1, 4).join(""),
    tool_calls: [{
      id: "call_1",
      type: "function",
      function: { name: "lookup", arguments: "{\"city\":\"Paris\",\"n\":1}" }
    }]
  }, { finish_reason: "tool_calls" }),
  usage
}))

const garbage = encode("\u0000\uFFFD<html>502 Bad Gateway</html>{\"x\n\n")

const reset = new LMError.Transport({ description: "terminated: read ECONNRESET" })
const stall = new LMError.Timeout({ description: "waited 2m for the provider to go on" })

interface Outcome {
  readonly response: LMResponse.LMResponse
  readonly failure: LMError.Reason | undefined
  readonly events: ReadonlyArray<LMEvent>
}

const decode = (pieces: ReadonlyArray<Uint8Array>, cause?: LMError.Reason, completions = 1): Outcome => {
  const decoder = ChatDecoder.make({ thinkTags: true, completions })
  const events = [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end(cause)]
  return { response: LMResponse.fold(events), failure: decoder.failure(), events }
}

const [answer] = decode([body]).response.completions
const complete = said(answer!)

/** What is delivered is the beginning of the answer, and the answer itself only where it is called one. */
const isBeginning = ({ failure, response }: Outcome, where: string) => {
  const [cut] = response.completions
  if (cut === undefined) return
  const completion = said(cut)
  assert.isTrue(complete.text.startsWith(completion.text), where)
  assert.isTrue(complete.reasoning.startsWith(completion.reasoning), where)
  assert.isTrue(complete.toolCalls[0]!.arguments.startsWith(completion.toolCalls[0]?.arguments ?? ""), where)
  assert.strictEqual(completion.finish, failure === undefined ? complete.finish : undefined, where)
  if (failure === undefined) assert.deepStrictEqual(cut, answer, where)
}

const kinds: ReadonlyArray<readonly [name: string, cause: LMError.Reason | undefined, tag: string]> = [
  ["a clean end", undefined, "Truncated"],
  ["a reset", reset, "Transport"],
  ["a stall", stall, "Timeout"]
]

describe("Cuts", () => {
  it("the recorded reply means the same streamed and whole", () => {
    assert.deepStrictEqual(decode([whole]).response, decode([body]).response)
    assert.strictEqual(complete.finish, "tool-calls")
  })

  for (const [name, cause, tag] of kinds) {
    it(`${name}, at every byte of the stream: the cut that it is, or the answer once it was finished`, () => {
      for (let at = 0; at < body.length; at++) {
        const outcome = decode([body.subarray(0, at)], cause)
        assert.strictEqual(outcome.failure?._tag, at < finished ? tag : undefined, `byte ${at}`)
        isBeginning(outcome, `byte ${at}`)
      }
    })

    it(`${name}, at every byte of the whole reply`, () => {
      for (let at = 0; at < whole.length; at++) {
        const outcome = decode([whole.subarray(0, at)], cause)
        assert.strictEqual(outcome.failure?._tag, tag, `byte ${at}`)
        assert.deepStrictEqual(outcome.events, [])
      }
      assert.isUndefined(decode([whole], cause).failure)
    })

    it(`${name}, of two completions: both, or an error`, () => {
      const second = encode(
        frames.join("").replaceAll("\"index\":0,\"delta\"", "\"index\":1,\"delta\"").replace(done, "").replace(
          /data: [^\n]*"usage"[^\n]*\n\n/,
          ""
        )
      )
      for (let at = 0; at < body.length; at += 7) {
        const outcome = decode([second, body.subarray(0, at)], cause, 2)
        assert.strictEqual(outcome.failure?._tag, at < finished ? tag : undefined, `byte ${at}`)
      }
    })
  }

  it("garbage, at every byte of the stream: never more than what was sent before it, never an answer that was not finished", () => {
    for (let at = 0; at <= body.length; at++) {
      const outcome = decode([body.subarray(0, at), garbage])
      // Garbage on the line of the finish reason makes that unreadable, too.
      if (at <= finished) assert.oneOf(outcome.failure?._tag, ["InvalidResponse", "Truncated"], `byte ${at}`)
      else assert.isUndefined(outcome.failure, `byte ${at}`)
      isBeginning(outcome, `byte ${at}`)
    }
  })

  it("garbage, at every byte of the whole reply", () => {
    for (let at = 0; at < whole.length; at++) {
      const outcome = decode([whole.subarray(0, at), garbage])
      assert.oneOf(outcome.failure?._tag, ["InvalidResponse", "Truncated"], `byte ${at}`)
      assert.deepStrictEqual(outcome.events.filter(({ _tag }) => _tag === "Finish"), [])
    }
    assert.isUndefined(decode([whole, garbage]).failure)
  })

  it("a frame that cannot be read after the finish counts where the completion goes on after it", () => {
    const broken = "data: {\"id\":\n\n"
    const finish = chunk({ content: "a" }, { finish_reason: "stop" })
    assert.isUndefined(decode([encode(finish + broken + done)]).failure)
    assert.isUndefined(decode([encode(finish + broken)]).failure)
    for (const more of [chunk({ content: "b" }), finish]) {
      assert.strictEqual(decode([encode(finish + broken + more + finish + done)]).failure?._tag, "InvalidResponse")
    }
    assert.strictEqual(decode([encode(finish + broken + done)], undefined, 2).failure?._tag, "InvalidResponse")
  })

  describe.each(Object.entries(Senders.all))("on the way to the caller, over %s", (name, sending) => {
    const request = asking("?")

    /** A response whose body is these bytes, and then ends, breaks or goes silent. */
    const respond = (bytes: Uint8Array<ArrayBuffer>, how: "end" | "reset" | "stall") => {
      let sent = false
      return new Response(
        new ReadableStream<Uint8Array>({
          pull: (controller) => {
            if (!sent) {
              sent = true
              if (bytes.length > 0) return controller.enqueue(bytes)
            }
            if (how === "end") controller.close()
            else if (how === "reset") controller.error(new TypeError("terminated"))
            else return new Promise(() => {})
          }
        }, { highWaterMark: 0 })
      )
    }

    /** The same on a socket. */
    const cutting = (bytes: Uint8Array, how: "end" | "reset" | "stall", onRequest: () => void) =>
      WireServer.make([
        (exchange) =>
          Effect.gen(function*() {
            onRequest()
            yield* exchange.head(200, WireServer.eventStream)
            if (bytes.length > 0) yield* exchange.write(bytes)
            yield* ({ end: exchange.end, reset: exchange.cut, stall: exchange.closed })[how]
          }),
        (exchange) => Effect.suspend(() => (onRequest(), WireServer.events(body)(exchange)))
      ])

    it.effect(
      "a cut before the first content is tried again, one after it is not: for every frame, each way, both calls",
      () =>
        Effect.gen(function*() {
          const starts = frames.map((_, n) => encode(frames.slice(0, n).join("")).length)
          const cuts = [...starts, ...starts.map((at) => at + 9)].filter((at) => at < body.length)
          for (const how of ["end", "reset", "stall"] as const) {
            for (const call of ["stream", "generate"] as const) {
              for (const at of cuts) {
                let requests = 0
                const cut = (call === "stream" ? body : whole).subarray(0, at)
                const answered: typeof globalThis.fetch = () => {
                  requests++
                  return Promise.resolve(requests === 1 ? respond(cut, how) : respond(body, "end"))
                }
                const lm = yield* OpenAI.make({
                  model: "m",
                  ...(name === "node:http"
                    ? { baseUrl: (yield* cutting(cut, how, () => requests++)).baseUrl }
                    : {
                      baseUrl: "http://127.0.0.1/v1",
                      ...(name === "fetch" ? { fetch: answered } : Senders.clientWith(answered))
                    })
                })
                const fiber = yield* Effect.forkChild(
                  Effect.exit(call === "stream" ? LMResponse.collect(lm.stream(request)) : lm.generate(request))
                )
                for (let turn = 0; fiber.pollUnsafe() === undefined; turn++) {
                  yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
                  // A socket takes more turns of the event loop than a stream in memory.
                  if (turn > (name === "node:http" ? 30 : 3)) yield* TestClock.adjust("1 minute")
                }
                const exit = yield* Fiber.join(fiber)
                const heard = call === "stream" &&
                  decode([body.subarray(0, at)], reset).events.some(({ _tag }) => _tag.endsWith("Delta"))
                const where = `${how} ${call} ${at}`
                const fails = heard && at < finished
                assert.strictEqual(Exit.isFailure(exit), fails, where)
                const complete = call === "stream" ? at >= finished : at >= whole.length
                assert.strictEqual(requests, heard || complete ? 1 : 2, where)
              }
            }
          }
        }),
      20_000
    )

    for (const how of ["reset", "cut", "end"] as const) {
      it.effect(`the same on a socket: ${how} inside of a frame`, () =>
        Effect.gen(function*() {
          const server = yield* WireServer.make([
            (exchange) =>
              Effect.gen(function*() {
                yield* exchange.head(200, WireServer.eventStream)
                yield* exchange.write(body.subarray(0, 100))
                yield* exchange[how]
              }),
            WireServer.events(body)
          ])
          const lm = yield* OpenAI.make({ ...sending, model: "m", baseUrl: server.baseUrl, retry: { delay: 0 } })
          const fiber = yield* Effect.forkChild(LMResponse.collect(lm.stream(request)))
          yield* server.nextRequest
          yield* Effect.forkChild(Effect.forever(Effect.andThen(TestClock.adjust(1), Effect.yieldNow)))
          assert.strictEqual(textOfFirst(yield* Fiber.join(fiber)), complete.text)
          assert.strictEqual(server.requests.length, 2)
        }))
    }
  })

  describe.each(Object.entries(Senders.all))("over %s", (_, sending) => {
    it.effect("a stream that is left inside of a frame closes its socket", () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make((exchange) =>
          Effect.gen(function*() {
            yield* exchange.head(200, WireServer.eventStream)
            yield* exchange.write(body.subarray(0, 1000))
            yield* exchange.closed
          })
        )
        const lm = yield* OpenAI.make({ ...sending, model: "m", baseUrl: server.baseUrl, retry: false })
        const asked = asking("?")
        yield* Stream.runDrain(Stream.take(Stream.filter(lm.stream(asked), ({ _tag }) => _tag === "ReasoningDelta"), 1))
        yield* server.nextAbandoned
      }))
  })
})
