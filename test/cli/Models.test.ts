/** Which model a command asks: flags, then the environment. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { LM } from "effect-lm"
import { Models } from "effect-lm/cli"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const server = "http://127.0.0.1:9/v1"

const quiet = { mayInstall: () => Effect.succeed(false), onProgress: () => Effect.void }

/** Who would answer, and why. */
const find = (
  flags: { readonly model?: string; readonly baseUrl?: string },
  env: Record<string, string> = {}
) =>
  Effect.gen(function*() {
    const found = yield* Models.find({ model: flags.model, baseUrl: flags.baseUrl, ...quiet })
    const lm = yield* Effect.provide(LM, found.layer)
    return [lm.model, found.why] as const
  }).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })))

describe("the model", () => {
  it.effect("is the one that --model names, at its provider or at --base-url", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* find({ model: "openai/a" }, { OPENAI_API_KEY: "sk-1" }), [
        "openai/a",
        "--model names it"
      ])
      assert.deepStrictEqual(
        yield* find({ model: "ollama/a" }, { OPENAI_BASE_URL: server }),
        ["ollama/a", "--model names it"]
      )
      assert.deepStrictEqual(yield* find({ model: "vllm/org/a", baseUrl: server }), ["vllm/org/a", "--model names it"])
    }))

  it.effect("is a Claude model at Anthropic, unless a service is configured that knows the name", () =>
    Effect.gen(function*() {
      const model = "anthropic/claude-sonnet-5"
      const key = { ANTHROPIC_API_KEY: "sk-ant-1" }
      assert.deepStrictEqual(yield* find({ model }, key), [model, "--model names it"])
      assert.strictEqual((yield* find({ model }, { ...key, OPENAI_BASE_URL: server }))[0], `127.0.0.1:9/${model}`)
      const missing = yield* Effect.flip(find({ model }))
      assert.include(String(missing), "there is no API key: set ANTHROPIC_API_KEY")
    }))

  it.effect("may be known only to the service at the base URL, which may need no key", () =>
    Effect.gen(function*() {
      const expected = ["127.0.0.1:9/a", `--model names it, at ${server}`] as const
      assert.deepStrictEqual(yield* find({ model: "a", baseUrl: server }), expected)
      assert.deepStrictEqual(yield* find({ model: "openai/a", baseUrl: server }), expected)
      assert.deepStrictEqual(yield* find({ model: "openai/a" }, { OPENAI_BASE_URL: server }), expected)
      assert.deepStrictEqual((yield* find({ model: "org/a", baseUrl: server }))[0], "127.0.0.1:9/org/a")
    }))

  it.effect("has one meaning in --model and in OPENAI_MODEL, and no provider's key goes to another's base URL", () =>
    Effect.gen(function*() {
      const env = { OPENAI_API_KEY: "sk-1", GEMINI_API_KEY: "g-1" }
      for (const name of ["a", "openai/a", "org/a", "google/gemma-3", "deepseek/deepseek-chat"]) {
        const [asked] = yield* find({ model: name, baseUrl: server }, env)
        const [configured] = yield* find({}, { ...env, OPENAI_BASE_URL: server, OPENAI_MODEL: name })
        assert.strictEqual(asked, configured)
        assert.isTrue(asked.startsWith("127.0.0.1:9/"))
      }
      for (const name of ["openai/a", "ollama/a"]) {
        assert.strictEqual((yield* find({ model: name }, env))[0], (yield* find({}, { ...env, OPENAI_MODEL: name }))[0])
      }
    }))

  it.effect("is the environment's without --model; --base-url wins over the environment", () =>
    Effect.gen(function*() {
      const env = { OPENAI_API_KEY: "sk-1", OPENAI_MODEL: "m" }
      assert.deepStrictEqual(yield* find({}, env), ["openai/m", "OPENAI_API_KEY, OPENAI_MODEL are set"])
      assert.deepStrictEqual(yield* find({ baseUrl: server }, { ...env, OPENAI_BASE_URL: "http://127.0.0.1:10/v1" }), [
        "127.0.0.1:9/m",
        "--base-url is given"
      ])
    }))

  it.effect("may run in this process: the embedded one, or a GGUF file that is written as a path", () =>
    Effect.gen(function*() {
      const found = (model: string, baseUrl?: string) =>
        Models.find({ model, baseUrl, ...quiet }).pipe(
          Effect.provideService(
            ConfigProvider.ConfigProvider,
            ConfigProvider.fromEnv({ env: { OPENAI_BASE_URL: server } })
          ),
          Effect.map(({ model, why }) => [model, why])
        )
      assert.deepStrictEqual(yield* found("local/tinyllama-1.1b-chat"), [
        "local/tinyllama-1.1b-chat",
        "--model names it; a small 2-bit model, its answers are unreliable"
      ])
      for (const file of ["./a.gguf", "../b/a.GGUF", "/a.gguf", "~/a.gguf", "C:\\a.gguf", "local/a.gguf"]) {
        assert.deepStrictEqual(yield* found(file), [file, "--model names it"])
      }
      // What is no path may be a name at the service; with --base-url everything is.
      for (const [name, baseUrl] of [["a.gguf", undefined], ["/a.gguf", server], ["local/x", server]] as const) {
        assert.deepStrictEqual(yield* found(name, baseUrl), [name, `--model names it, at ${server}`])
      }
    }))

  it.effect("that is not installed is not without a yes, whoever names it: the error says the three ways", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const file = join(folder, "own.gguf")
      writeFileSync(file, "GGUF")
      const env = { XDG_CACHE_HOME: folder, LOCALAPPDATA: folder, HOME: folder }
      for (
        const [model, what] of [
          ["local/tinyllama-1.1b-chat", "the runtime for local models and TinyLlama 1.1B Chat (413 MB)"],
          [file, "the runtime for local models (90 MB)"]
        ] as const
      ) {
        const error = yield* Effect.flip(find({ model }, env))
        assert.include(
          error.message,
          `to be installed into ${join(folder, "effect-lm")}: ${what}. Nothing is installed unasked`
        )
        for (const way of ["OPENAI_API_KEY, OPENAI_MODEL", "OPENAI_BASE_URL", "--yes"]) {
          assert.include(error.message, way)
        }
      }
      assert.deepStrictEqual(readdirSync(folder), ["own.gguf"])
    }).pipe(Effect.scoped))

  it.effect("a file that is not there says so when the model is needed", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(find({ model: "./no-such-model.gguf" }))
      assert.strictEqual(error._tag, "LMError")
      assert.match(error.message, /local\/no-such-model: .*there is no file .*no-such-model\.gguf/)
    }))

  it.effect("that is unknown here is bad usage", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(find({ model: "local/llama" }))
      assert.strictEqual(error._tag, "UsageError")
      assert.include(error.message, "--model local/llama")
      assert.include(error.message, "local/tinyllama-1.1b-chat, or the path of a GGUF file such as ./model.gguf")
    }))

  it.effect("that names no provider is bad usage", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(find({ model: "gpt" }))
      assert.strictEqual(error._tag, "UsageError")
      assert.include(error.message, "--model gpt: it names no provider: write provider/model")
    }))
})
