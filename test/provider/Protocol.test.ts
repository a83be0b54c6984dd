/**
 * Protocols: one of a third party, and what the transport under all of them does.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Stream } from "effect"
import {
  ChatAdapter,
  LM,
  type LMContent,
  LMReason,
  LMRequest,
  LMResponse,
  Module,
  OpenAI,
  Predict,
  Prediction,
  Protocol,
  Providers,
  Streaming
} from "effect-lm"
import { TestClock } from "effect/testing"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"

const request: LMRequest.LMRequest = {
  messages: [LMRequest.user("Why?")],
  config: {},
  responseFormat: { _tag: "Text" }
}

const qa = Predict.make("question -> answer")

/** Speaks of "parts": `{ "part": "text" }`, and at last `{ "over": { "in": 3, "out": 4 } }`, or `{ "wrong": "..." }`. */
const parts = Protocol.make({
  name: "parts",
  path: ({ mode, model }) => `/models/${model}/${mode}`,
  body: ({ config, messages }) => ({
    said: messages.map((message) => [message.role, LMRequest.textOf(message)]),
    ...(config.temperature === undefined ? {} : { heat: config.temperature })
  }),
  authorization: (key) => ({ "x-parts-key": key }),
  reader: () => {
    let isOver = false
    return {
      push: (chunk, out) => {
        if (typeof chunk !== "object" || chunk === null) return undefined
        if ("wrong" in chunk) return new LMReason.Server({ description: String(chunk.wrong) })
        if ("part" in chunk) out.push({ _tag: "TextDelta", index: 0, text: String(chunk.part) })
        if ("over" in chunk) isOver = true
        return undefined
      },
      end: (out) => {
        if (!isOver) return new LMReason.Truncated({ description: "it broke off" })
        out.push({ _tag: "Finish", index: 0, reason: "stop" })
        return undefined
      }
    }
  }
})

const lines = (...chunks: ReadonlyArray<unknown>) => chunks.map((chunk) => `${JSON.stringify(chunk)}\n`)
const frames = (...chunks: ReadonlyArray<unknown>) => chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)

const parisParts = [{ part: "[[ ## answer ## ]]\nPa" }, { part: "ris\n\n[[ ## completed ## ]]" }, { over: true }]

describe.each(Object.entries(Senders.all))("a protocol of a third party, over %s", (_, sending) => {
  const connect = (...handlers: ReadonlyArray<WireServer.Handler>) =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(handlers)
      const layer = Protocol.layer(parts, {
        ...sending,
        provider: "acme",
        model: "one",
        baseUrl: `${server.baseUrl}/?version=3`,
        apiKey: Redacted.make("acme-secret-key"),
        headers: { "x-team": "blue" },
        retry: false
      })
      return { server, layer }
    })

  for (
    const [how, write] of [
      ["server-sent events", (...chunks: ReadonlyArray<unknown>) => WireServer.events(...frames(...chunks))],
      ["lines of JSON", (...chunks: ReadonlyArray<unknown>) => WireServer.reply(200, {}, ...lines(...chunks))]
    ] as const
  ) {
    it.effect(`streams programs over ${how}`, () =>
      Effect.gen(function*() {
        const { layer, server } = yield* connect(write(...parisParts), write(...parisParts))
        const events = yield* Stream.runCollect(Streaming.streamify(qa)({ question: "?" })).pipe(Effect.provide(layer))
        const text = events.flatMap((event) => event._tag === "StreamResponse" ? [event.chunk] : []).join("")
        assert.strictEqual(text, "Paris")
        const { answer } = yield* Effect.provide(qa({ question: "?" }, { config: { temperature: 0 } }), layer)
        assert.strictEqual(answer, "Paris")
        const [first, second] = server.requests
        assert.match(first!.path, /\/models\/one\/stream\?version=3$/)
        assert.match(second!.path, /\/models\/one\/generate\?version=3$/)
        assert.deepStrictEqual([first!.json.heat, second!.json.heat], [undefined, 0])
        assert.include(first!.headers, { "x-parts-key": "acme-secret-key", "x-team": "blue" })
        assert.isUndefined(first!.headers["authorization"])
      }))
  }

  it.effect("what it says is wrong is; a broken answer is an error; what is no JSON is told", () =>
    Effect.gen(function*() {
      const { layer } = yield* connect(
        WireServer.events(...frames({ part: "a" }, { wrong: "out of paper, acme-secret-key" })),
        WireServer.events(...frames({ part: "a" })),
        WireServer.reply(200, {}, "<html>"),
        WireServer.json(429, { error: { message: "too many" } }, { "retry-after": "7", "x-request-id": "r-1" })
      )
      const ask = Effect.flip(Effect.flatMap(LM, (lm) => LMResponse.collect(lm.stream(request)))).pipe(
        Effect.provide(layer)
      )
      assert.deepStrictEqual((yield* ask).message, "acme/one: out of paper, <redacted>")
      assert.strictEqual((yield* ask).reason._tag, "Truncated")
      assert.include((yield* ask).message, "neither JSON nor an event: <html>")
      const limited = yield* ask
      assert.deepStrictEqual(
        [limited.reason._tag, limited.requestId, limited.headers?.["retry-after"]],
        ["RateLimited", "r-1", "7"]
      )
    }))
})

describe.each(Object.entries(Senders.all))("what every provider's layer has, over %s", (_, sending) => {
  const connect = (options: Partial<OpenAI.Options>, ...handlers: ReadonlyArray<WireServer.Handler>) =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(handlers)
      return {
        server,
        layer: OpenAI.layer({
          ...sending,
          model: "m",
          baseUrl: server.baseUrl,
          provider: Providers.find("openrouter"),
          apiKey: Redacted.make("layer-key"),
          ...options
        })
      }
    })

  const answer = WireServer.json(
    200,
    WireServer.completion({ content: "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]" }),
    { "x-request-id": "req-1", "x-ratelimit-remaining-requests": "59", "set-cookie": "a=b" }
  )

  it.effect("settings of the layer, of the program, of the predictor and of the call are one; options of other providers stay out", () =>
    Effect.gen(function*() {
      const { layer, server } = yield* connect({
        config: {
          temperature: 0.1,
          topK: 7,
          providerOptions: { openrouter: { body: { route: "fallback", order: ["a"] } }, groq: { body: { x: 1 } } }
        },
        extraBody: { route: "mine", transforms: [] }
      }, answer)
      const predict = Predict.make("question -> answer", {
        temperature: 0.5,
        providerOptions: {
          openrouter: { body: { order: ["b"] }, headers: { "X-Title": "Test", "x-team": "blue" } }
        }
      })
      const call = predict({ question: "?" }, {
        config: { user: "ada", providerOptions: { openrouter: { body: { usage: { include: true } } } } }
      })
      yield* Module.withConfig(call, { serviceTier: "flex", topK: 9 }).pipe(Effect.provide(layer))
      const [sent] = server.requests
      assert.deepInclude(sent!.json, {
        temperature: 0.5,
        top_k: 9,
        service_tier: "flex",
        user: "ada",
        route: "fallback",
        transforms: [],
        order: ["b"],
        usage: { include: true }
      })
      assert.notProperty(sent!.json, "x")
      assert.include(sent!.headers, { "x-title": "Test", "x-team": "blue" })
    }))

  it.effect("a secret in the settings of a call is refused before anything is sent: they are written down", () =>
    Effect.gen(function*() {
      const { layer, server } = yield* connect({})
      for (
        const options of [
          { headers: { "x-api-key": "own-secret-1" } },
          { body: { plugin: { token: Redacted.make("own-secret-1") } } },
          { headers: { "x-title": "two\nlines" } }
        ]
      ) {
        const error = yield* qa({ question: "?" }, { config: { providerOptions: { openrouter: options } } }).pipe(
          Effect.flip,
          Effect.provide(layer)
        )
        assert.isTrue(error._tag === "LMError" && error.reason._tag === "InvalidRequest")
        assert.match(error.message, /is a secret, and settings of a call|cannot be sent in an HTTP header/)
      }
      assert.strictEqual(server.requests.length, 0)
    }))

  it.effect("the request's id and the headers are on predictions and errors, but for cookies", () =>
    Effect.gen(function*() {
      const { layer } = yield* connect(
        { retry: false },
        answer,
        WireServer.json(500, { error: { message: "broken" } }, { "cf-ray": "ray-1" })
      )
      const details = Prediction.details(yield* Effect.provide(qa({ question: "?" }), layer))
      assert.strictEqual(details.requestId, "req-1")
      assert.include(details.headers, { "x-ratelimit-remaining-requests": "59" })
      assert.notProperty(details.headers, "set-cookie")
      const error = yield* Effect.flip(Effect.provide(qa({ question: "?" }), layer))
      assert.isTrue(error._tag === "LMError" && error.requestId === "ray-1" && error.headers?.["cf-ray"] === "ray-1")
    }))

  it.effect("and so they are on errors of a response that began well", () =>
    Effect.gen(function*() {
      const id = { "x-request-id": "r-7", "content-type": "text/event-stream" }
      const piece = WireServer.chunk({ content: "[[ ## answer ## ]]\nLon" })
      for (
        const [tag, handler] of [
          ["Truncated", WireServer.reply(200, id, piece)],
          ["Server", WireServer.reply(200, id, piece, WireServer.data({ error: { message: "broke" } }))],
          [
            "OutputLimit",
            WireServer.reply(200, id, piece, WireServer.chunk({}, { finish_reason: "length" }), WireServer.done)
          ],
          ["InvalidResponse", WireServer.reply(200, id, "<html>")]
        ] as const
      ) {
        const { layer } = yield* connect({ retry: false }, handler, handler)
        const streamed = Stream.runDrain(Streaming.streamify(qa)({ question: "?" }))
        for (const ask of [streamed, qa({ question: "?" })]) {
          const error = yield* Effect.flip(Effect.provide(ask, layer))
          assert.isTrue(
            error._tag === "LMError" && error.reason._tag === tag && error.requestId === "r-7",
            String(error)
          )
        }
      }
      const unread = WireServer.json(200, WireServer.completion({ content: "no form" }), { "x-request-id": "r-8" })
      const { layer } = yield* connect({}, unread, unread, unread, unread)
      const error = yield* Effect.flip(Effect.provide(qa({ question: "?" }), layer))
      assert.isTrue(error._tag === "AdapterParseError" && error.requestId === "r-8")
    }))

  it.effect("a key that expires is asked for per request, and its failure is an error of the call", () =>
    Effect.gen(function*() {
      let number = 0
      const apiKey = Effect.suspend(() =>
        ++number === 3
          ? Effect.fail(new Error("the vault is closed"))
          : Effect.succeed(Redacted.make(`key-number-${number}`))
      )
      const { layer, server } = yield* connect(
        { apiKey, provider: Providers.find("groq"), retry: false },
        answer,
        WireServer.json(401, { error: { message: "who is key-number-2?" } })
      )
      yield* Effect.gen(function*() {
        yield* qa({ question: "?" })
        const refused = yield* Effect.flip(qa({ question: "?" }))
        assert.include(refused.message, "who is <redacted>?")
        const closed = yield* Effect.flip(qa({ question: "?" }))
        assert.isTrue(closed._tag === "LMError" && closed.reason._tag === "Authentication")
        assert.include(closed.message, "the vault is closed")
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(
        server.requests.map(({ headers }) => headers["authorization"]),
        ["Bearer key-number-1", "Bearer key-number-2"]
      )
    }))

  it.effect("law 12: a key that is asked for is hidden too, where a refusal repeats it", () =>
    Effect.gen(function*() {
      const { layer } = yield* connect(
        { apiKey: Effect.succeed(Redacted.make("expiring-key-1")) },
        WireServer.json(200, WireServer.completion({ content: "", refusal: "no, Bearer expiring-key-1" }))
      )
      const error = yield* Effect.flip(Effect.provide(qa({ question: "?" }), layer))
      assert.include(error.message, "no, Bearer <redacted>")
    }))

  it.effect("a key that never comes is waited for as long as the limits say", () =>
    Effect.gen(function*() {
      const model = OpenAI.layer({
        model: "m",
        baseUrl: "http://127.0.0.1:1/v1",
        apiKey: Effect.never,
        timeouts: { reply: "3 seconds" },
        retry: false
      })
      const fiber = yield* Effect.forkChild(Effect.flip(Effect.provide(qa({ question: "?" }), model)))
      yield* TestClock.adjust("3 seconds")
      assert.include((yield* Fiber.join(fiber)).message, "waited 3s for the API key")
    }))

  it.effect("log probabilities are on the prediction, streamed and whole", () =>
    Effect.gen(function*() {
      const logprobs = {
        content: [{ token: "Pa", logprob: -0.1, top_logprobs: [{ token: "Lo", logprob: -3 }] }, {
          token: "ris",
          logprob: 0
        }]
      }
      const text = "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"
      const { layer, server } = yield* connect(
        {},
        WireServer.json(200, { choices: [{ message: { content: text }, logprobs, finish_reason: "stop" }] }),
        WireServer.events(
          WireServer.data({
            choices: [{ delta: { content: text }, logprobs: { content: logprobs.content.slice(0, 1) } }]
          }),
          WireServer.data({
            choices: [{ delta: {}, logprobs: { content: logprobs.content.slice(1) }, finish_reason: "stop" }]
          }),
          WireServer.done
        )
      )
      const expected = [
        { token: "Pa", logprob: -0.1, alternatives: [{ token: "Lo", logprob: -3 }] },
        { token: "ris", logprob: 0, alternatives: [] }
      ]
      const ask = Predict.make("question -> answer", { logprobs: 1 })
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(Prediction.details(yield* ask({ question: "?" })).logprobs, expected)
        const events = yield* Stream.runCollect(Streaming.streamify(ask)({ question: "?" }))
        const last = events.at(-1)!
        assert.isTrue(Prediction.isPrediction(last))
        if (Prediction.isPrediction(last)) assert.deepStrictEqual(Prediction.details(last).logprobs, expected)
      }).pipe(Effect.provide(layer))
      assert.deepInclude(server.requests[0]!.json, { logprobs: true, top_logprobs: 1 })
    }))

  it.effect("a client of the openai SDK sends in its own way", () =>
    Effect.gen(function*() {
      const { AzureOpenAI } = yield* Effect.promise(() => import("openai"))
      const server = yield* WireServer.make([answer, WireServer.json(400, { error: { message: "no", code: "x" } })])
      const client = new AzureOpenAI({
        endpoint: server.baseUrl.replace("/v1", ""),
        apiKey: "azure-key",
        apiVersion: "2026-01-01",
        deployment: "dep"
      })
      yield* Effect.gen(function*() {
        const { answer } = yield* qa({ question: "?" })
        assert.strictEqual(answer, "Paris")
        const error = yield* Effect.flip(qa({ question: "?" }))
        assert.isTrue(error._tag === "LMError" && error.reason._tag === "InvalidRequest")
        assert.include(error.message, "no")
      }).pipe(Effect.provide(OpenAI.layer({ model: "gpt-4o", client })))
      const [sent] = server.requests
      assert.match(sent!.path, /\/openai\/deployments\/[^/]+\/chat\/completions\?api-version=2026-01-01$/)
      assert.strictEqual(sent!.headers["api-key"], "azure-key")
    }))

  it.effect("audio by its address is refused before anything is sent", () =>
    Effect.gen(function*() {
      const { layer, server } = yield* connect({})
      const audio: LMContent.Audio = { _tag: "Audio", source: { _tag: "Url", url: "http://127.0.0.1/a.wav" } }
      const error = yield* Effect.flatMap(LM, (lm) => lm.generate({ ...request, messages: [LMRequest.user([audio])] }))
        .pipe(
          Effect.flip,
          Effect.provide(layer)
        )
      assert.deepStrictEqual([error.reason._tag, server.requests.length], ["InvalidRequest", 0])
      assert.include(error.message, "takes audio as bytes")
    }))
})

describe.each(Object.entries(Senders.all))("what a server does not have, over %s", (_, sending) => {
  /** A server that refuses requests which have one of these members. */
  const without = (lacking: Readonly<Record<string, string>>): WireServer.Handler => (exchange) => {
    const name = Object.keys(lacking).find((name) => exchange.request.json[name] !== undefined)
    if (name !== undefined) return WireServer.json(400, { error: { message: lacking[name] } })(exchange)
    return exchange.request.json.stream === true
      ? WireServer.events(
        WireServer.chunk({ content: "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]" }),
        WireServer.chunk({}, { finish_reason: "stop" }),
        WireServer.done
      )(exchange)
      : WireServer.json(200, WireServer.completion({ content: "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]" }))(
        exchange
      )
  }

  const hints = {
    stream_options: "Unrecognized request argument supplied: stream_options",
    parallel_tool_calls: "parallel_tool_calls is not supported with this model",
    service_tier: "service_tier: Extra inputs are not permitted",
    metadata: "Unknown parameter: 'metadata'",
    user: "Unsupported parameter: 'user'"
  }

  it.effect("a hint is left out, and never sent again to that model", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(without(hints))
      const ask = Predict.make("question -> answer", { serviceTier: "flex", metadata: { a: "b" }, user: "ada" })
      yield* Effect.gen(function*() {
        for (let n = 0; n < 2; n++) yield* Stream.runDrain(Streaming.streamify(ask)({ question: "?" }))
        yield* ask({ question: "?" })
      }).pipe(Effect.provide(OpenAI.layer({ ...sending, model: "m", baseUrl: server.baseUrl })))
      assert.strictEqual(server.requests.length, 4 + 1 + 1 + 1)
      const last = server.requests.at(-1)!.json
      for (const name of Object.keys(hints)) assert.notProperty(last, name)
    }))

  it.effect("a hint is learnt by requests at the same time, and none of them fails", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(without(hints))
      const streamed = Streaming.streamify(Predict.make("question -> answer", { user: "ada" }))
      yield* Effect.all([1, 2, 3, 4].map(() => Stream.runDrain(streamed({ question: "?" }))), {
        concurrency: "unbounded"
      })
        .pipe(Effect.provide(OpenAI.layer({ model: "m", baseUrl: server.baseUrl })))
    }))

  it.effect("however it is said that a hint is not taken", () =>
    Effect.gen(function*() {
      const answers = WireServer.json(
        200,
        WireServer.completion({ content: "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]" })
      )
      for (
        const [name, message] of [
          ["user", "Unrecognized request argument supplied: user"],
          ["user", "body.user: Extra inputs are not permitted"],
          ["metadata", "The 'metadata' parameter is only allowed when 'store' is enabled."],
          ["service_tier", "Invalid service_tier argument: flex"]
        ] as const
      ) {
        const server = yield* WireServer.make((exchange) =>
          (exchange.request.json[name] === undefined ? answers : WireServer.json(400, { error: { message } }))(exchange)
        )
        const ask = Predict.make("question -> answer", { user: "ada", metadata: { a: "b" }, serviceTier: "flex" })
        const { answer } = yield* Effect.provide(
          ask({ question: "?" }),
          OpenAI.layer({ model: "m", baseUrl: server.baseUrl })
        )
        assert.deepStrictEqual([answer, server.requests.length], ["Paris", 2], message)
      }
    }))

  it.effect("a schema, and then JSON itself: the adapter has said the form in words", () =>
    Effect.gen(function*() {
      const replies = WireServer.json(200, WireServer.completion({ content: "{\"answer\":\"Paris\"}" }))
      const server = yield* WireServer.make((exchange) => {
        const format = exchange.request.json.response_format as { readonly type: string } | undefined
        if (format === undefined) return replies(exchange)
        return WireServer.json(400, { error: { message: `response_format type ${format.type} is unavailable now` } })(
          exchange
        )
      })
      const { JSONAdapter } = yield* Effect.promise(() => import("effect-lm"))
      const ask = Effect.provide(qa({ question: "?" }), JSONAdapter.layer)
      yield* Effect.andThen(ask, ask).pipe(
        Effect.provide(OpenAI.layer({ ...sending, model: "m", baseUrl: server.baseUrl }))
      )
      assert.deepStrictEqual(
        server.requests.map(({ json }) => json.response_format?.type),
        ["json_schema", "json_object", undefined, undefined]
      )
    }))

  it.effect("what the answer needs is a reason of its own, and not tried again", () =>
    Effect.gen(function*() {
      const image: LMContent.Image = { _tag: "Image", source: { _tag: "Base64", data: "AAAA", mediaType: "image/png" } }
      for (
        const [feature, message, asked] of [
          ["images", "This model does not support image inputs", { messages: [LMRequest.user([image])] }],
          ["temperature", "Unsupported value: 'temperature' does not support 0.2 with this model", {
            config: { temperature: 0.2 }
          }],
          ["logprobs", "logprobs is not supported", { config: { logprobs: 0 } }],
          ["reasoningEffort", "Unrecognized request argument supplied: reasoning_effort", {
            config: { reasoningEffort: "low" }
          }]
        ] as const
      ) {
        const server = yield* WireServer.make(WireServer.json(400, { error: { message } }))
        const error = yield* Effect.flatMap(LM, (lm) => lm.generate({ ...request, ...asked })).pipe(
          Effect.flip,
          Effect.provide(OpenAI.layer({ ...sending, model: "m", baseUrl: server.baseUrl }))
        )
        assert.isTrue(
          error.reason._tag === "NotSupported" && error.reason.feature === feature,
          `${feature}: ${error.message}`
        )
        assert.deepStrictEqual([error.isRetryable, server.requests.length], [false, 1])
      }
    }))

  it.effect("words about what was not sent are a mistake in the request", () =>
    Effect.gen(function*() {
      for (const message of ["images are not supported", "tools are not supported", "temperature must be at most 2"]) {
        const server = yield* WireServer.make(WireServer.json(400, { error: { message } }))
        const error = yield* Effect.flatMap(LM, (lm) => lm.generate({ ...request, config: { temperature: 3 } })).pipe(
          Effect.flip,
          Effect.provide(OpenAI.layer({ ...sending, model: "m", baseUrl: server.baseUrl }))
        )
        assert.strictEqual(error.reason._tag, "InvalidRequest", message)
      }
    }))

  it.effect("a Chat program whose server refuses the fallback's request keeps the error of the reply", () =>
    Effect.gen(function*() {
      let number = 0
      const server = yield* WireServer.make((exchange) =>
        number++ === 0
          ? WireServer.json(200, WireServer.completion({ content: "no form at all" }))(exchange)
          : WireServer.json(400, { error: { message: "I do not take this" } })(exchange)
      )
      const error = yield* qa({ question: "?" }).pipe(
        Effect.flip,
        Effect.provide(ChatAdapter.layer),
        Effect.provide(OpenAI.layer({ ...sending, model: "m", baseUrl: server.baseUrl }))
      )
      assert.isTrue(error._tag === "AdapterParseError" && error.reply === "no form at all" && error.usage?.calls === 2)
    }))
})
