/** What is installed where, with an npm that the tests play; nothing is downloaded. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Deferred, Effect, Fiber } from "effect"
import type { LocalModel } from "effect-lm"
import { TestClock } from "effect/testing"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Install from "../../src/local/internal/install/index.ts"
import { cacheDirectory } from "../../src/local/internal/local.ts"
import { content, good, model, otherwise, parts, published, world } from "./support/installing.ts"

describe("the model", () => {
  it.effect("is made of its parts, checked, and installed once", () =>
    Effect.gen(function*() {
      const { commands, files, layer, progress, target } = yield* world(good)
      const place = yield* published(target).pipe(Effect.provide(layer))
      assert.strictEqual(place, join(target.cacheDirectory, "test.gguf"))
      assert.strictEqual(readFileSync(place, "utf8"), content)
      assert.deepStrictEqual(files(), ["test.gguf"])
      assert.deepStrictEqual([...new Set(progress.map(({ step }) => step))], ["model", "check"])
      assert.include(progress[0]!.message, `Downloading Test model (0 MB, once) into ${target.cacheDirectory}`)
      assert.isTrue(progress.every(({ fraction = 0 }) => fraction >= 0 && fraction <= 1))

      const told = progress.length
      assert.strictEqual(yield* published(target).pipe(Effect.provide(layer)), place)
      assert.strictEqual(commands.length, 1)
      assert.strictEqual(progress.length, told)
    }))

  it.effect("comes with npm, in pinned versions, and no script of theirs is run", () =>
    Effect.gen(function*() {
      let manifest = ""
      const { commands, layer, target } = yield* world((directory) => {
        manifest = readFileSync(join(directory, "package.json"), "utf8")
        return good(directory)
      })
      yield* published(target).pipe(Effect.provide(layer))
      assert.deepStrictEqual(JSON.parse(manifest).dependencies, { "part-one": "1.0.0", "part-two": "1.0.0" })
      const [command] = commands
      assert.strictEqual(command!.command, "npm")
      assert.include(command!.args, "--ignore-scripts")
      assert.include(command!.args, "--omit=optional")
    }))

  it.effect("is told how much of it has come", () =>
    Effect.gen(function*() {
      const came = yield* Deferred.make<number>()
      const { layer, target } = yield* world(
        (directory) => Effect.andThen(good(directory), Effect.as(Deferred.await(came), { code: 0 })),
        {
          // The first look may be at what is there before npm has begun.
          report: ({ fraction = 0 }) => fraction > 0 ? Deferred.succeed(came, fraction) : Effect.void
        }
      )
      const large = { ...model, size: 10_000 }
      const fiber = yield* Effect.forkChild(published(target, large).pipe(Effect.provide(layer)))
      // Looks happen on the clock; files are read beside it.
      yield* Effect.race(Deferred.await(came), Effect.forever(TestClock.adjust("500 millis")))
      const fraction = yield* Deferred.await(came)
      assert.isTrue(fraction > 0 && fraction < 0.1)
      yield* Fiber.join(fiber)
    }))

  it.effect("that is not the one whose hash is known is not kept", () =>
    Effect.gen(function*() {
      const { files, layer, target } = yield* world(parts("GGUF of ", "another"))
      const error = yield* Effect.flip(published(target).pipe(Effect.provide(layer)))
      assert.strictEqual(error.reason._tag, "InvalidResponse")
      assert.include(error.message, "what was downloaded is not Test model")
      assert.include(error.message, model.sha256)
      assert.include(error.message, otherwise)
      assert.deepStrictEqual(files(), [])
    }))

  it.effect("two that install at the same time: the first one wins, both have it", () =>
    Effect.gen(function*() {
      const both = yield* Deferred.make<void>()
      let calls = 0
      const { files, layer, target } = yield* world((directory) =>
        Effect.andThen(
          Effect.suspend(() => ++calls === 2 ? Deferred.succeed(both, undefined) : Deferred.await(both)),
          good(directory)
        )
      )
      const install = published(target).pipe(Effect.provide(layer))
      const [one, two] = yield* Effect.all([install, install], { concurrency: 2 })
      assert.strictEqual(one, two)
      assert.deepStrictEqual(files(), ["test.gguf"])
    }))

  it.effect("an interrupted installation ends npm and leaves nothing", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const { files, layer, running, target } = yield* world((directory) =>
        good(directory).pipe(
          Effect.andThen(Deferred.succeed(started, undefined)),
          Effect.andThen(Effect.never)
        )
      )
      const fiber = yield* Effect.forkChild(published(target).pipe(Effect.provide(layer)))
      yield* Deferred.await(started)
      assert.strictEqual(files().length, 1)
      assert.strictEqual(running(), 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(running(), 0)
      assert.deepStrictEqual(files(), [])
    }))

  it.effect("what a killed process has left is removed a day later", () =>
    Effect.gen(function*() {
      const { files, layer, target } = yield* world(good)
      mkdirSync(join(target.cacheDirectory, ".installing-left", "complete"), { recursive: true })
      const install = published(target).pipe(Effect.provide(layer))
      yield* TestClock.setTime(Date.now() + 60 * 60 * 1000)
      yield* install
      assert.sameMembers([...files()], [".installing-left", "test.gguf"])
      rmSync(join(target.cacheDirectory, "test.gguf"))
      yield* TestClock.setTime(Date.now() + 25 * 60 * 60 * 1000)
      yield* install
      assert.deepStrictEqual(files(), ["test.gguf"])
    }))
})

describe("before anything is installed", () => {
  it.effect("it has to be allowed: what, how large and where is told; else the three ways to have a model", () =>
    Effect.gen(function*() {
      const asked: Array<LocalModel.Installation> = []
      const { commands, files, layer, target } = yield* world(good, {
        mayInstall: (installation) => Effect.sync(() => asked.push(installation) > 1)
      })
      const both = Effect.gen(function*() {
        yield* Install.install(target, [
          yield* Install.runtime(target),
          yield* Install.published(target, { ...model, size: 323e6 })
        ])
      }).pipe(Effect.provide(layer))
      const error = yield* Effect.flip(both)
      assert.deepStrictEqual(asked, [{
        message: `to be installed into ${target.cacheDirectory}: the runtime for local models and Test model (413 MB)`,
        size: 413e6,
        directory: target.cacheDirectory
      }])
      assert.strictEqual(error.reason._tag, "UnsupportedModel")
      assert.include(error.message, asked[0]!.message)
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
      assert.deepStrictEqual([commands, files()], [[], []])

      yield* both
      assert.strictEqual(commands.length, 2)
      // What is there needs nobody's word.
      yield* published(target).pipe(Effect.provide(layer))
      assert.strictEqual(asked.length, 2)
    }))

  it.effect("there has to be room for all of it while it is unpacked; what was left unfinished is named", () =>
    Effect.gen(function*() {
      let free = 735e6
      const { commands, files, layer, target } = yield* world(good, { freeSpace: () => Effect.succeed(free) })
      const left = join(target.cacheDirectory, ".installing-left")
      mkdirSync(left, { recursive: true })
      yield* TestClock.setTime(Date.now())
      const both = Effect.gen(function*() {
        yield* Install.install(target, [
          yield* Install.runtime(target),
          yield* Install.published(target, { ...model, size: 323e6 })
        ])
      }).pipe(Effect.provide(layer))
      const error = yield* Effect.flip(both)
      assert.strictEqual(error.reason._tag, "UnsupportedModel")
      assert.include(error.message, "736 MB are needed while the runtime for local models and Test model are installed")
      assert.include(error.message, "(413 MB are kept), and 735 MB are free: make room")
      assert.include(error.message, `delete ${left} unless`)
      assert.include(error.message, otherwise)
      assert.deepStrictEqual([commands, files()], [[], [".installing-left"]])
      free = 736e6
      yield* both
      assert.strictEqual(commands.length, 2)
    }))
})

describe("a file that was damaged", () => {
  const damages = [
    ["cut short", content.slice(1), `it has ${content.length - 1} bytes, and not ${content.length}`],
    ["with other bytes", "gguf of a test", `its SHA-256 is `]
  ] as const
  it.effect.each(damages)(
    "%s is found, named, and replaced where that is allowed",
    ([, bytes, why]) =>
      Effect.gen(function*() {
        let allowed = false
        const asked: Array<string> = []
        const { commands, layer, progress, target } = yield* world(good, {
          mayInstall: ({ message }) => Effect.sync(() => asked.push(message)).pipe(Effect.map(() => allowed))
        })
        const place = join(target.cacheDirectory, "test.gguf")
        mkdirSync(target.cacheDirectory)
        writeFileSync(place, bytes)
        const error = yield* Effect.flip(published(target).pipe(Effect.provide(layer)))
        assert.include(error.message, `${place} is damaged (${why}`)
        assert.strictEqual(readFileSync(place, "utf8"), bytes)

        allowed = true
        assert.strictEqual(yield* published(target).pipe(Effect.provide(layer)), place)
        assert.include(progress[0]!.message, `${place} is damaged (${why}`)
        assert.strictEqual(readFileSync(place, "utf8"), content)
        yield* published(target).pipe(Effect.provide(layer))
        assert.deepStrictEqual([commands.length, asked.length], [1, 2])
      })
  )
})

describe("npm", () => {
  it.effect("that is not there: what to do", () =>
    Effect.gen(function*() {
      const { files, layer, target } = yield* world()
      const error = yield* Effect.flip(published(target).pipe(Effect.provide(layer)))
      assert.strictEqual(error.reason._tag, "UnsupportedModel")
      assert.include(error.message, "local models are installed with npm, which could not be started")
      assert.include(error.message, otherwise)
      assert.deepStrictEqual(files(), [])
    }))

  const failures: ReadonlyArray<readonly [says: string, expected: string]> = [
    ["npm error code E404\nnpm error 404 Not Found - GET part-one\n", "code E404; 404 Not Found - GET part-one"],
    ["npm error code ENOTFOUND\nnpm error network\n", "the registry cannot be reached (ENOTFOUND): check the network"],
    ["npm error code ENOSPC\n", "there is no space left on the disk"],
    ["", "it did not say why"]
  ]
  it.effect.each(failures)("that fails says why: %j", ([says, expected]) =>
    Effect.gen(function*() {
      const { files, layer, target } = yield* world(() => Effect.succeed({ code: 1, says }))
      const error = yield* Effect.flip(published(target).pipe(Effect.provide(layer)))
      assert.strictEqual(error.reason._tag, "Transport")
      assert.include(error.message, `npm could not install: ${expected}; try again`)
      assert.deepStrictEqual(files(), [])
    }))
})

describe("the runtime", () => {
  it.effect("is the one for the machine, installed once, in a folder of its version", () =>
    Effect.gen(function*() {
      const machines = { "linux-x64": false, "darwin-arm64": "metal", "win32-x64": false } as const
      for (const [machine, gpu] of Object.entries(machines)) {
        const [platform = "", arch = ""] = machine.split("-")
        const { commands, files, layer, progress, target } = yield* world(good, { platform, arch })
        const install = Effect.flatMap(Install.runtime(target), (runtime) =>
          Effect.as(Install.install(target, [runtime]), runtime.value)).pipe(Effect.provide(layer))
        const runtime = yield* install
        assert.strictEqual(runtime.gpu, gpu)
        assert.match(runtime.module, /node-llama-cpp-[\d.]+-[\w-]+.node_modules.node-llama-cpp.dist.index\.js$/)
        assert.strictEqual(files().length, 1)
        assert.deepStrictEqual(yield* install, runtime)
        assert.strictEqual(commands.length, 1)
        assert.deepStrictEqual(
          progress.map(({ step }) =>
            step
          ),
          ["runtime"]
        )
        // npm is a script on Windows.
        assert.strictEqual(commands[0]!.options.shell ?? false, platform === "win32")
      }
    }))

  it.effect("of a machine that there is none for: what to do", () =>
    Effect.gen(function*() {
      const { layer, target } = yield* world(good, { platform: "aix", arch: "ppc64" })
      const error = yield* Effect.flip(Install.runtime(target).pipe(Effect.provide(layer)))
      assert.strictEqual(error.reason._tag, "UnsupportedModel")
      assert.include(error.message, "local models do not run on aix-ppc64")
      assert.include(error.message, otherwise)
    }))
})

describe("the cache folder", () => {
  it("is where the platform keeps what can be fetched again; a relative XDG_CACHE_HOME is none", () => {
    const inEnv = (env: Record<string, string>) =>
      Effect.runSync(
        Effect.provideService(cacheDirectory, ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
      )
    assert.strictEqual(inEnv({ HOME: "/h", XDG_CACHE_HOME: "/c" }), "/c/effect-lm")
    assert.strictEqual(inEnv({ HOME: "/h", XDG_CACHE_HOME: "c" }), inEnv({ HOME: "/h" }))
  })

  it.effect("that cannot be made is named", () =>
    Effect.gen(function*() {
      const { layer, target } = yield* world(good)
      writeFileSync(target.cacheDirectory, "a file")
      const error = yield* Effect.flip(published(target).pipe(Effect.provide(layer)))
      assert.include(error.message, `${target.cacheDirectory} cannot be written`)
      assert.include(error.message, "name another cacheDirectory")
    }))
})
