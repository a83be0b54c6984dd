/** Embeddings over the wire: what is asked, what is read, and what servers do that no server should. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Fiber, Layer, Redacted, Result, Schema } from "effect"
import { Embedder, type LMError, OpenAIEmbedder, Usage } from "effect-lm"
import { TestClock } from "effect/testing"
import OpenAI from "openai"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"

type Options = Partial<OpenAIEmbedder.Options>

const bytesOf = (numbers: ReadonlyArray<number>) => Buffer.from(Float32Array.from(numbers).buffer).toString("base64")

const response = (
  embeddings: ReadonlyArray<unknown>,
  entry: (index: number) => object = (index) => ({ index })
) => ({
  object: "list",
  data: embeddings.map((embedding, index) => ({ object: "embedding", embedding, ...entry(index) })),
  model: "wire-embed",
  usage: { prompt_tokens: 3, total_tokens: 3 }
})

/** Gives each text the vector of its length, as the request wants it written. */
const lengths: WireServer.Handler = (exchange) => {
  const { encoding_format: format, input } = exchange.request.json
  const vectors = (input as ReadonlyArray<string>).map((text) => [text.length, 0.5])
  return WireServer.json(200, response(format === "base64" ? vectors.map(bytesOf) : vectors))(exchange)
}

const connect = (handler: WireServer.Handler | ReadonlyArray<WireServer.Handler>, options: Options = {}) =>
  Effect.gen(function*() {
    const server = yield* WireServer.make(handler)
    const embedder = yield* OpenAIEmbedder.make({
      model: "wire-embed",
      baseUrl: server.baseUrl,
      apiKey: Redacted.make("sk-a-very-secret-key"),
      retry: false,
      ...options
    })
    return { server, embedder }
  })

const problem = (handler: WireServer.Handler, texts: ReadonlyArray<string> = ["a", "b"], options: Options = {}) =>
  Effect.flatMap(connect(handler, options), ({ embedder }) => Effect.flip(embedder.embed(texts)))

const numbers = (vectors: ReadonlyArray<Float32Array>) => vectors.map((vector) => Array.from(vector))

describe.each(Object.entries(Senders.all))("embeddings over %s", (_, sending) => {
  it.live("posts the texts, and reads vectors and usage", () =>
    Effect.scoped(Effect.gen(function*() {
      const { embedder, server } = yield* connect(lengths, { ...sending, headers: { "x-team": "blue" } })
      const { usage, vectors } = yield* embedder.embed(["one", "three", "π"])
      assert.deepStrictEqual(numbers(vectors), [[3, 0.5], [5, 0.5], [1, 0.5]])
      assert.deepStrictEqual(usage, { ...Usage.empty, inputTokens: 3, calls: 1 })
      const { headers, json, path } = yield* server.nextRequest
      assert.strictEqual(path, "/v1/embeddings")
      assert.deepStrictEqual(json, { model: "wire-embed", input: ["one", "three", "π"] })
      assert.deepStrictEqual([headers["authorization"], headers["x-team"]], ["Bearer sk-a-very-secret-key", "blue"])
    })))

  it.live("asks for dimensions and for base64, and adds members of the provider's own", () =>
    Effect.scoped(Effect.gen(function*() {
      const { embedder, server } = yield* connect(lengths, {
        ...sending,
        dimensions: 2,
        encodingFormat: "base64",
        extraBody: { input_type: "query" }
      })
      const { vectors } = yield* embedder.embed(["one"])
      assert.deepStrictEqual(numbers(vectors), [[3, 0.5]])
      assert.deepStrictEqual((yield* server.nextRequest).json, {
        model: "wire-embed",
        input: ["one"],
        dimensions: 2,
        encoding_format: "base64",
        input_type: "query"
      })
    })))

  it.live("several requests for many texts", () =>
    Effect.scoped(Effect.gen(function*() {
      const { embedder, server } = yield* connect(lengths, { ...sending, batchSize: 10, concurrency: 3 })
      const texts = Array.from({ length: 95 }, (_, at) => "x".repeat(at + 1))
      const { usage, vectors } = yield* embedder.embed(texts)
      assert.deepStrictEqual(numbers(vectors), texts.map((text) => [text.length, 0.5]))
      assert.deepStrictEqual([server.requests.length, usage?.calls], [10, 10])
    })))

  it.live("an interrupted call closes its connection", () =>
    Effect.scoped(Effect.gen(function*() {
      const { embedder, server } = yield* connect(WireServer.silence, sending)
      const fiber = yield* Effect.forkChild(embedder.embed(["a"]))
      yield* server.nextRequest
      yield* Fiber.interrupt(fiber)
      yield* server.nextAbandoned
    })))

  it.live("a body that breaks off is an error, and tried again", () =>
    Effect.scoped(Effect.gen(function*() {
      const broken: WireServer.Handler = (exchange) =>
        exchange.head(200, { "content-type": "application/json", "content-length": "1000" }).pipe(
          Effect.andThen(exchange.write("{\"data\": [")),
          Effect.andThen(exchange.cut)
        )
      const { embedder, server } = yield* connect([broken, lengths], { ...sending, retry: { times: 1, delay: 1 } })
      assert.deepStrictEqual(numbers((yield* embedder.embed(["one"])).vectors), [[3, 0.5]])
      assert.lengthOf(server.requests, 2)
    })))
})

describe("what a server answers", () => {
  it.live("in any order: each vector has its place", () =>
    Effect.scoped(Effect.gen(function*() {
      const reversed = WireServer.json(200, response([[3], [2], [1]], (at) => ({ index: 2 - at })))
      const { embedder } = yield* connect(reversed)
      assert.deepStrictEqual(numbers((yield* embedder.embed(["a", "b", "c"])).vectors), [[1], [2], [3]])
    })))

  it.live("without places, or without the first, which some leave out: in the order that they came in", () =>
    Effect.scoped(Effect.gen(function*() {
      for (const entry of [() => ({}), (index: number) => index === 0 ? {} : { index }]) {
        const { embedder } = yield* connect(WireServer.json(200, response([[1], [2]], entry)))
        assert.deepStrictEqual(numbers((yield* embedder.embed(["a", "b"])).vectors), [[1], [2]])
      }
    })))

  it.live("what is no vector for each text is an error in words", () =>
    Effect.scoped(Effect.gen(function*() {
      const rows: ReadonlyArray<readonly [body: unknown, words: string]> = [
        [response([[1]]), "2 texts were sent, and 1 embeddings came back"],
        [response([[1], [2], [3]]), "2 texts were sent, and 3 embeddings came back"],
        [response([[1], [2]], () => ({ index: 1 })), "two embeddings have the index 1"],
        [response([[1], [2]], (at) => ({ index: at + 1 })), "embedding 2 has the index 2, and 2 texts were sent"],
        [response([[1], [2]], () => ({ index: "x" })), "embedding 1 has the index \"x\", and 2 texts were sent"],
        [response([[1, null], [2, 3]]), "the embedding of text 1 has null where a number has to be (at 1)"],
        [response([[1], [[2]]]), "the embedding of text 2 is a list of lists"],
        [response([[1], [2, 3]]), "the vector of text 2 has 2 numbers, and the first one has 1"],
        [response([[], []]), "the vector of text 1 has no numbers"],
        [response([bytesOf([1]), bytesOf([NaN])]), "the vector of text 2 has a member that is no finite number"],
        [response(["AAAA", "AAAA"]), "the embedding of text 1 has 3 bytes, which are no 32-bit numbers"],
        [response(["?", "?"]), "the embedding of text 1 is a text that is no base64"],
        [response([[1], { values: [1] }]), "the embedding of text 2 is neither a list of numbers nor base64"],
        [{ data: [1, 2] }, "embedding 1 is no object"],
        [{ embeddings: [[1]] }, "the response has no list `data` of embeddings: {\"embeddings\":[[1]]}"],
        [null, "the response has no list `data` of embeddings: null"]
      ]
      for (const [body, words] of rows) {
        const { message, reason } = yield* problem(WireServer.json(200, body))
        assert.strictEqual(reason._tag, "InvalidResponse", words)
        assert.include(message, words)
      }
    })))

  it.live("another number of dimensions than was asked for is an error, and no vector of another kind", () =>
    Effect.scoped(Effect.gen(function*() {
      const { message } = yield* problem(WireServer.json(200, response([[1, 2]])), ["a"], { dimensions: 3 })
      assert.include(message, "the embedding of text 1 has 2 numbers where 3 were asked for")
    })))

  it.live("no JSON, too much of it, and an error in place of it", () =>
    Effect.scoped(Effect.gen(function*() {
      const page = yield* problem(WireServer.reply(200, { "content-type": "text/html" }, "<h1>Welcome</h1>"))
      assert.include(page.message, "the provider sent no JSON but text/html: <h1>Welcome</h1>")
      const large = yield* problem(lengths, ["a"], { limits: { reply: 20 } })
      assert.include(large.message, "the provider's answer is larger than 20 bytes, which is the limit (limits.reply)")
      const failed = yield* problem(WireServer.json(200, { error: { message: "Rate limit reached", code: 429 } }))
      assert.strictEqual(failed.reason._tag, "RateLimited")
    })))

  it.live("refusals mean what they mean of language models, and no key is in them", () =>
    Effect.scoped(Effect.gen(function*() {
      const rows = [
        [401, { error: { message: "Incorrect API key provided: sk-a-very-secret-key" } }, "Authentication"],
        [
          404,
          { error: { message: "The model `wire-embed` does not exist", code: "model_not_found" } },
          "UnsupportedModel"
        ],
        [429, { error: { message: "You exceeded your current quota", code: "insufficient_quota" } }, "QuotaExceeded"],
        [400, {
          error: { message: "This model's maximum context length is 8192 tokens, however you requested 9000 tokens" }
        }, "ContextWindowExceeded"],
        [503, { error: { message: "overloaded" } }, "Server"]
      ] as const
      for (const [status, body, tag] of rows) {
        const { message, model, reason } = yield* problem(WireServer.json(status, body))
        assert.strictEqual(reason._tag, tag)
        assert.notInclude(message, "very-secret")
        assert.match(model, /^127\.0\.0\.1:\d+\/wire-embed$/)
      }
    })))

  it.live("what may pass is tried again, each request for itself", () =>
    Effect.scoped(Effect.gen(function*() {
      const busy = WireServer.json(503, { error: { message: "overloaded" } })
      const { embedder, server } = yield* connect([busy, busy, lengths], { retry: { times: 2, delay: 1 } })
      yield* embedder.embed(["one"])
      assert.lengthOf(server.requests, 3)
      const refusing = yield* connect(WireServer.json(400, { error: { message: "no" } }), {
        retry: { times: 2, delay: 1 }
      })
      yield* Effect.flip(refusing.embedder.embed(["one"]))
      assert.lengthOf(refusing.server.requests, 1)
    })))

  it.effect("a server that does not answer is given up on", () =>
    Effect.scoped(Effect.gen(function*() {
      const { embedder, server } = yield* connect(WireServer.silence, { timeouts: { reply: "5 seconds" } })
      const fiber = yield* Effect.forkChild(Effect.flip(embedder.embed(["a"])))
      yield* server.nextRequest
      yield* TestClock.adjust("5 seconds")
      const { message, reason } = yield* Fiber.join(fiber)
      assert.strictEqual(reason._tag, "Timeout")
      assert.include(message, "waited 5s for the whole reply")
    })))
})

describe("what is asked", () => {
  it.live.prop(
    "every text comes back in its place, however it is written",
    { texts: Schema.Array(Schema.String) },
    ({ texts }) =>
      Effect.scoped(Effect.gen(function*() {
        const { embedder } = yield* connect(lengths, { batchSize: 3 })
        const sent = texts.map((text) => text.toWellFormed())
        const { vectors } = yield* embedder.embed(sent)
        assert.deepStrictEqual(numbers(vectors), sent.map((text) => [text.length, 0.5]))
      })),
    { arbitrary: { runs: 20, seed: 1 } }
  )

  it.live("half a character is not sent", () =>
    Effect.scoped(Effect.gen(function*() {
      const { embedder, server } = yield* connect(lengths)
      const { message } = yield* Effect.flip(embedder.embed(["fine", "\ud83d"]))
      assert.include(message, "text 2 holds half a character")
      assert.lengthOf(server.requests, 0)
    })))

  it.live("a client of the openai SDK sends in its own way", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make(lengths)
      const client = new OpenAI({ apiKey: "sk-of-the-client", baseURL: server.baseUrl })
      const embedder = yield* OpenAIEmbedder.make({ model: "text-embedding-3-small", client })
      assert.deepStrictEqual(numbers((yield* embedder.embed(["one"])).vectors), [[3, 0.5]])
      const { headers, json, path } = yield* server.nextRequest
      assert.deepStrictEqual([path, headers["authorization"]], ["/v1/embeddings", "Bearer sk-of-the-client"])
      // OpenAI's own models are asked for what is a quarter as long.
      assert.strictEqual(json.encoding_format, "base64")
    })))
})

describe("who is asked", () => {
  const named = (
    layer: Layer.Layer<Embedder, unknown>,
    variables: Readonly<Record<string, string>>
  ): Effect.Effect<Result.Result<string, LMError>> =>
    Effect.map(Embedder, ({ model }) => model).pipe(
      Effect.provide(Layer.fresh(layer)),
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(variables))),
      Effect.mapError((error) => error as LMError),
      Effect.result
    )

  it.effect("is what the name says, with the variables of its provider", () =>
    Effect.gen(function*() {
      const key = { OPENAI_API_KEY: "sk-x", MISTRAL_API_KEY: "sk-y" }
      const rows = [
        [OpenAIEmbedder.layerModel("openai/text-embedding-3-small"), key, "openai/text-embedding-3-small"],
        [OpenAIEmbedder.layerModel("mistral/mistral-embed"), key, "mistral/mistral-embed"],
        [OpenAIEmbedder.layerModel("ollama/nomic-embed-text"), {}, "ollama/nomic-embed-text"],
        [OpenAIEmbedder.layerConfig, key, "openai/text-embedding-3-small"],
        [
          OpenAIEmbedder.layerConfig,
          { ...key, OPENAI_EMBEDDING_MODEL: "mistral/mistral-embed" },
          "mistral/mistral-embed"
        ]
      ] as const
      for (const [layer, variables, model] of rows) {
        assert.deepStrictEqual(yield* named(layer, variables), Result.succeed(model))
      }
    }))

  it.effect("a missing key, and a name that says nobody, are errors that say what to do", () =>
    Effect.gen(function*() {
      const rows = [
        [
          OpenAIEmbedder.layerModel("mistral/mistral-embed"),
          "there is no API key: set MISTRAL_API_KEY, or pass apiKey"
        ],
        [
          OpenAIEmbedder.layer({ model: "text-embedding-3-small" }),
          "(OpenAIEmbedder.layerModel and OpenAIEmbedder.layerConfig read"
        ],
        [OpenAIEmbedder.layerModel("text-embedding-3-small"), "write provider/model"],
        [
          OpenAIEmbedder.layer({ model: "mistral/mistral-embed" }),
          "write OpenAIEmbedder.layerModel(\"mistral/mistral-embed\")"
        ]
      ] as const
      for (const [layer, words] of rows) {
        const result = yield* named(layer, {})
        assert.include(Result.isFailure(result) ? result.failure.message : "", words)
      }
    }))
})
