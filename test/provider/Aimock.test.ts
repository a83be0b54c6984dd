/**
 * The provider against somebody else's OpenAI-compatible server.
 */
import { LLMock } from "@copilotkit/aimock"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted, Stream } from "effect"
import type { LMEvent } from "effect-lm/lm/LMEvent"
import { type LMRequest, system, user } from "effect-lm/lm/LMRequest"
import * as LMResponse from "effect-lm/lm/LMResponse"
import * as OpenAI from "effect-lm/provider/OpenAI"
import * as Providers from "effect-lm/provider/Providers"
import { said, textOfFirst } from "../support/said.ts"

const mock = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = new LLMock({ port: 0 })
    server.onMessage("capital", { content: "The capital of France is Paris.", reasoning: "An easy one." }, {
      chunkSize: 5
    })
    server.onMessage("weather", {
      toolCalls: [{ name: "weather", arguments: { city: "Paris" } }, { name: "time", arguments: { zone: "CET" } }]
    })
    server.onMessage("busy", {
      error: { message: "Rate limit reached", type: "rate_limit_error" },
      status: 429,
      retryAfter: 7
    })
    server.onMessage("truncated", { content: "This answer stops early." }, { chunkSize: 4, truncateAfterChunks: 3 })
    server.onMessage("dropped", { content: "This one is cut." }, {
      chunkSize: 2,
      latency: 10_000,
      disconnectAfterMs: 30
    })
    server.onMessage("router", { content: "Routed." }, { openRouterProcessing: true })
    await server.start()
    return server
  }),
  (server) => Effect.promise(() => server.stop())
)

const ask = (content: string): LMRequest => ({
  messages: [system("Be brief."), user(content)],
  config: { temperature: 0, maxTokens: 50 },
  responseFormat: { _tag: "Text" },
  tools: content === "weather" ? [{ name: "weather", parameters: { type: "object" } }] : undefined
})

const connect = (server: LLMock) =>
  OpenAI.make({
    model: "gpt-4o-mini",
    provider: Providers.openai,
    baseUrl: `${server.url}/v1`,
    apiKey: Redacted.make("sk-mock"),
    retry: false
  })

const texts = (events: ReadonlyArray<LMEvent>) =>
  events.flatMap((event) => event._tag === "TextDelta" ? [event.text] : [])

describe("aimock", () => {
  it.live("streams text and reasoning chunk by chunk, with usage", () =>
    Effect.gen(function*() {
      const server = yield* mock
      const lm = yield* connect(server)
      const events = yield* Stream.runCollect(lm.stream(ask("capital")))
      assert.isAbove(texts(events).length, 3)
      const response = LMResponse.fold(events)
      const completion = said(response.completions[0]!)
      assert.strictEqual(completion.text, "The capital of France is Paris.")
      assert.strictEqual(completion.reasoning, "An easy one.")
      assert.strictEqual(completion.finish, "stop")
      assert.isAbove(response.usage?.outputTokens ?? 0, 0)
      const sent = server.journal.getLast()?.body as unknown as Record<string, unknown>
      assert.strictEqual(sent["max_completion_tokens"], 50)
      assert.deepStrictEqual(sent["stream_options"], { include_usage: true, include_obfuscation: false })

      const whole = yield* lm.generate(ask("capital"))
      assert.deepStrictEqual(whole.completions, response.completions)
      assert.isAbove(whole.usage?.outputTokens ?? 0, 0)
    }))

  it.live("parallel tool calls, streamed and whole", () =>
    Effect.gen(function*() {
      const lm = yield* connect(yield* mock)
      for (
        const response of [yield* LMResponse.collect(lm.stream(ask("weather"))), yield* lm.generate(ask("weather"))]
      ) {
        const { finish, toolCalls } = said(response.completions[0]!)
        assert.strictEqual(finish, "tool-calls")
        assert.deepStrictEqual(toolCalls.map(({ arguments: args, name }) => [name, JSON.parse(args)]), [
          ["weather", { city: "Paris" }],
          ["time", { zone: "CET" }]
        ])
      }
    }))

  it.live("429 with Retry-After", () =>
    Effect.gen(function*() {
      const lm = yield* connect(yield* mock)
      const error = yield* Effect.flip(Stream.runDrain(lm.stream(ask("busy"))))
      assert.strictEqual(error.reason._tag, "RateLimited")
      assert.strictEqual(Duration.toMillis(error.retryAfter!), 7000)
    }))

  it.live("OpenRouter's dialect, with its comments", () =>
    Effect.gen(function*() {
      const server = yield* mock
      const lm = yield* OpenAI.make({
        model: "openai/gpt-4o-mini",
        provider: Providers.find("openrouter")!,
        baseUrl: `${server.url}/api/v1`,
        apiKey: Redacted.make("sk-mock"),
        retry: false
      })
      const response = yield* LMResponse.collect(lm.stream(ask("router")))
      assert.strictEqual(textOfFirst(response), "Routed.")
      assert.isAbove(response.usage?.outputTokens ?? 0, 0)
    }))

  for (const [how, content] of [["truncated", "This answer stops early."], ["dropped", "This one is cut."]] as const) {
    it.live(`a ${how} stream is an error after what came`, () =>
      Effect.gen(function*() {
        const lm = yield* connect(yield* mock)
        const events: Array<LMEvent> = []
        const error = yield* Effect.flip(
          Stream.runForEach(lm.stream(ask(how)), (event) => Effect.sync(() => events.push(event)))
        )
        assert.include(["Truncated", "Transport"], error.reason._tag)
        const text = texts(events).join("")
        assert.isTrue(content.startsWith(text))
        assert.isBelow(text.length, content.length)
        assert.isEmpty(events.filter((event) => event._tag === "Finish"))
      }))
  }
})
