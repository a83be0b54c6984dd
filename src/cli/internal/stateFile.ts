/**
 * The state in a file: what `--load` takes.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Module from "../../module/Module.ts"
import { UsageError } from "../UsageError.ts"

/** The most bytes that a file of a state has. */
const most = 10_000_000

/** The program with the state of a file, which a flag names. A file that is too large is not read. */
export const load = Effect.fnUntraced(function*<M extends Module.Any>(
  program: M,
  file: string,
  flag: string
): Effect.fn.Return<M, UsageError, FileSystem.FileSystem> {
  const bad = (message: string) => new UsageError({ message: `${flag} ${file}: ${message}` })
  const fs = yield* FileSystem.FileSystem
  const unreadable = (error: { readonly reason: { readonly _tag: string }; readonly message: string }) =>
    bad(error.reason._tag === "NotFound" ? "there is no such file" : error.message)
  const { size, type } = yield* Effect.mapError(fs.stat(file), unreadable)
  if (type !== "File") return yield* bad("it is no file")
  if (size > most) return yield* bad(`it has ${size} bytes, and a state may have ${most}`)
  const text = yield* Effect.mapError(fs.readFileString(file), unreadable)
  return yield* Effect.mapError(Module.load(program, text), (error) => bad(error.message))
})
