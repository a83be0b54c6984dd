/**
 * Where the provider finds its key, its address and its model.
 */
import { assert, describe, it } from "@effect/vitest"
import { type Config, ConfigProvider, Context, Effect, Layer, Redacted, Result, Schema, Stream } from "effect"
import { LM } from "effect-lm/lm/LM"
import { LMError } from "effect-lm/lm/LMError"
import { type LMRequest, system, user } from "effect-lm/lm/LMRequest"
import * as OpenAI from "effect-lm/provider/OpenAI"
import * as Providers from "effect-lm/provider/Providers"
import { validateHeaderName, validateHeaderValue } from "node:http"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"

const request = asking("q")

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

  it.effect("the model's name means what it means everywhere", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("Paris"))
      const rows = [
        ["openai/gpt-4o-mini", "gpt-4o-mini"],
        ["vllm/meta-llama/Llama-3", "meta-llama/Llama-3"],
        ["meta-llama/Llama-3", "meta-llama/Llama-3"],
        ["deepseek/deepseek-chat", "deepseek/deepseek-chat"]
      ] as const
      for (const [OPENAI_MODEL, sent] of rows) {
        const variables = { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: "sk-x", OPENAI_MODEL }
        yield* (yield* model(OpenAI.layerConfig, variables)).generate(request)
        const { headers, json } = yield* server.nextRequest
        assert.strictEqual(json.model, sent)
        assert.strictEqual(headers["authorization"], "Bearer sk-x")
      }
      const lm = yield* model(OpenAI.layerConfig, { OPENAI_API_KEY: "sk-x", OPENAI_MODEL: "openai/gpt-4o-mini" })
      assert.strictEqual(lm.model, "openai/gpt-4o-mini")
    }))

  it.effect("a model of another provider is asked there, with that provider's key", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("Paris"))
      const groq = { OPENAI_API_KEY: "sk-openai-0123", OPENAI_MODEL: "groq/llama" }
      const error = yield* problem(OpenAI.layerConfig, groq)
      assert.strictEqual(error.reason._tag, "Authentication")
      assert.include(error.message, "GROQ_API_KEY")
      const lm = yield* model(OpenAI.layerConfig, { ...groq, GROQ_API_KEY: "gsk-0123", GROQ_BASE_URL: server.baseUrl })
      yield* lm.generate(request)
      const sent = yield* server.nextRequest
      assert.strictEqual(sent.headers["authorization"], "Bearer gsk-0123")
      assert.strictEqual(sent.json.model, "llama")
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
      assert.deepStrictEqual(lm.capabilities, { tools: true, inputs: ["images"] })
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
      // Plain JavaScript may give it as text.
      const plain = yield* model(OpenAI.layerModel("groq/m", { ...options, apiKey: "gsk-plain" as never }), variables)
      yield* plain.generate(request)
      assert.strictEqual((yield* server.nextRequest).headers["authorization"], "Bearer gsk-plain")
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
  const apiKey = Redacted.make("sk-0123456789")

  it.effect("refuses a model of another provider: its key is not for OpenAI", () =>
    Effect.gen(function*() {
      for (const name of ["groq/llama-3.3-70b-versatile", "Google/gemini-2.5-flash", "together_ai/x", "ollama/qwen3"]) {
        const { model, reason } = yield* problem(OpenAI.layer({ model: name, apiKey }))
        assert.strictEqual(reason._tag, "UnsupportedModel")
        assert.include(reason.description, `OpenAI.layerModel("${name}")`)
        assert.include(model, name)
      }
    }))

  const companies = ["anthropic/claude", "x-ai/grok", "mistralai/mistral", "azure/gpt-4o", "cohere/command", "a/b/c"]

  it.effect("refuses every other name with a slash, too", () =>
    Effect.gen(function*() {
      for (const name of ["groq/", " groq/llama", "openai/", "/", "openai/meta-llama/x", ...companies]) {
        for (const options of [{ model: name, apiKey }, { model: name, apiKey, provider: Providers.openai }]) {
          const { model, reason } = yield* problem(OpenAI.layer(options))
          assert.strictEqual(reason._tag, "UnsupportedModel", name)
          assert.include(model, name.trim().replace(/^openai\/(?=.)/, ""))
        }
      }
      const tuned = "ft:gpt-4o-mini-2024-07-18:my-org:a/b:id"
      assert.strictEqual((yield* model(OpenAI.layer({ model: tuned, apiKey }))).model, `openai/${tuned}`)
    }))

  it.effect("and so does layerConfig without a base URL", () =>
    Effect.gen(function*() {
      for (const OPENAI_MODEL of ["groq/", "openai/", ...companies]) {
        const { reason } = yield* problem(OpenAI.layerConfig, { OPENAI_API_KEY: "sk-x", OPENAI_MODEL })
        assert.strictEqual(reason._tag, "UnsupportedModel", OPENAI_MODEL)
        assert.include(reason.description, "OPENAI_BASE_URL")
        const variables = { OPENAI_API_KEY: "sk-x", OPENAI_MODEL, OPENAI_BASE_URL: "http://localhost:1234/v1" }
        yield* model(OpenAI.layerConfig, variables)
      }
    }))

  it.effect("openai/ before a model of OpenAI's is not part of its name", () =>
    Effect.gen(function*() {
      const options = { model: "openai/gpt-4o-mini", apiKey }
      assert.strictEqual((yield* model(OpenAI.layer(options))).model, "openai/gpt-4o-mini")
      assert.strictEqual(OpenAI.toBody(request, options).model, "gpt-4o-mini")
    }))

  it.effect("behind a base URL, or at a provider that is given, names are that service's own", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("Paris"))
      const places = [{ baseUrl: server.baseUrl }, { baseUrl: server.baseUrl, provider: Providers.find("groq")! }]
      for (const place of places) {
        for (const name of ["openai/gpt-oss-20b", "meta-llama/Llama-3", "deepseek/deepseek-chat", "groq/x"]) {
          yield* (yield* model(OpenAI.layer({ model: name, apiKey, ...place }))).generate(request)
          assert.strictEqual((yield* server.nextRequest).json.model, name)
        }
      }
    }))

  it.effect("promises no variable, for it reads none", () =>
    Effect.gen(function*() {
      const groq = "https://api.groq.com/openai/v1"
      for (const options of [{ model: "m" }, { model: "m", baseUrl: groq }]) {
        const { reason } = yield* problem(OpenAI.layer(options), { OPENAI_API_KEY: "sk-x", GROQ_API_KEY: "gsk-x" })
        assert.strictEqual(reason._tag, "Authentication")
        assert.notMatch(reason.description, /_API_KEY/)
        assert.include(reason.description, "apiKey")
      }
    }))

  describe("what cannot be sent is said before anything is", () => {
    const cyclic: Record<string, unknown> = { a: [] }
    cyclic["a"] = [{ b: cyclic }]
    const refused: ReadonlyArray<readonly [what: string, options: Partial<OpenAI.Options>, named: string]> = [
      ["a key of two lines", { apiKey: Redacted.make("sk-one-0123\nsk-two-0123") }, "API key"],
      ["a key with an ellipsis", { apiKey: Redacted.make("sk-0123\u2026") }, "API key"],
      ["a key in Cyrillic letters", { apiKey: Redacted.make("\u043a\u043b\u044e\u0447-0123") }, "API key"],
      ["a header of two lines", { headers: { "x-a": "one\r\nx-b: two" } }, "\"x-a\""],
      ["a redacted header that is no Latin-1", { headers: { "x-a": Redacted.make("\u65e5\u672c-0123") } }, "\"x-a\""],
      ["a header's name that is none", { headers: { "x a": "b" } }, "\"x a\""],
      ["a header that is the connection's own", { headers: { "Content-Length": "7" } }, "\"Content-Length\""],
      ["another", { headers: { "transfer-encoding": Redacted.make("chunked") } }, "\"transfer-encoding\""],
      ["an organization of two lines", { organization: "a\nb" }, "organization"],
      ["a BigInt", { extraBody: { top_k: 5n } }, "extraBody"],
      ["a BigInt far inside", { extraBody: { a: [{ b: 5n }] } }, "extraBody"],
      ["a cycle", { extraBody: cyclic }, "extraBody"]
    ]
    for (const [what, options, named] of refused) {
      it.effect(what, () =>
        Effect.gen(function*() {
          const server = yield* WireServer.make(WireServer.answer("Paris"))
          const error = yield* problem(OpenAI.layer({ model: "m", apiKey, baseUrl: server.baseUrl, ...options }))
          assert.strictEqual(error.reason._tag, "InvalidRequest")
          assert.isFalse(error.isRetryable)
          assert.include(error.message, named)
          assert.notMatch(error.message, /0123|two/)
          assert.lengthOf(server.requests, 0)
        }))
    }

    const Text = Schema.Array(Schema.Literals(["a", "-", ":", " ", "\t", "\n", "\0", "\x7f", "é", "日"])).check(
      Schema.isMaxLength(3)
    )

    it.effect.prop("every header that Node would not write", { name: Text, text: Text }, ({ name, text }) => {
      const header = `x${name.join("")}`
      const value = text.join("")
      const isWritten = Result.isSuccess(Result.try(() => {
        validateHeaderName(header)
        validateHeaderValue(header, value)
      }))
      return OpenAI.make({ model: "m", baseUrl: "http://localhost:1/v1", headers: { [header]: value } }).pipe(
        Effect.result,
        Effect.map((made) => assert.strictEqual(Result.isSuccess(made), isWritten))
      )
    })

    it.effect("what JSON does not have in a request is no failed connection", () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make(WireServer.answer("Paris"))
        const lm = yield* OpenAI.make({ model: "m", apiKey, baseUrl: server.baseUrl })
        for (const parameters of [{ maximum: 5n }, cyclic]) {
          const bad: LMRequest = { ...request, tools: [{ name: "f", parameters }] }
          for (const call of [lm.generate(bad), Stream.runDrain(lm.stream(bad))]) {
            const error = yield* Effect.flip(Effect.asVoid(call))
            assert.strictEqual(error.reason._tag, "InvalidRequest")
            assert.include(error.message, "JSON")
          }
        }
        assert.lengthOf(server.requests, 0)
      }))

    it.effect("a base URL that is none, with what to write", () =>
      Effect.gen(function*() {
        const bad = [
          ["localhost:11434/v1", "http://localhost:11434"],
          ["my-host", "https://my-host"],
          ["//10.0.0.1:8000/v1", "http://10.0.0.1:8000"],
          ["ftp://host/v1", "http://"],
          ["", "empty"],
          ["http://my host/v1", "http://"],
          ["http://host/v 1", "white space"],
          ["http://host/v1#part", "#"],
          ["http://user:word-0123@host/v1", "user"],
          ["http://host:99999/v1", "http://"]
        ] as const
        for (const [baseUrl, told] of bad) {
          const error = yield* problem(OpenAI.layer({ model: "m", apiKey, baseUrl }))
          assert.strictEqual(error.reason._tag, "InvalidRequest", baseUrl)
          assert.include(error.message, "base URL")
          assert.include(error.message, told)
          assert.notInclude(error.message, "word-0123")
        }
      }))

    it.effect("white space around a base URL, and what is behind it, are no part of it", () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make(WireServer.answer("Paris"))
        const { baseUrl } = server
        for (
          const written of [` ${baseUrl}\n`, `${baseUrl}/`, `${baseUrl}/chat/completions`, `${baseUrl}?api-version=1`]
        ) {
          yield* (yield* model(OpenAI.layer({ model: "m", apiKey, baseUrl: written }))).generate(request)
          assert.match((yield* server.nextRequest).path, /^\/v1\/chat\/completions(\?api-version=1)?$/)
        }
      }))

    it.effect("half a character in a message", () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make(WireServer.answer("Paris"))
        const lm = yield* OpenAI.make({ model: "m", apiKey, baseUrl: server.baseUrl })
        const cut = (content: string): LMRequest => ({
          ...request,
          messages: [system("s"), user(content)]
        })
        for (const content of ["\u{1f600}".slice(0, 1), `a${"\u{1f600}".slice(1)}b`]) {
          for (const call of [lm.generate(cut(content)), Stream.runDrain(lm.stream(cut(content)))]) {
            const error = yield* Effect.flip(Effect.asVoid(call))
            assert.strictEqual(error.reason._tag, "InvalidRequest")
            assert.include(error.message, "message 2")
            assert.include(error.message, "toWellFormed")
          }
        }
        assert.lengthOf(server.requests, 0)
        yield* lm.generate(cut("\u{1f600}"))
        assert.strictEqual((yield* server.nextRequest).json.messages[1].content, "\u{1f600}")
      }))

    it.effect("a port that fetch does not use, and a scheme that the server does not speak", () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make(WireServer.answer("Paris"))
        const wrong: ReadonlyArray<Partial<OpenAI.Options>> = [
          { baseUrl: "http://127.0.0.1:6667/v1", fetch: globalThis.fetch },
          { baseUrl: server.baseUrl.replace("http:", "https:"), fetch: globalThis.fetch },
          { baseUrl: server.baseUrl.replace("http:", "https:") }
        ]
        for (const options of wrong) {
          const lm = yield* OpenAI.make({ model: "m", apiKey, baseUrl: server.baseUrl, ...options })
          for (const call of [lm.generate(request), Stream.runDrain(lm.stream(request))]) {
            const error = yield* Effect.flip(Effect.asVoid(call))
            assert.strictEqual(error.reason._tag, "InvalidRequest", error.message)
            assert.isFalse(error.isRetryable)
          }
        }
        assert.lengthOf(server.requests, 0)
      }))

    it.effect("white space around a key is no part of it", () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make(WireServer.answer("Paris"))
        const lm = yield* model(OpenAI.layer({ model: "m", apiKey: Redacted.make(" sk-x\n"), baseUrl: server.baseUrl }))
        yield* lm.generate(request)
        assert.strictEqual((yield* server.nextRequest).headers["authorization"], "Bearer sk-x")
      }))
  })

  it.effect("takes another authorization than a key", () =>
    Effect.gen(function*() {
      const layer = OpenAI.layer({ model: "m", headers: { "api-key": Redacted.make("azure-key") } })
      assert.strictEqual((yield* model(layer)).model, "openai/m")
      assert.strictEqual((yield* problem(OpenAI.layer({ model: "m" }))).reason._tag, "Authentication")
    }))
})
