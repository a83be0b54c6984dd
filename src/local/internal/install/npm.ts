/**
 * Packages of the npm registry, put into a folder by npm. No script of theirs is run.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as ChildProcess from "effect/process/ChildProcess"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as LMError from "../../../lm/LMError.ts"
import { fail, otherwise, type Target } from "./target.ts"

/** Installs packages into a folder that lives as long as the scope. `watch` is told now and then how much has come. */
export const npmInstall = Effect.fnUntraced(function*(
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

/** On Windows npm is a script, which needs a shell. None of its arguments comes from outside, so that is safe. */
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
  // The packed files stand beside what is installed, so that they can be counted, and removed afterwards.
  "--cache=../cache",
  "--omit=optional",
  "--ignore-scripts",
  "--no-package-lock",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  "--loglevel=error"
]

/** How the folders of unfinished installations begin. */
export const unfinished = ".installing-"

/** Renames a complete installation. If another process was faster, its work stays. */
export const settle = Effect.fnUntraced(function*(made: string, place: string) {
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

/** Why npm has failed, from what it printed. */
const reasonOf = (said: string): string => {
  const lines = said.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim()).filter((line) =>
    line !== ""
  )
  const code = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/.exec(said)
  if (code !== null) return `the registry cannot be reached (${code[1]}): check the network`
  if (said.includes("ENOSPC")) return "there is no space left on the disk"
  return lines.slice(0, 3).join("; ") || "it did not say why"
}
