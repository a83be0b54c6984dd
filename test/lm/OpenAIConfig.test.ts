/**
 * Where the provider finds its key, its address and its model.
 */
import { assert, describe, it } from "@effect/vitest"
import { type Config, ConfigProvider, Context, Effect, Layer, Redacted } from "effect"
import { LM } from "effect-lm/lm/LM"
import { LMError } from "effect-lm/lm/LMError"
import type { LMRequest } from "effect-lm/lm/LMRequest"
import * as OpenAI from "effect-lm/lm/OpenAI"
import * as WireServer from "../support/wireServer.ts"

const request: LMRequest = { messages: [{ role: "user", content: "q" }], config: {}, responseFormat: { _tag: "Text" } }

const environment = (variables: Readonly<Record<string, string>>) =>
  ConfigProvider.layer(ConfigProvider.fromUnknown(variables))

/** The model of a layer, with these variables set. */
const model = (
  layer: Layer.Layer<LM, LMError | Config.ConfigError>,
  variables: Readonly<Record<string, string>> = {}
) =>
  Layer.fresh(layer).pipe(
    Layer.provide(environment(variables)),
    Layer.build,
    Effect.map((context) => Context.get(context, LM)),
    Effect.scoped
  )

const problem = (...args: Parameters<typeof model>) =>
  Effect.map(Effect.flip(model(...args)), (error) => {
    assert.instanceOf(error, LMError)
    return error as LMError
  })

describe("OpenAI.layerConfig", () => {
  it.effect("reads key, address and model", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("Paris"))
      const lm = yield* model(OpenAI.layerConfig, {
        OPENAI_API_KEY: "sk-from-the-environment\n",
        OPENAI_BASE_URL: ` ${server.baseUrl} `,
        OPENAI_MODEL: "wire-2"
      })
      yield* lm.generate(request)
      const sent = yield* server.nextRequest
      assert.strictEqual(sent.headers["authorization"], "Bearer sk-from-the-environment")
      assert.strictEqual(sent.json.model, "wire-2")
    }))

  it.effect("is OpenAI itself unless told otherwise", () =>
    Effect.gen(function*() {
      const lm = yield* model(OpenAI.layerConfig, { OPENAI_API_KEY: "sk-x" })
      assert.strictEqual(lm.model, "openai/gpt-4o-mini")
    }))

  it.effect("a missing or blank key is an error that says what to set", () =>
    Effect.gen(function*() {
      for (const variables of [{}, { OPENAI_API_KEY: " " }, { OPENAI_BASE_URL: "https://api.groq.com/openai/v1" }]) {
        const error = yield* problem(OpenAI.layerConfig, variables)
        assert.strictEqual(error.reason._tag, "Authentication")
        assert.include(error.message, "OPENAI_API_KEY")
      }
    }))

  it.effect("a server of one's own needs no key", () =>
    Effect.gen(function*() {
      const lm = yield* model(OpenAI.layerConfig, { OPENAI_BASE_URL: "http://localhost:8123/v1", OPENAI_MODEL: "m" })
      assert.strictEqual(lm.model, "localhost:8123/m")
    }))

  it.effect("a base URL that is none is an error", () =>
    Effect.gen(function*() {
      for (const OPENAI_BASE_URL of ["localhost:8123/v1", "nonsense", "ftp://x"]) {
        const error = yield* problem(OpenAI.layerConfig, { OPENAI_API_KEY: "sk-x", OPENAI_BASE_URL })
        assert.strictEqual(error.reason._tag, "InvalidRequest")
        assert.include(error.message, "base URL")
      }
    }))
})

describe("OpenAI.layerModel", () => {
  it.effect("reads the provider's own variables", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("Paris"))
      const variables = { GROQ_API_KEY: "gsk-0123456789", GROQ_BASE_URL: server.baseUrl, OPENAI_API_KEY: "sk-other" }
      const lm = yield* model(OpenAI.layerModel("groq/llama-3.3-70b-versatile"), variables)
      assert.strictEqual(lm.model, "groq/llama-3.3-70b-versatile")
      assert.isFalse(lm.capabilities.jsonSchema)
      yield* lm.generate(request)
      const sent = yield* server.nextRequest
      assert.strictEqual(sent.headers["authorization"], "Bearer gsk-0123456789")
      assert.strictEqual(sent.json.model, "llama-3.3-70b-versatile")
    }))

  it.effect("options go before variables", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("Paris"))
      const options = { apiKey: Redacted.make("gsk-option"), baseUrl: server.baseUrl }
      const variables = { GROQ_API_KEY: "gsk-variable", GROQ_BASE_URL: "http://127.0.0.1:1/v1" }
      const lm = yield* model(OpenAI.layerModel("groq/m", options), variables)
      yield* lm.generate(request)
      assert.strictEqual((yield* server.nextRequest).headers["authorization"], "Bearer gsk-option")
    }))

  it.effect("a key that is missing is named; local servers need none", () =>
    Effect.gen(function*() {
      const error = yield* problem(OpenAI.layerModel("mistral/mistral-small"), { OPENAI_API_KEY: "sk-x" })
      assert.strictEqual(error.reason._tag, "Authentication")
      assert.include(error.message, "MISTRAL_API_KEY")
      assert.strictEqual((yield* model(OpenAI.layerModel("ollama/llama3.2"))).model, "ollama/llama3.2")
    }))

  it.effect("a provider that is not known is an error that names the known ones", () =>
    Effect.gen(function*() {
      const error = yield* problem(OpenAI.layerModel("opanai/gpt-4o"))
      assert.strictEqual(error.reason._tag, "UnsupportedModel")
      assert.include(error.message, "openai")
    }))
})

describe("OpenAI.layer", () => {
  it.effect("takes another authorization than a key", () =>
    Effect.gen(function*() {
      const layer = OpenAI.layer({ model: "m", headers: { "api-key": Redacted.make("azure-key") } })
      assert.strictEqual((yield* model(layer)).model, "openai/m")
      assert.strictEqual((yield* problem(OpenAI.layer({ model: "m" }))).reason._tag, "Authentication")
    }))
})
