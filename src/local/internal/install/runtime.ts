/**
 * The runtime for local models: `node-llama-cpp`, with its native part for this machine.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as LMError from "../../../lm/LMError.ts"
import { npmInstall, settle } from "./npm.ts"
import { fail, otherwise, type Part, readable, type Target } from "./target.ts"

/** The runtime, ready to be imported. */
export interface Runtime {
  /** The folder of its own. */
  readonly place: string
  readonly module: string
  readonly gpu: "metal" | false
}

/** The version of `node-llama-cpp`. */
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
