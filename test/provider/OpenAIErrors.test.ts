/**
 * What each answer that is no success means.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted, Stream } from "effect"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { TestClock } from "effect/testing"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"

const request = asking("q")

const connect = Effect.fnUntraced(function*(handler: WireServer.Handler) {
  const server = yield* WireServer.make(handler)
  return yield* OpenAI.make({
    model: "wire-1",
    apiKey: Redacted.make("sk-secret-0123456789"),
    baseUrl: server.baseUrl,
    retry: false
  })
})

/** The error of a call that gets this answer, the same for both kinds of call. */
const fails = Effect.fnUntraced(function*(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {}
) {
  const lm = yield* connect(
    typeof body === "string" ? WireServer.reply(status, headers, body) : WireServer.json(status, body, headers)
  )
  const streamed = yield* Effect.flip(Stream.runDrain(lm.stream(request)))
  const whole = yield* Effect.flip(lm.generate(request))
  assert.strictEqual(String(streamed), String(whole))
  assert.strictEqual(streamed.model, lm.model)
  return streamed
})

const error = (message: string, more: object = {}) => ({ error: { message, ...more } })

describe("OpenAI errors", () => {
  const cases: ReadonlyArray<readonly [name: string, status: number, body: unknown, tag: string, retryable: boolean]> =
    [
      ["a wrong key", 401, error("Incorrect API key provided", { code: "invalid_api_key" }), "Authentication", false],
      ["a forbidden country", 403, error("Country not supported"), "Authentication", false],
      ["too many requests", 429, error("Rate limit reached", { code: "rate_limit_exceeded" }), "RateLimited", true],
      [
        "nothing left to spend",
        429,
        error("You exceeded your current quota", { type: "insufficient_quota", code: "insufficient_quota" }),
        "QuotaExceeded",
        false
      ],
      ["no credits", 402, error("Insufficient credits", { code: 402 }), "QuotaExceeded", false],
      [
        "OpenAI: a prompt that is too long",
        400,
        error("This model's maximum context length is 8192 tokens", { code: "context_length_exceeded" }),
        "ContextWindowExceeded",
        false
      ],
      [
        "llama.cpp: a prompt that is too long",
        400,
        error("the request exceeds the available context size", { code: 400, type: "exceed_context_size_error" }),
        "ContextWindowExceeded",
        false
      ],
      [
        "vLLM: a prompt that is too long",
        400,
        {
          object: "error",
          message: "This model's maximum context length is 2048 tokens. Please reduce the length of the messages.",
          code: 400
        },
        "ContextWindowExceeded",
        false
      ],
      [
        "a model that is not there",
        404,
        error("The model `x` does not exist", { code: "model_not_found" }),
        "UnsupportedModel",
        false
      ],
      ["Ollama: a model that is not pulled", 404, { error: "model 'x' not found" }, "UnsupportedModel", false],
      ["Groq: a retired model", 400, error("gone", { code: "model_decommissioned" }), "UnsupportedModel", false],
      [
        "Mistral: a model that is not there",
        400,
        {
          object: "error",
          message: "Invalid model: x",
          type: "invalid_model",
          code: "1500"
        },
        "UnsupportedModel",
        false
      ],
      ["a wrong address", 404, "404 page not found", "UnsupportedModel", false],
      ["LM Studio with no model loaded", 400, error("No models loaded."), "UnsupportedModel", false],
      [
        "llama.cpp while it loads its model",
        503,
        error("Loading model", { code: 503, type: "unavailable_error" }),
        "Server",
        true
      ],
      ["a filter", 400, error("flagged", { code: "content_policy_violation" }), "ContentFiltered", false],
      ["Azure's filter", 400, error("filtered", { code: "content_filter" }), "ContentFiltered", false],
      ["OpenRouter's moderation", 403, error("Your input was flagged", { code: 403 }), "ContentFiltered", false],
      ["a bad parameter", 400, error("Invalid value", { type: "invalid_request_error" }), "InvalidRequest", false],
      ["FastAPI's validation", 422, { detail: [{ loc: ["body", "n"], msg: "too many" }] }, "InvalidRequest", false],
      [
        "a request that never fits a limit",
        413,
        error("Request too large", { code: "rate_limit_exceeded" }),
        "InvalidRequest",
        false
      ],
      ["a slow upstream", 408, error("Request timeout"), "Timeout", true],
      ["a conflict", 409, error("Conflict"), "Server", true],
      ["a server's fault", 500, error("The server had an error", { type: "server_error" }), "Server", true],
      ["an overloaded server", 529, error("Overloaded", { type: "overloaded_error" }), "Server", true],
      ["a page of a gateway", 502, "<html><h1>502 Bad Gateway</h1></html>", "Server", true],
      ["plain text", 500, "boom", "Server", true],
      ["a list, as Gemini sends it", 429, [error("Resource exhausted", { code: 429 })], "RateLimited", true],
      ["no body at all", 503, "", "Server", true],
      ["an error code that plain objects inherit", 400, error("x", { code: "constructor" }), "InvalidRequest", false]
    ]

  for (const [name, status, body, tag, retryable] of cases) {
    it.effect(`${name}: ${tag}`, () =>
      Effect.gen(function*() {
        const failure = yield* fails(status, body)
        assert.strictEqual(failure.reason._tag, tag)
        assert.strictEqual(failure.isRetryable, retryable)
        const message = typeof body === "string"
          ? body
          : /"(?:message|error|msg)":"([^"]*)"/.exec(JSON.stringify(body))?.[1]
        assert.include(failure.message, message ?? "a message")
        assert.include(failure.message, String(status))
      }))
  }

  it.effect("messages say what to do next", () =>
    Effect.gen(function*() {
      assert.include((yield* fails(401, error("no"))).message, "API key")
      assert.include((yield* fails(400, error("No models loaded."))).message, "lms load")
      assert.include((yield* fails(404, "404 page not found")).message, "base URL")
      assert.include((yield* fails(402, error("no"))).message, "credit")
    }))

  it.effect("a long body is cut, the advice is not", () =>
    Effect.gen(function*() {
      const { message } = yield* fails(401, "x".repeat(100_000))
      assert.isBelow(message.length, 1300)
      assert.include(message, "API key")
    }))

  it.effect("law 12: no cut leaves a part of the key", () =>
    Effect.gen(function*() {
      for (let before = 880; before <= 900; before++) {
        const { message } = yield* fails(500, `${"x".repeat(before)}sk-secret-0123456789${"x".repeat(1000)}`)
        assert.notInclude(message, "sk-s")
      }
    }))

  describe("how long to wait", () => {
    const wait = (headers: Readonly<Record<string, string>>, status = 429) =>
      Effect.map(
        fails(status, error("slow down"), headers),
        ({ retryAfter }) => retryAfter === undefined ? undefined : Duration.toMillis(retryAfter)
      )

    it.effect("in seconds", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* wait({ "retry-after": "7" }), 7000)
        assert.strictEqual(yield* wait({ "retry-after": "0.5" }), 500)
        assert.strictEqual(yield* wait({ "retry-after": "2" }, 503), 2000)
      }))

    it.effect("in milliseconds, which go before seconds", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* wait({ "retry-after-ms": "250", "retry-after": "7" }), 250)
      }))

    it.effect("until a date, by the clock", () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(Date.UTC(2026, 0, 1, 12, 0, 0))
        assert.strictEqual(yield* wait({ "retry-after": "Thu, 01 Jan 2026 12:00:30 GMT" }), 30_000)
        assert.strictEqual(yield* wait({ "retry-after": "Thu, 01 Jan 2026 11:00:00 GMT" }), 0)
      }))

    it.effect("in units, as a moment, and twice", () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(Date.UTC(2026, 0, 1, 12, 0, 0))
        const moment = Date.UTC(2026, 0, 1, 12, 0, 30)
        const forms = {
          "5s": 5000,
          "1m2.5s": 62_500,
          "120, 7": 120_000,
          "2026-01-01T12:00:30Z": 30_000,
          [moment / 1000]: 30_000,
          [moment]: 30_000
        }
        for (const [text, millis] of Object.entries(forms)) {
          assert.strictEqual(yield* wait({ "retry-after": text }), millis, text)
        }
      }))

    it.effect("until the limits that are used up begin anew, where nothing else is said", () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(Date.UTC(2026, 0, 1, 12, 0, 0))
        const requests = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2.5s" }
        const tokens = { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s" }
        assert.strictEqual(yield* wait(requests), 62_500)
        assert.strictEqual(yield* wait({ ...tokens, ...requests }), 360_000)
        assert.strictEqual(yield* wait({ ...tokens, ...requests, "x-ratelimit-remaining-tokens": "7" }), 62_500)
        assert.strictEqual(yield* wait({ ...requests, "retry-after": "3" }), 3000)
        assert.isUndefined(yield* wait({ ...requests, "x-ratelimit-remaining-requests": "7" }))
        assert.isUndefined(yield* wait(requests, 500))
        const anthropic = {
          "anthropic-ratelimit-input-tokens-remaining": "0",
          "anthropic-ratelimit-input-tokens-reset": "2026-01-01T12:00:09Z"
        }
        assert.strictEqual(yield* wait(anthropic), 9000)
        const repeated = { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": String(Date.UTC(2026, 0, 1, 12, 1, 0)) }
        const { retryAfter } = yield* fails(429, error("Rate limit exceeded", { metadata: { headers: repeated } }))
        assert.strictEqual(Duration.toMillis(retryAfter!), 60_000)
        // An empty account is no limit that begins anew.
        const empty = yield* fails(429, error("You exceeded your current quota, check your plan and billing"), requests)
        assert.strictEqual(empty.reason._tag, "QuotaExceeded")
      }))

    it.effect("what cannot be read is passed over", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* wait({ "retry-after-ms": "soon", "retry-after": "3" }), 3000)
        assert.strictEqual(yield* wait({ "retry-after-ms": "", "retry-after": "3" }), 3000)
        for (const text of ["later", "-5", "-1s", "Infinity", "0x10", "", " "]) {
          assert.isUndefined(yield* wait({ "retry-after": text }), text)
        }
        assert.isAtLeast((yield* wait({ "retry-after-ms": "1e300" }))!, 2 ** 52)
        assert.isUndefined(yield* wait({}))
      }))
  })

  it.effect("nothing listens: says where, and asks whether the server runs", () =>
    Effect.gen(function*() {
      // A port that was free a moment ago.
      const port = yield* Effect.callback<number>((resume) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          server.close(() => resume(Effect.succeed(port)))
        })
      })
      const lm = yield* OpenAI.make({ model: "m", baseUrl: `http://127.0.0.1:${port}/v1`, retry: false })
      for (const call of [Stream.runDrain(lm.stream(request)), lm.generate(request)]) {
        const failure = yield* Effect.flip(Effect.asVoid(call))
        assert.strictEqual(failure.reason._tag, "Transport")
        assert.include(failure.message, `http://127.0.0.1:${port}/v1`)
        assert.include(failure.message, "running")
        assert.isTrue(failure.isRetryable)
      }
    }))
})
