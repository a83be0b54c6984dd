/**
 * The adapter that `--adapter` names: one of this package, or one that a file exports.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as Adapter from "../../adapter/Adapter.ts"
import * as Adapters from "../../adapter/Adapters.ts"
import type { ProgramError } from "../ProgramError.ts"
import { UsageError } from "../UsageError.ts"
import * as Load from "./load.ts"

/** What the flag may say, in words. */
export const choices = `${Object.keys(Adapters.builtIn).join(", ")}, or an adapter in a file: ./adapter.ts#name`

/** Finds the adapter, or imports `./adapter.ts#name`: without a name its default export, or what it exports as `adapter`. */
export const load = Effect.fnUntraced(function*(
  word: string,
  flag: string
): Effect.fn.Return<Adapter.Adapter, UsageError | ProgramError, FileSystem.FileSystem | Path.Path> {
  const known = new Map<string, Adapter.Adapter>(Object.entries(Adapters.builtIn)).get(word)
  if (known !== undefined) return known
  const named = `${flag} ${word}`
  const bad = (message: string) => new UsageError({ message: `${named}: ${message}` })
  if (!Load.isFile(word)) return yield* bad(`there is ${choices}`)
  const { file, name: asked } = Load.split(word)
  const exports = yield* Load.exportsOf(file, named)
  const name = asked ?? (Adapter.isAdapter(exports.get("default")) ? "default" : "adapter")
  const adapter = exports.get(name)
  if (Adapter.isAdapter(adapter)) return adapter
  const others = [...exports].filter(([, value]) => Adapter.isAdapter(value)).map(([name]) => `${file}#${name}`)
  const there = others.length === 0 ? "" : `; there is ${others.join(", ")}`
  return yield* bad(
    exports.has(name)
      ? `'${name}' is no adapter: export one made with Adapter.fromForm or Adapter.make${there}`
      : `it exports no ${asked === undefined ? "adapter, neither as default nor as " : ""}'${name}'${there}`
  )
})
