/**
 * Imports the files that a command line names.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { ProgramError } from "../ProgramError.ts"
import { UsageError } from "../UsageError.ts"

/** Whether a word of a command line is a file, with or without the name of an export: `./program.ts#research`. */
export const isFile = (word: string): boolean =>
  !word.includes("->") && (/^(\.{1,2}[/\\]|\/|file:|[A-Za-z]:\\)/.test(word) || /\.[cm]?[jt]s(#|$)/.test(word))

/** The file and the name behind its `#`. */
export const split = (word: string): { readonly file: string; readonly name: string | undefined } => {
  const hash = word.lastIndexOf("#")
  return hash === -1 ? { file: word, name: undefined } : { file: word.slice(0, hash), name: word.slice(hash + 1) }
}

/** What a file exports, by name. What is wrong with the file begins with what names it: the file, and the flag before it. */
export const exportsOf = Effect.fnUntraced(function*(
  file: string,
  named = file
): Effect.fn.Return<ReadonlyMap<string, unknown>, UsageError | ProgramError, FileSystem.FileSystem | Path.Path> {
  const bad = (message: string) => new UsageError({ message: `${named}: ${message}` })
  const path = yield* Path.Path
  const where = URL.canParse(file) && file.startsWith("file:")
    ? yield* Effect.mapError(path.fromFileUrl(new URL(file)), (error) => bad(error.message))
    : path.resolve(file)
  const fs = yield* FileSystem.FileSystem
  const info = yield* Effect.orElseSucceed(fs.stat(where), () => undefined)
  if (info === undefined) return yield* bad(`there is no file ${where}`)
  if (info.type !== "File") return yield* bad("it is no file")
  const url = yield* Effect.orDie(path.toFileUrl(where))
  return new Map<string, unknown>(Object.entries(
    yield* Effect.tryPromise({
      try: (): Promise<object> => import(url.href),
      catch: (cause) => new ProgramError({ file, cause })
    })
  ))
})
