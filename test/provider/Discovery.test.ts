/** Which model is taken where none is named. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { Anthropic, Discovery, LM, LocalModel, Predict } from "effect-lm"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as WireServer from "../support/wireServer.ts"

const environment = (env: Readonly<Record<string, string>>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(env))

const serving = (...ids: ReadonlyArray<string>): WireServer.Handler => (exchange) =>
  exchange.request.path.endsWith("/models")
    ? WireServer.json(200, { object: "list", data: ids.map((id) => ({ id })) })(exchange)
    : WireServer.answer("[[ ## answer ## ]]\nYes\n\n[[ ## completed ## ]]")(exchange)

describe("Discovery", () => {
  it.live("takes what the environment names, and asks nobody", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make(serving("llama3.2"))
      const found = yield* Discovery.find({ servers: [{ name: "ollama", baseUrl: server.baseUrl }] }).pipe(
        environment({ OPENAI_API_KEY: "sk-0123456789", OPENAI_MODEL: "gpt-5" })
      )
      assert.strictEqual(found.model, "openai/gpt-5")
      assert.strictEqual(found.why, "OPENAI_API_KEY, OPENAI_MODEL are set")
      assert.strictEqual(server.requests.length, 0)
    })))

  it.effect("else a Claude model, where there is a key of Anthropic's", () =>
    Effect.gen(function*() {
      const key = { ANTHROPIC_API_KEY: "sk-ant-x" }
      const { model, why } = yield* environment(key)(Discovery.find())
      assert.strictEqual(model, `anthropic/${Anthropic.defaultModel}`)
      assert.strictEqual(why, "ANTHROPIC_API_KEY is set")
      const named = yield* environment({ ...key, ANTHROPIC_MODEL: "claude-opus-5-5" })(Discovery.find())
      assert.strictEqual(named.model, "anthropic/claude-opus-5-5")
      const both = yield* environment({ ...key, OPENAI_API_KEY: "sk-x" })(Discovery.find())
      assert.strictEqual(both.model, "openai/gpt-4o-mini")
    }))

  it.live("else the first local server with a model for text, in the order of preference", () =>
    Effect.scoped(Effect.gen(function*() {
      const broken = yield* WireServer.make(WireServer.reply(500, {}, "not JSON"))
      const embeddings = yield* WireServer.make(serving("nomic-embed-text"))
      const good = yield* WireServer.make(serving("nomic-embed-text", "qwen3"))
      const other = yield* WireServer.make(serving("other"))
      const servers = [broken, embeddings, good, other].map(({ baseUrl }, index) => ({
        name: `local${index}`,
        baseUrl
      }))
      const told: Array<string> = []
      const layer = Discovery.layer({ servers, onFound: ({ model }) => Effect.sync(() => void told.push(model)) })
      const { answer } = yield* Predict.make("question -> answer")({ question: "?" }).pipe(
        Effect.provide(layer),
        environment({})
      )
      assert.strictEqual(answer, "Yes")
      assert.deepStrictEqual(told, ["local2/qwen3"])
      assert.strictEqual(good.requests.at(-1)!.json.model, "qwen3")
    })))

  const silent: ReadonlyArray<Discovery.LocalServer> = [{ name: "ollama", baseUrl: "http://127.0.0.1:1/v1" }]

  it.live("else the embedded model, and says what it is", () =>
    Effect.gen(function*() {
      const { model, why } = yield* environment({})(Discovery.find({ servers: silent }))
      assert.strictEqual(model, LocalModel.embedded)
      assert.include(why, "no OPENAI_API_KEY or ANTHROPIC_API_KEY is set, no local server answers")
      assert.include(why, "a small 2-bit model, its answers are unreliable")
      assert.include(why, "a key or a local server gives better ones")
      assert.notInclude(why, "\n")
    }))

  it.live("the embedded model is installed where it is told to be, and an error says what else can be done", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const file = join(folder, "file")
      writeFileSync(file, "")
      // A folder in a file cannot be made: nothing is installed.
      const installing = { cacheDirectory: join(file, "cache"), mayInstall: () => Effect.succeed(true) }
      const layer = Discovery.layer({ servers: silent, embedded: installing })
      const error = yield* Effect.flip(Effect.provide(LM, layer).pipe(environment({})))
      assert.strictEqual(error._tag, "LMError")
      assert.include(error.message, join(file, "cache"))
      assert.include(error.message, "name a model (OPENAI_API_KEY, OPENAI_BASE_URL), or start a local server")
    }).pipe(Effect.scoped))

  it.live("the embedded model is not installed unasked: the error says the three ways to have a model", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const layer = Discovery.layer({ servers: silent, embedded: { cacheDirectory: folder } })
      const error = yield* Effect.flip(Effect.provide(LM, layer).pipe(environment({})))
      assert.isTrue(error._tag === "LMError" && error.reason._tag === "UnsupportedModel")
      assert.include(error.message, "TinyLlama 1.1B Chat (413 MB). Nothing is installed unasked")
      for (
        const way of [
          "OPENAI_API_KEY, OPENAI_MODEL",
          "OPENAI_BASE_URL",
          "--yes",
          "LocalModel.layer({ mayInstall: true })"
        ]
      ) {
        assert.include(error.message, way)
      }
      assert.deepStrictEqual(readdirSync(folder), [])
    }).pipe(Effect.scoped))

  it("numbers for the embedded model that mean nothing are refused when it is asked for", () => {
    for (
      const make of [
        Discovery.layer,
        Discovery.find,
        ({ embedded }: Discovery.Options) => LocalModel.layer(embedded || {})
      ]
    ) {
      assert.throws(() => make({ embedded: { concurrency: 0 } }), TypeError, "`concurrency` is 0")
      assert.throws(() => make({ embedded: { threads: 1.5 } }), TypeError, "`threads` is 1.5")
      assert.throws(() => make({ embedded: { contextSize: Number.NaN } }), TypeError, "`contextSize` is NaN")
      assert.throws(() => make({ embedded: { contextSize: -1 } }), TypeError, "`contextSize` is -1")
    }
  })

  it.live("or, if it is not wanted, says what can be done", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Effect.provide(LM, Discovery.layer({ servers: silent, embedded: false })).pipe(environment({}))
      )
      assert.strictEqual(error._tag, "LMError")
      assert.include(error.message, "OPENAI_API_KEY")
      assert.include(error.message, "ollama at http://127.0.0.1:1/v1")
    }))
})
