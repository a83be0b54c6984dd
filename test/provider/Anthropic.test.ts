/** Claude models over real sockets: what is sent, what comes back, and what goes wrong. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted, Schema, Stream } from "effect"
import {
  Anthropic,
  ChainOfThought,
  Fallback,
  LMReason,
  LMRequest,
  LMResponse,
  Predict,
  Prediction,
  ReAct,
  Streaming,
  StreamListener,
  Tool
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import { begin, block, end, event, message, text, thinking, tool } from "./anthropic/support/frames.ts"
import { problemOf } from "./anthropic/support/strict.ts"
import * as Senders from "./support/senders.ts"

const key = "sk-ant-secret-0123456789"

const options = (server: WireServer.WireServer, more: Partial<Anthropic.Options> = {}): Anthropic.Options => ({
  model: "claude-sonnet-5",
  apiKey: Redacted.make(key),
  baseUrl: server.baseUrl,
  retry: false,
  ...more
})

/** A server that refuses what the real one refuses. */
const strict = (...handlers: ReadonlyArray<WireServer.Handler>): ReadonlyArray<WireServer.Handler> =>
  handlers.map((handler): WireServer.Handler => (exchange) => {
    const problem = problemOf(exchange.request.json)
    return problem === undefined
      ? handler(exchange)
      : WireServer.json(400, { type: "error", error: { type: "invalid_request_error", message: problem } })(exchange)
  })

describe.each(Object.entries(Senders.all))("Claude over %s", (_, sending) => {
  it.effect("answers, streamed and whole, and is asked with its key and its version", () =>
    Effect.gen(function*() {
      const qa = ChainOfThought.make("question -> answer")
      const reply = "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"
      const server = yield* WireServer.make(strict(
        WireServer.events(
          begin(),
          thinking(0, "signed 1", "I ", "know."),
          text(1, reply.slice(0, 25), reply.slice(25)),
          end()
        ),
        WireServer.json(
          200,
          JSON.parse(message([{ type: "text", text: `[[ ## reasoning ## ]]\nI know.\n\n${reply}` }]))
        )
      ))
      const layer = Anthropic.layer(options(server, { ...sending, config: { reasoningEffort: "high" } }))
      const events = yield* Streaming.streamify(qa, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
      })({
        question: "?"
      }).pipe(Stream.runCollect, Effect.provide(layer))
      assert.strictEqual(
        events.flatMap((event) => event._tag === "StreamResponse" ? [event.chunk] : []).join(""),
        "Paris"
      )
      const prediction = yield* Effect.provide(qa({ question: "?" }), layer)
      assert.strictEqual(prediction.answer, "Paris")
      assert.strictEqual(prediction.reasoning, "I know.")
      const [streamed, whole] = [yield* server.nextRequest, yield* server.nextRequest]
      assert.strictEqual(streamed.path, "/v1/messages")
      assert.strictEqual(streamed.headers["x-api-key"], key)
      assert.strictEqual(streamed.headers["anthropic-version"], "2023-06-01")
      assert.isUndefined(streamed.headers.authorization)
      assert.isTrue(streamed.json.stream)
      assert.deepStrictEqual(streamed.json.output_config, { effort: "high" })
      assert.isUndefined(whole.json.stream)
    }))
})

const numbers = { a: Schema.Finite, b: Schema.Finite }
const add = Tool.make("add", { parameters: numbers }, ({ a, b }) => a + b)
const agent = ReAct.make("question -> answer: int", { tools: [add] })

describe("an agent", () => {
  it.effect("sends thoughts, calls and results back as they came, before what is new", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(strict(
        WireServer.events(
          begin(),
          thinking(0, "signed 1", "add"),
          block(1, { type: "redacted_thinking", data: "zz" }),
          tool(2, "toolu_1", "add", "{\"a\":1,", "\"b\":2}"),
          tool(3, "toolu_2", "add", "{\"a\":2,\"b\":2}"),
          end("tool_use")
        ),
        WireServer.events(
          begin(),
          thinking(0, "signed 2", "so"),
          text(1, "[[ ## reasoning ## ]]\nr\n\n[[ ## answer ## ]]\n3\n"),
          end()
        )
      ))
      const prediction = yield* Effect.provide(agent({ question: "1+2?" }), Anthropic.layer(options(server)))
      assert.strictEqual(prediction.answer, 3)
      assert.strictEqual(Prediction.details(prediction).usage.calls, 2)
      const [first, second] = [yield* server.nextRequest, yield* server.nextRequest]
      assert.deepStrictEqual(second.json.system, first.json.system)
      assert.deepStrictEqual(second.json.tools, first.json.tools)
      assert.deepStrictEqual(second.json.messages.slice(0, first.json.messages.length), first.json.messages)
      assert.deepStrictEqual(second.json.messages.slice(first.json.messages.length), [
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "add", signature: "signed 1" },
            { type: "redacted_thinking", data: "zz" },
            { type: "tool_use", id: "toolu_1", name: "add", input: { a: 1, b: 2 } },
            { type: "tool_use", id: "toolu_2", name: "add", input: { a: 2, b: 2 } }
          ]
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_1", content: "3" },
            { type: "tool_result", tool_use_id: "toolu_2", content: "4" }
          ]
        }
      ])
    }))

  it.effect("goes on with what another provider began, whose thoughts are left out", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(strict(
        WireServer.events(begin(), text(0, "[[ ## reasoning ## ]]\nr\n\n[[ ## answer ## ]]\n3\n"), end())
      ))
      const first = ScriptedLM.layer([
        ScriptedLM.toolCalls([{ id: "call:1|x", name: "add", arguments: { a: 1, b: 2 } }], { reasoning: "mine" }),
        ScriptedLM.fail(new LMReason.Server({ description: "down" }))
      ])
      const layer = first.pipe(Fallback.to(Anthropic.layer(options(server))))
      const prediction = yield* Effect.provide(agent({ question: "1+2?" }), layer)
      assert.strictEqual(prediction.answer, 3)
      const { json } = yield* server.nextRequest
      assert.deepStrictEqual(json.messages.slice(1), [
        { role: "assistant", content: [{ type: "tool_use", id: "call_1_x", name: "add", input: { a: 1, b: 2 } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1_x", content: "3" }] }
      ])
    }))
})

describe("an answer that the service interrupts", () => {
  const search = { type: "server_tool_use", id: "s1", name: "web_search", input: { q: "x" } }
  const found = { type: "web_search_tool_result", tool_use_id: "s1", content: [{ encrypted_content: "z" }] }
  const usage = {
    inputTokens: 18,
    outputTokens: 6,
    reasoningTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    calls: 2
  }

  it.effect("goes on when it is sent back, as one answer: streamed", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(strict(
        WireServer.events(begin(), text(0, "I look."), block(1, search), block(2, found), end("pause_turn")),
        WireServer.events(begin(), text(0, " Found."), end())
      ))
      const lm = yield* Anthropic.make(options(server))
      const response = yield* LMResponse.collect(lm.stream(asking("?")))
      assert.deepStrictEqual(response.usage, usage)
      assert.strictEqual(response.completions[0]?.finish, "stop")
      assert.isUndefined(response.completions[0]?.detail)
      assert.strictEqual(
        response.completions[0]?.content.map((part) => part._tag === "Text" ? part.text : "").join(""),
        "I look. Found."
      )
      yield* server.nextRequest
      const { json } = yield* server.nextRequest
      assert.deepStrictEqual(json.messages[1], {
        role: "assistant",
        content: [{ type: "text", text: "I look." }, search, found]
      })
    }))

  it.effect("goes on when it is sent back, as one answer: whole", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make([
        WireServer.json(200, JSON.parse(message([{ type: "text", text: "I look." }, search, found], "pause_turn"))),
        WireServer.json(200, JSON.parse(message([{ type: "text", text: " Found." }])))
      ])
      const lm = yield* Anthropic.make(options(server))
      const response = yield* lm.generate(asking("?"))
      assert.deepStrictEqual(response.usage, usage)
      assert.strictEqual(
        response.completions[0]?.content.map((part) => part._tag === "Text" ? part.text : "").join(""),
        "I look. Found."
      )
    }))
})

describe("what goes wrong", () => {
  const failed = (
    status: number,
    type: string,
    message: string,
    more: object = {},
    headers: Readonly<Record<string, string>> = {}
  ) =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(
        WireServer.json(status, { type: "error", error: { type, message, ...more }, request_id: "req_1" }, headers)
      )
      const lm = yield* Anthropic.make(options(server))
      return yield* Effect.flip(lm.generate(asking("?")))
    })

  const rows: ReadonlyArray<readonly [status: number, type: string, message: string, reason: string, more?: object]> = [
    [400, "invalid_request_error", "messages: Field required", "InvalidRequest"],
    [400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "ContextWindowExceeded"],
    [
      400,
      "invalid_request_error",
      "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
      "ContextWindowExceeded"
    ],
    [400, "invalid_request_error", "Output blocked by content filtering policy", "ContentFiltered"],
    [400, "invalid_request_error", "Your credit balance is too low to access the API", "QuotaExceeded"],
    [401, "authentication_error", "invalid x-api-key", "Authentication"],
    [403, "permission_error", "Your API key does not have permission to use this", "Authentication"],
    [402, "billing_error", "There is an issue with your billing", "QuotaExceeded"],
    [404, "not_found_error", "model: claude-none", "UnsupportedModel"],
    [413, "request_too_large", "Request exceeds the maximum size", "ContextWindowExceeded"],
    [429, "rate_limit_error", "This request would exceed your rate limit", "RateLimited"],
    [429, "rate_limit_error", "Spend limit reached", "QuotaExceeded", {
      details: { error_code: "enforced_spend_limit_reached" }
    }],
    [500, "api_error", "Internal server error", "Server"],
    [504, "timeout_error", "The request timed out", "Server"],
    [529, "overloaded_error", "Overloaded", "Server"]
  ]
  it.effect.each(rows)("%i %s %s is %s", ([status, type, message, reason, more]) =>
    Effect.gen(function*() {
      const error = yield* failed(status, type, message, more)
      assert.strictEqual(error.reason._tag, reason, error.message)
      assert.notInclude(error.message, key)
    }))

  it.effect("a wait is that of its headers", () =>
    Effect.gen(function*() {
      const error = yield* failed(429, "rate_limit_error", "Slow down", {}, { "retry-after": "7" })
      assert.deepStrictEqual(error.retryAfter, Duration.seconds(7))
    }))

  it.effect("an overload in the first event is tried again, as a request that failed", () =>
    Effect.gen(function*() {
      const overloaded = event("error", { error: { type: "overloaded_error", message: "Overloaded" } })
      const server = yield* WireServer.make([
        WireServer.events(overloaded),
        WireServer.events(begin(), text(0, "x"), end())
      ])
      const lm = yield* Anthropic.make(options(server, { retry: { delay: 0 } }))
      const response = yield* LMResponse.collect(lm.stream(asking("?")))
      assert.strictEqual(response.completions[0]?.finish, "stop")
    }))

  it.effect("a key that is missing is said before anything is sent", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Anthropic.make({ model: "claude-sonnet-5" }))
      assert.strictEqual(error.reason._tag, "Authentication")
      assert.include(error.message, "pass apiKey")
    }))

  it.effect("audio, and more completions than one, are refused before anything is sent", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.silence)
      const lm = yield* Anthropic.make(options(server))
      const audio = asking("?", {
        messages: [
          LMRequest.user([{ _tag: "Audio", source: { _tag: "Base64", data: "AAA=", mediaType: "audio/wav" } }])
        ]
      })
      assert.strictEqual((yield* Effect.flip(lm.generate(audio))).reason._tag, "NotSupported")
      assert.include((yield* Effect.flip(lm.generate(asking("?", { config: { n: 2 } })))).message, "one completion")
    }))

  it.effect("a token of a subscription is a bearer's", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.json(200, JSON.parse(message([{ type: "text", text: "x" }]))))
      const lm = yield* Anthropic.make(options(server, { apiKey: Redacted.make("sk-ant-oat01-abcdefgh") }))
      yield* lm.generate(asking("?"))
      const { headers } = yield* server.nextRequest
      assert.strictEqual(headers.authorization, "Bearer sk-ant-oat01-abcdefgh")
      assert.isUndefined(headers["x-api-key"])
    }))
})

describe("a picture", () => {
  it.effect("goes with the question, through a program", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(strict(WireServer.json(
        200,
        JSON.parse(message([{ type: "text", text: "[[ ## answer ## ]]\na dot\n\n[[ ## completed ## ]]" }]))
      )))
      const see = Predict.make("photo: Image, question -> answer")
      const { answer } = yield* Effect.provide(
        see({ photo: { _tag: "Image", source: { _tag: "Url", url: "https://x.test/a.png" } }, question: "What?" }),
        Anthropic.layer(options(server))
      )
      assert.strictEqual(answer, "a dot")
      const { json } = yield* server.nextRequest
      assert.deepInclude(json.messages.at(-1).content, {
        type: "image",
        source: { type: "url", url: "https://x.test/a.png" }
      })
    }))
})
