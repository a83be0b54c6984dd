/** What a server turns out not to have: what is done without it, and what is an error. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { ChatAdapter, JSONAdapter, LM, type LMContent, LMRequest, OpenAI, Predict, Streaming } from "effect-lm"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import { paris } from "./support/layers.ts"
import * as Senders from "./support/senders.ts"

const request = asking("Why?")

const qa = Predict.make("question -> answer")

describe.each(Object.entries(Senders.all))("what a server does not have, over %s", (_, sending) => {
  /** A server that refuses requests which have one of these members. */
  const without = (lacking: Readonly<Record<string, string>>): WireServer.Handler => (exchange) => {
    const name = Object.keys(lacking).find((name) => exchange.request.json[name] !== undefined)
    if (name !== undefined) return WireServer.json(400, { error: { message: lacking[name] } })(exchange)
    return exchange.request.json.stream === true
      ? WireServer.events(
        WireServer.chunk({ content: paris }),
        WireServer.chunk({}, { finish_reason: "stop" }),
        WireServer.done
      )(exchange)
      : WireServer.json(200, WireServer.completion({ content: paris }))(
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
      const config = { serviceTier: "flex", metadata: { a: "b" }, user: "ada", parallelToolCalls: false }
      const asked = { ...request, config, tools: [{ name: "f", parameters: {} }] }
      yield* Effect.gen(function*() {
        const lm = yield* LM
        yield* Stream.runDrain(lm.stream(asked))
        yield* lm.generate(asked)
        yield* Stream.runDrain(lm.stream(asked))
      }).pipe(Effect.provide(OpenAI.layer({ ...sending, model: "m", baseUrl: server.baseUrl })))
      const [first] = server.requests
      for (const name of Object.keys(hints)) assert.property(first!.json, name)
      assert.strictEqual(server.requests.length, 5 + 1 + 1 + 1)
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
        .pipe(Effect.provide(OpenAI.layer({ ...sending, model: "m", baseUrl: server.baseUrl })))
    }))

  it.effect("however it is said that a hint is not taken", () =>
    Effect.gen(function*() {
      const answers = WireServer.json(
        200,
        WireServer.completion({ content: paris })
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
          OpenAI.layer({ ...sending, model: "m", baseUrl: server.baseUrl })
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
