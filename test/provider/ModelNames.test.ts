/**
 * A model's name means the same wherever it is written: in a layer, in `OPENAI_MODEL`, on the command line. Where it cannot
 * mean that, it is refused, before a key is sent to anybody.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Redacted, Result } from "effect"
import { LM } from "effect-lm"
import { Models } from "effect-lm/cli"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"

const request = asking("q")

const apiKey = Redacted.make("sk-0123456789")
const keys = Object.fromEntries(
  ["OPENAI", "GROQ", "OPENROUTER", "GEMINI", "DEEPSEEK"].map((prefix) => [`${prefix}_API_KEY`, `sk-${prefix}-0123`])
)

const set = (env: Readonly<Record<string, string>>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { ...keys, ...env } }))

/** The ways in which a model is named, beside a base URL or without one. */
const ways = {
  layer: (model: string, baseUrl?: string) =>
    Effect.provide(LM, Layer.fresh(OpenAI.layer({ model, apiKey, baseUrl }))).pipe(set({})),
  variable: (model: string, baseUrl?: string) =>
    Effect.provide(LM, Layer.fresh(OpenAI.layerConfig)).pipe(
      set({ OPENAI_MODEL: model, ...(baseUrl !== undefined && { OPENAI_BASE_URL: baseUrl }) })
    ),
  command: (model: string, baseUrl?: string) =>
    Models.find({ model, baseUrl, mayInstall: () => Effect.succeed(false), onProgress: () => Effect.void }).pipe(
      Effect.flatMap(({ layer }) => Effect.provide(LM, Layer.fresh(layer))),
      set({})
    ),
  layerModel: (model: string, baseUrl?: string) =>
    Effect.provide(LM, Layer.fresh(OpenAI.layerModel(model, { baseUrl }))).pipe(set({}))
}

type Way = keyof typeof ways

/** Who is asked for which model; `-` where the name is refused. */
type Row = readonly [name: string, baseUrl: string | undefined, meaning: string, but?: Partial<Record<Way, string>>]

const none = undefined
const openrouter = "https://openrouter.ai/api/v1"
const azure = "https://x.openai.azure.com/openai/v1"
const own = "http://127.0.0.1:9/v1"

// What names no provider is for the service that is configured; a command and `layerModel` want to be told.
const unnamed = { command: "-", layerModel: "-" } as const
const needsProvider = { layerModel: "-" } as const
// Its key is not for OpenAI.
const elsewhere = { layer: "-" } as const

const rows: ReadonlyArray<Row> = [
  ["gpt-4o-mini", none, "openai/gpt-4o-mini", unnamed],
  ["openai/gpt-4o-mini", none, "openai/gpt-4o-mini"],
  [" OpenAI/gpt-4o-mini\n", none, "openai/gpt-4o-mini"],
  ["openai/ gpt-4o-mini", none, "openai/gpt-4o-mini"],
  ["ft:gpt-4o-mini:my/org::id", none, "openai/ft:gpt-4o-mini:my/org::id", unnamed],
  ["openai/ft:gpt-4o-mini:my/org::id", none, "openai/ft:gpt-4o-mini:my/org::id"],
  ["anthropic.claude-3-5-sonnet-20241022-v2:0", none, "openai/anthropic.claude-3-5-sonnet-20241022-v2:0", unnamed],
  ["groq/llama-3.3-70b-versatile", none, "groq/llama-3.3-70b-versatile", elsewhere],
  ["groq/openai/gpt-oss-20b", none, "groq/openai/gpt-oss-20b", elsewhere],
  ["groq/compound", none, "groq/groq/compound", elsewhere],
  ["openrouter/auto", none, "openrouter/openrouter/auto", elsewhere],
  ["openrouter/openai/gpt-4o", none, "openrouter/openai/gpt-4o", elsewhere],
  ["ollama/hf.co/org/model:Q4_K_M", none, "ollama/hf.co/org/model:Q4_K_M", elsewhere],
  ["meta-llama/Llama-3", none, "-"],
  ["anthropic/claude-sonnet-4", none, "-"],
  ["azure/my-deployment", none, "-"],
  ["openai/meta-llama/Llama-3", none, "-", { layerModel: "-" }],
  ["openai/", none, "-"],
  ["/", none, "-"],
  ["", none, "-", { variable: "openai/gpt-4o-mini" }],
  [" ", none, "-", { variable: "openai/gpt-4o-mini" }],

  ["qwen3", own, "127.0.0.1:9/qwen3", needsProvider],
  ["openai/qwen3", own, "127.0.0.1:9/qwen3", { layerModel: "openai/qwen3" }],
  [" openai/qwen3\n", own, "127.0.0.1:9/qwen3", { layerModel: "openai/qwen3" }],
  ["openai/meta-llama/Llama-3", own, "127.0.0.1:9/meta-llama/Llama-3", { layerModel: "openai/meta-llama/Llama-3" }],
  ["openai/openai/x", own, "127.0.0.1:9/openai/x", { layerModel: "openai/openai/x" }],
  ["openai/gpt-oss-20b", own, "127.0.0.1:9/openai/gpt-oss-20b", { layerModel: "openai/openai/gpt-oss-20b" }],
  ["openai/gpt-oss:20b", own, "127.0.0.1:9/gpt-oss:20b", { layerModel: "openai/gpt-oss:20b" }],
  ["vllm/meta-llama/Llama-3", own, "vllm/meta-llama/Llama-3"],
  ["ollama/qwen3:8b", own, "ollama/qwen3:8b"],
  ["meta-llama/Llama-3", own, "127.0.0.1:9/meta-llama/Llama-3", needsProvider],
  ["google/gemma-3-27b-it", own, "127.0.0.1:9/google/gemma-3-27b-it", { layerModel: "gemini/gemma-3-27b-it" }],
  ["groq/llama", own, "127.0.0.1:9/groq/llama", { layerModel: "groq/llama" }],
  ["us.anthropic.claude-3-haiku-v1:0", own, "127.0.0.1:9/us.anthropic.claude-3-haiku-v1:0", needsProvider],
  ["ft:gpt-4o:org::id", own, "127.0.0.1:9/ft:gpt-4o:org::id", needsProvider],

  ["openai/gpt-4o-mini", openrouter, "openrouter/openai/gpt-4o-mini", { layerModel: "openai/openai/gpt-4o-mini" }],
  ["deepseek/deepseek-chat", openrouter, "openrouter/deepseek/deepseek-chat", {
    layerModel: "deepseek/deepseek/deepseek-chat"
  }],
  ["openrouter/meta-llama/llama-3.3-70b", openrouter, "openrouter/meta-llama/llama-3.3-70b"],
  ["openrouter/auto", openrouter, "openrouter/openrouter/auto"],
  ["meta-llama/llama-3.3-70b:free", openrouter, "openrouter/meta-llama/llama-3.3-70b:free", needsProvider],
  ["openai/gpt-4o", "https://models.github.ai/inference", "models.github.ai/openai/gpt-4o", {
    layerModel: "openai/openai/gpt-4o"
  }],
  ["openai/gpt-4o-mini", "https://api.openai.com/v1/", "openai/gpt-4o-mini"],
  ["groq/llama", "https://api.groq.com/openai/v1", "groq/llama"],
  ["deepseek-chat", "https://api.deepseek.com", "deepseek/deepseek-chat", needsProvider],
  ["openai/gpt-oss-20b", "http://localhost:8000/v1", "vllm/openai/gpt-oss-20b", {
    layerModel: "openai/openai/gpt-oss-20b"
  }],
  ["my-deployment", azure, "x.openai.azure.com/my-deployment", needsProvider],
  ["openai/my-deployment", azure, "x.openai.azure.com/my-deployment", { layerModel: "openai/my-deployment" }]
]

describe("a model's name", () => {
  for (const [name, baseUrl, meaning, but = {}] of rows) {
    it.effect(`${JSON.stringify(name)}${baseUrl === undefined ? "" : ` at ${baseUrl}`} is ${meaning}`, () =>
      Effect.gen(function*() {
        const found: Record<string, string> = {}
        const expected: Record<string, string> = {}
        for (const [way, ask] of Object.entries(ways)) {
          const asked = yield* Effect.result(ask(name, baseUrl))
          found[way] = Result.isSuccess(asked) ? asked.success.model : "-"
          expected[way] = but[way as Way] ?? meaning
        }
        assert.deepStrictEqual(found, expected)
      }))
  }

  it.effect("what is sent is what it means", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("Paris"))
      const sent = [
        [" openai/qwen3 ", "qwen3"],
        ["openai/gpt-oss-20b", "openai/gpt-oss-20b"],
        ["vllm/meta-llama/Llama-3", "meta-llama/Llama-3"],
        ["deepseek/deepseek-chat", "deepseek/deepseek-chat"]
      ] as const
      for (const [name, model] of sent) {
        for (const way of [ways.layer, ways.variable, ways.command]) {
          yield* (yield* way(name, server.baseUrl)).generate(request)
          assert.strictEqual((yield* server.nextRequest).json.model, model)
        }
        assert.strictEqual(OpenAI.toBody(request, { model: name, baseUrl: server.baseUrl }).model, model)
      }
    }))

  it.effect("an error names a variable only where one is read", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(ways.layer("meta-llama/Llama-3"))
      assert.notMatch(message, /OPENAI_/)
      assert.include((yield* Effect.flip(ways.variable("meta-llama/Llama-3"))).message, "OPENAI_BASE_URL")
      assert.match((yield* Effect.flip(ways.layer(" groq/llama"))).message, /OpenAI\.layerModel\("groq\/llama"\)/)
    }))
})
