/** The real model, where it is installed already: shape, streaming and interruption, never its wording. */
import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { JSONAdapter, LM, LocalModel, Predict, Streaming, XMLAdapter } from "effect-lm"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Install from "../../src/local/internal/install/index.ts"
import { cacheDirectory } from "../../src/local/internal/local.ts"

const cache = Effect.runSync(cacheDirectory)
const file = join(cache, Install.tinyLlama.file)
const installed = existsSync(file) &&
  readdirSync(cache).some((name) => name.startsWith(`node-llama-cpp-${Install.version}-`))

describe("a runtime whose files are damaged", () => {
  it.effect("is named, with what to do", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const model = join(folder, "own.gguf")
      writeFileSync(model, "GGUF")
      const { place } = yield* Install.runtime({
        cacheDirectory: folder,
        platform: process.platform,
        arch: process.arch,
        model: "local/own",
        report: () => Effect.void,
        mayInstall: () => Effect.succeed(false),
        freeSpace: () => Effect.succeed(0)
      })
      mkdirSync(place)
      const error = yield* Effect.flip(Effect.provide(LM, LocalModel.layer({ model, cacheDirectory: folder })))
      assert.strictEqual(error.reason._tag, "UnsupportedModel")
      assert.include(error.message, "loading the runtime failed: ")
      assert.include(error.message, `if its files are damaged, delete ${place}: it is installed again`)
    }).pipe(Effect.scoped, Effect.provide([NodeFileSystem.layer, NodePath.layer])))
})

describe("what is not installed", () => {
  it.effect("stays so, unless somebody says otherwise: the error has the ways to a model", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const cacheDirectory = join(folder, "cache")
      for (const mayInstall of [undefined, false, () => Effect.succeed(false)]) {
        const error = yield* Effect.flip(Effect.provide(LM, LocalModel.layer({ cacheDirectory, mayInstall })))
        assert.strictEqual(error.reason._tag, "UnsupportedModel")
        assert.include(error.message, "Nothing is installed unasked")
        assert.isFalse(existsSync(cacheDirectory))
      }
    }))
})

describe("a file that is no model", () => {
  it.effect("that is not there", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.provide(LM, LocalModel.layer({ model: "no/such/model.gguf" })))
      assert.strictEqual(error.reason._tag, "UnsupportedModel")
      assert.include(error.message, "local/model: ")
      assert.include(error.message, `there is no file ${join(process.cwd(), "no/such/model.gguf")}`)
    }))

  it.live.skipIf(!installed)("that is something else", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const model = join(folder, "poem.gguf")
      writeFileSync(model, "Roses are red")
      const error = yield* Effect.flip(Effect.provide(LM, LocalModel.layer({ model })))
      assert.strictEqual(error.reason._tag, "UnsupportedModel")
      assert.include(error.message, `loading ${model} failed`)
      assert.include(error.message, "the file is damaged, not whole, or no model")
    }), 60_000)
})

describe.skipIf(!installed)("the embedded model", { timeout: 300_000 }, () => {
  const program = Predict.make("question -> answer, sure: bool")
  const short = Predict.make("text -> good: bool, word: 'sea' | 'moon'")
  const input = { question: "What is the capital of France?" }

  it.live("answers every adapter in its form, and streams", () =>
    Effect.gen(function*() {
      const steps: Array<LocalModel.Progress["step"]> = []
      const model = LocalModel.layer({
        onProgress: ({ step }) => Effect.sync(() => void steps.push(step))
      })
      yield* Effect.gen(function*() {
        const events = yield* Stream.runCollect(Streaming.streamify(program)(input))
        const chunks = events.flatMap((event) =>
          event._tag === "StreamResponse" && event.signatureFieldName === "answer" ? [event.chunk] : []
        )
        const [prediction] = events.flatMap((event) => event._tag === "Prediction" ? [event] : [])
        assert.strictEqual(chunks.join(""), prediction!.answer)
        assert.isAbove(chunks.length, 2)
        for (const adapter of [JSONAdapter.layer, XMLAdapter.layer]) {
          const { good, word } = yield* Effect.provide(short({ text: "I love tides" }), adapter)
          assert.isBoolean(good)
          assert.oneOf(word, ["sea", "moon"])
        }
      }).pipe(Effect.provide(model))
      assert.deepStrictEqual(steps, ["load"])
    }))

  it.live("law 3: leaving the stream ends the generation; the model answers the next call", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const first = yield* Streaming.streamify(program)(input).pipe(
          Stream.filter((event) => event._tag === "StreamResponse"),
          Stream.take(2),
          Stream.runCollect
        )
        assert.strictEqual(first.length, 2)
        const { good } = yield* Predict.make("text -> good: bool")({ text: "I love tides" })
        assert.isBoolean(good)
      }).pipe(Effect.provide(LocalModel.layer({ model: file, concurrency: 1 })))
    }))
})
