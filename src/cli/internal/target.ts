/**
 * What `effect-lm run` runs: a signature, or a program in a file.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Module from "../../module/Module.ts"
import * as Signature from "../../signature/Signature.ts"
import { ProgramError } from "../ProgramError.ts"
import { UsageError } from "../UsageError.ts"

/** What to run. */
export type Target =
  | { readonly _tag: "Signature"; readonly signature: Signature.Any }
  | { readonly _tag: "Program"; readonly program: Module.Any; readonly signature: Signature.Any }

/** Reads a signature, or imports `./file.ts#name` (`program` unless a name is given). */
export const load = (text: string) => isFile(text) ? loadProgram(text) : parseSignature(text)

const isFile = (text: string): boolean =>
  !text.includes("->") && (/^(\.{1,2}[/\\]|\/|file:|[A-Za-z]:\\)/.test(text) || /\.[cm]?[jt]s(#|$)/.test(text))

const parseSignature = (text: string): Effect.Effect<Target, UsageError> => {
  const parsed = Signature.parse(text)
  return Result.isSuccess(parsed)
    ? Effect.succeed({ _tag: "Signature", signature: parsed.success })
    : Effect.fail(new UsageError({ message: `the signature cannot be read: ${parsed.failure.message}` }))
}

const loadProgram = Effect.fnUntraced(function*(
  text: string
): Effect.fn.Return<Target, UsageError | ProgramError, FileSystem.FileSystem | Path.Path> {
  const bad = (message: string) => new UsageError({ message: `${text}: ${message}` })
  const hash = text.lastIndexOf("#")
  const name = hash === -1 ? "program" : text.slice(hash + 1)
  const file = hash === -1 ? text : text.slice(0, hash)

  const path = yield* Path.Path
  const where = URL.canParse(file) && file.startsWith("file:")
    ? yield* Effect.mapError(path.fromFileUrl(new URL(file)), (error) => bad(error.message))
    : path.resolve(file)
  const url = yield* Effect.orDie(path.toFileUrl(where))
  const fs = yield* FileSystem.FileSystem
  if (!(yield* Effect.orElseSucceed(fs.exists(where), () => false))) return yield* bad(`there is no file ${where}`)

  const exports = new Map<string, unknown>(Object.entries(
    yield* Effect.tryPromise({
      try: (): Promise<object> => import(url.href),
      catch: (cause) => new ProgramError({ file, cause })
    })
  ))
  if (!exports.has(name)) {
    const others = [...exports].filter(([, value]) => Module.isModule(value)).map(([name]) => `${file}#${name}`)
    return yield* bad(
      `it exports no '${name}'${others.length === 0 ? ", nor any other module" : `; there is ${others.join(", ")}`}`
    )
  }
  const program = exports.get(name)
  if (!Module.isModule(program)) {
    return yield* bad(`'${name}' is no module: export one made with Predict.make, Module.make...`)
  }
  if (program.signature === undefined) {
    return yield* bad(
      `'${name}' has no signature to make flags of: give it one with Module.withSignature, such as ` +
        `${name}.pipe(Module.withSignature(Signature.make("question -> answer")))`
    )
  }
  return { _tag: "Program", program, signature: program.signature }
})
