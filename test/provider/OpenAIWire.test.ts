/** A call against a real server on a real socket: what is sent, and what comes back, whatever its content type says. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Redacted, Stream } from "effect"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { asking } from "../support/requests.ts"
import { textOfFirst } from "../support/said.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"
import { answer, run } from "./support/streams.ts"

const { chunk, data, done } = WireServer

const request = asking("Capital of France?")

describe.each(Object.entries(Senders.every))("OpenAI over %s", (_, sending) => {
  const connect = Senders.connectWith(sending)

  describe("a call", () => {
    it.effect("is a POST with the key and the headers of the options", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.answer("Paris"), {
          organization: "org",
          project: "proj",
          headers: { "x-title": "test", "x-token": Redacted.make("token") }
        })
        assert.strictEqual(textOfFirst(yield* lm.generate(request)), "Paris")
        const sent = yield* server.nextRequest
        assert.strictEqual(sent.method, "POST")
        assert.strictEqual(sent.path, "/v1/chat/completions")
        assert.strictEqual(sent.headers["authorization"], `Bearer ${Senders.key}`)
        assert.strictEqual(sent.headers["openai-organization"], "org")
        assert.strictEqual(sent.headers["openai-project"], "proj")
        assert.strictEqual(sent.headers["x-title"], "test")
        assert.strictEqual(sent.headers["x-token"], "token")
        assert.deepStrictEqual(sent.json, OpenAI.toBody(request, { model: "wire-1", baseUrl: server.baseUrl }))
      }))

    it.effect("without a key sends no authorization", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.answer("Paris"), { apiKey: undefined })
        assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
        const sent = yield* server.nextRequest
        assert.notProperty(sent.headers, "authorization")
        assert.deepStrictEqual(
          sent.json,
          OpenAI.toBody(request, { model: "wire-1", baseUrl: server.baseUrl }, "stream")
        )
      }))

    it.effect("is named after its provider and model", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.answer("Paris"))
        assert.strictEqual(lm.model, `${new URL(server.url).host}/wire-1`)
        assert.deepStrictEqual(lm.capabilities, { tools: true })
      }))

    it.effect("means the same streamed and whole", () =>
      Effect.gen(function*() {
        const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
        const call = { id: "a", type: "function", function: { name: "f", arguments: "{\"x\":1}" } }
        const message = { role: "assistant", reasoning_content: "Hm", content: "Paris", tool_calls: [call] }
        const { lm } = yield* connect((exchange) =>
          exchange.request.json.stream === true
            ? WireServer.events(
              chunk({ role: "assistant", reasoning_content: "H" }),
              chunk({ reasoning_content: "m" }),
              ...answer,
              chunk({ tool_calls: [{ index: 0, ...call, function: { name: "f", arguments: "{\"x\"" } }] }),
              chunk({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
              data({ choices: [], usage }),
              done
            )(exchange)
            : WireServer.json(200, { ...WireServer.completion(message), usage })(exchange)
        )
        const whole = yield* lm.generate(request)
        const streamed = yield* LMResponse.collect(lm.stream(request))
        assert.deepStrictEqual({ ...streamed, headers: {} }, { ...whole, headers: {} })
        assert.strictEqual(whole.completions[0]!.finish, "tool-calls")
        assert.strictEqual(whole.usage?.outputTokens, 2)
      }))

    it.effect("uses its connection again", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.answer("Paris"))
        for (let n = 0; n < 10; n++) {
          yield* lm.generate(request)
          yield* run(lm.stream(request))
        }
        assert.strictEqual(server.requests.length, 20)
        // Not always one: fetch may open another while the last one is being put back.
        assert.isBelow(server.accepted(), 5)
      }))

    it.effect("hands over the events of one read as one array", () =>
      Effect.gen(function*() {
        const { lm } = yield* connect(WireServer.events(answer.join("") + done))
        const arrays: Array<number> = []
        yield* Stream.runForEachArray(lm.stream(request), (events) => Effect.sync(() => arrays.push(events.length)))
        assert.deepStrictEqual(arrays, [4])
      }))

    it.effect("delivers what there is while more is to come", () =>
      Effect.gen(function*() {
        const gate = yield* Deferred.make<void>()
        const { lm } = yield* connect((exchange) =>
          Effect.gen(function*() {
            yield* exchange.head(200, WireServer.eventStream)
            yield* exchange.write(answer[0]!)
            yield* Deferred.await(gate)
            yield* exchange.write(answer[1]!, answer[2]!, done)
            yield* exchange.end
          })
        )
        const seen = yield* lm.stream(request).pipe(
          Stream.filter((event) => event._tag === "TextDelta"),
          Stream.tap((event) => event.text === "Par" ? Deferred.succeed(gate, undefined) : Effect.void),
          Stream.runCollect
        )
        assert.deepStrictEqual(seen.map(({ text }) => text), ["Par", "is"])
      }))
  })

  describe("whatever the content type says", () => {
    for (const type of ["text/plain", "application/json", "text/event-stream; charset=utf-8"]) {
      it.effect(`${type}: events are events, also for a call that asked for none`, () =>
        Effect.gen(function*() {
          const { lm } = yield* connect(WireServer.reply(200, { "content-type": type }, ...answer, done))
          assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
          assert.strictEqual(textOfFirst(yield* lm.generate(request)), "Paris")
        }))

      it.effect(`${type}: an object is a completion, also for a call that asked for a stream`, () =>
        Effect.gen(function*() {
          const completion = JSON.stringify(WireServer.completion({ content: "Paris" }))
          const { lm } = yield* connect(WireServer.reply(200, { "content-type": type }, "\n\n", completion))
          assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
          assert.strictEqual(textOfFirst(yield* lm.generate(request)), "Paris")
        }))
    }

    it.effect("an empty body is no answer", () =>
      Effect.gen(function*() {
        const { lm } = yield* connect([WireServer.reply(200, {}), WireServer.reply(200, {}), WireServer.reply(204, {})])
        assert.strictEqual((yield* run(lm.stream(request))).error?.reason._tag, "Truncated")
        assert.strictEqual((yield* Effect.flip(lm.generate(request))).reason._tag, "Truncated")
        assert.strictEqual((yield* run(lm.stream(request))).error?.reason._tag, "Truncated")
      }))
  })

  describe("stream_options refused", () => {
    it.effect("the request is sent again without them, and further ones never have them", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect((exchange) =>
          exchange.request.json.stream_options === undefined
            ? WireServer.answer("Paris")(exchange)
            : WireServer.json(400, { error: { message: "Unknown field: stream_options" } })(exchange)
        )
        assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
        assert.strictEqual((yield* run(lm.stream(request))).text, "Paris")
        assert.deepStrictEqual(server.requests.map(({ json }) => "stream_options" in json), [true, false, false])
      }))

    it.effect("another refusal is an error at once", () =>
      Effect.gen(function*() {
        const { lm, server } = yield* connect(WireServer.json(400, { error: { message: "Unknown field: n" } }))
        assert.strictEqual((yield* run(lm.stream(request))).error?.reason._tag, "InvalidRequest")
        assert.strictEqual(server.requests.length, 1)
      }))
  })
})
