/**
 * Installs the parts that are missing.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as LMError from "../../../lm/LMError.ts"
import { unfinished } from "./npm.ts"
import { fail, megabytes, otherwise, type Part, readable, type Target } from "./target.ts"

/** Installs the parts that are missing, if that is allowed and there is room for them. */
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

/** Removes folders that are older than a day. Processes have left them that were killed while they installed. */
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

/** Folders that interrupted installations have left. {@link sweep} leaves new ones, since another process may be using them. */
const leftovers = Effect.fnUntraced(function*(cacheDirectory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = (yield* fs.readDirectory(cacheDirectory)).filter((name) => name.startsWith(unfinished))
  return names.length === 0
    ? ""
    : ` (delete ${names.map((name) => path.join(cacheDirectory, name)).join(", ")} unless somebody installs right now)`
})

/** The three ways to a model. */
const ways =
  "Three ways to have a model: a key and a name (OPENAI_API_KEY, OPENAI_MODEL); a local server such as Ollama, " +
  "or where one is (OPENAI_BASE_URL); or a model in this process, installed with --yes, or by a program that names " +
  "LocalModel.layer({ mayInstall: true })"
