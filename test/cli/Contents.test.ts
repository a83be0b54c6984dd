/** Pictures, sounds and files on the command line: a path, an address or a data URI. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { File, Image, Predict, Signature } from "effect-lm"
import { Runner } from "effect-lm/cli"
import { ScriptedLM } from "effect-lm/testing"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { run, type World } from "./harness.ts"

const base64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
const cat = Image.fromBase64(base64)
const url = "https://example.com/cat.png"

const see = Predict.fromSignature(Signature.fromSchemas({
  inputs: {
    photo: Image.Image,
    more: Schema.optionalKey(Schema.Array(Image.Image)),
    paper: Schema.optionalKey(Schema.NullOr(File.File))
  },
  outputs: { answer: Schema.String }
}))

const call = (args: ReadonlyArray<string>, world: World = {}) =>
  run(Runner.runWith(Runner.command("see", see), { version: "0" })(args), world)

/** What the model is shown. */
const shown = (args: ReadonlyArray<string>, world: World = {}) =>
  Effect.map(call(args, { script: [ScriptedLM.chat({ answer: "a cat" })], ...world }), ({ code, requests, stderr }) => {
    assert.strictEqual(code, 0, stderr)
    return requests[0]!.messages.flatMap(({ content }) => content.filter(({ _tag }) => _tag !== "Text"))
  })

/** A folder with a picture in it. */
const folder = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "see-"))
    writeFileSync(join(folder, "cat.png"), Buffer.from(base64, "base64"))
    writeFileSync(join(folder, "notes.txt"), "a cat")
    return folder
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

describe("a picture as a flag", () => {
  it.effect("is the path of a file, which is read, an address, which is not fetched, or a data URI", () =>
    Effect.gen(function*() {
      const path = join(yield* folder, "cat.png")
      assert.deepStrictEqual(yield* shown(["--photo", path]), [cat])
      assert.deepStrictEqual(yield* shown(["--photo", String(pathToFileURL(path))]), [cat])
      assert.deepStrictEqual(yield* shown(["--photo", url]), [Image.fromUrl(url)])
      assert.deepStrictEqual(yield* shown(["--photo", `data:image/png;base64,${base64}`]), [cat])
      assert.deepStrictEqual(yield* shown(["--photo", JSON.stringify(cat), "--paper", "null"]), [cat])
    }))

  it.effect("of a list is one each, or all in a JSON array", () =>
    Effect.gen(function*() {
      const path = join(yield* folder, "cat.png")
      const all = [cat, cat, Image.fromUrl(url)]
      assert.deepStrictEqual(yield* shown(["--photo", path, "--more", path, "--more", url]), all)
      assert.deepStrictEqual(yield* shown(["--photo", path, "--more", JSON.stringify([path, url])]), all)
    }))

  it.effect("that is a file has its name", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const [, paper] = yield* shown(["--photo", url, "--paper", join(at, "notes.txt")])
      assert.deepInclude(paper, { _tag: "File", name: "notes.txt" })
    }))

  it.effect("that is none is bad usage, before anything is asked", () =>
    Effect.gen(function*() {
      const at = yield* folder
      for (
        const [photo, words] of [
          [join(at, "dog.png"), "there is no such file"],
          [join(at, "notes.txt"), "text/plain is the media type of no Image"],
          [at, "is no file"],
          ["data:image/png;base64,????", "no base64"],
          [`data:image/png;base64,${"A".repeat(10_000)}?`, "base64,AAAA"],
          ["data:audio/wav;base64,AAAA", "audio/wav is the media type of no Image"]
        ] as const
      ) {
        const { code, requests, stderr } = yield* call(["--photo", photo])
        assert.strictEqual(code, 2)
        assert.include(stderr, words)
        assert.isBelow(stderr.length, 500)
        assert.deepStrictEqual(requests, [])
      }
    }))

  it.effect("is told of in the help, and asked for at a terminal", () =>
    Effect.gen(function*() {
      assert.match((yield* call(["--help"])).stdout, /--photo path\|url/)
      const path = join(yield* folder, "cat.png")
      assert.deepStrictEqual(yield* shown([], { keys: [...path, "enter"] }), [cat])
      assert.include((yield* call([])).stderr, "give --photo (Image: a path, an address (https://...) or a data URI)")
    }))
})

describe("a picture in a file of inputs", () => {
  it.effect("is an address or a data URI; a path is not read, and the error says how to give one", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const file = join(at, "inputs.json")
      writeFileSync(file, JSON.stringify({ photo: url, more: [`data:image/png;base64,${base64}`] }))
      assert.deepStrictEqual(yield* shown(["--input", file]), [Image.fromUrl(url), cat])
      writeFileSync(file, JSON.stringify({ photo: join(at, "cat.png") }))
      const { code, stderr } = yield* call(["--input", file])
      assert.strictEqual(code, 2)
      assert.include(stderr, "a path is not read from JSON; the path of a file is given with --photo")
    }))
})
