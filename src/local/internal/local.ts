/**
 * A local model from its options: what is missing is installed, then the model is loaded.
 */
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as UserDirectories from "effect/persistence/UserDirectories"
import type * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { basename, resolve } from "node:path"
import type * as LM from "../../lm/LM.ts"
import * as LMError from "../../lm/LMError.ts"
import * as LocalModel from "../LocalModel.ts"
import type { Limits } from "./engine.ts"
import * as Install from "./install/index.ts"
import * as Runtime from "./runtime.ts"
import * as Service from "./service.ts"

/** Installs what is missing, loads the model, and unloads it with the scope. */
export const open = Effect.fnUntraced(function*(
  options: LocalModel.Options
): Effect.fn.Return<LM.Service, LMError.LMError, Scope.Scope> {
  const { mayInstall = false, onProgress: report = () => Effect.void } = options
  const given = options.model === undefined ? undefined : resolve(options.model)
  const model = given === undefined ? LocalModel.embedded : `local/${basename(given).replace(/\.gguf$/i, "")}`
  if (given !== undefined && !existsSync(given)) {
    return yield* new LMError.LMError({
      model,
      reason: new LMError.UnsupportedModel({ description: `there is no file ${given}` })
    })
  }
  const target: Install.Target = {
    cacheDirectory: options.cacheDirectory ??
      (yield* Effect.mapError(
        cacheDirectory,
        ({ message }) =>
          new LMError.LMError({
            model,
            reason: new LMError.UnsupportedModel({ description: `${message}; name a cacheDirectory` })
          })
      )),
    platform: process.platform,
    arch: process.arch,
    model,
    report,
    mayInstall: typeof mayInstall === "boolean" ? () => Effect.succeed(mayInstall) : mayInstall,
    freeSpace
  }
  const { file, runtime } = yield* Effect.gen(function*() {
    const runtime = yield* Install.runtime(target)
    if (given !== undefined) {
      yield* Install.install(target, [runtime])
      return { runtime: runtime.value, file: given }
    }
    const embedded = yield* Install.published(target, Install.tinyLlama)
    yield* Install.install(target, [runtime, embedded])
    return { runtime: runtime.value, file: embedded.value }
  }).pipe(Effect.provide(node))
  yield* report({ step: "load", message: `Loading ${model}` })
  const engine = yield* Runtime.load({
    model,
    file,
    runtime,
    threads: options.threads ?? Math.max(1, availableParallelism() - 1),
    contextSize: options.contextSize ?? 4096,
    concurrency: options.concurrency ?? 2,
    limits: given === undefined ? weak : undefined
  })
  return Service.make(engine)
})

/** Where this platform keeps what can be fetched again. */
export const cacheDirectory = UserDirectories.UserDirectories.pipe(
  Effect.flatMap(({ cache }) => cache("effect-lm")),
  Effect.provide(UserDirectories.layer)
)

/** A file system that does not say how much it can hold counts as having room. Writing will show whether it has. */
const freeSpace = (directory: string): Effect.Effect<number> =>
  Effect.tryPromise(() => statfs(directory)).pipe(
    Effect.map(({ bavail, bsize }) => bavail * bsize),
    Effect.orElseSucceed(() => Infinity)
  )

/** Bounds of what the embedded model writes: a model this small may begin to repeat itself, and would go on until the context is full. */
const weak: Limits = { items: 8, characters: 600, tokens: 200 }

const node = Layer.provideMerge(
  NodeChildProcessSpawner.layer,
  Layer.merge(NodeFileSystem.layer, NodePath.layer)
)
