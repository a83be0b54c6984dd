/**
 * What `effect-lm run` runs: a signature, or a program in a file.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Module from "../../module/Module.ts"
import * as Signature from "../../signature/Signature.ts"
import { inWords } from "../../text/failure.ts"
import { kindOf } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import { ProgramError } from "../ProgramError.ts"
import { UsageError } from "../UsageError.ts"
import * as Load from "./load.ts"

/** What to run. */
export type Target =
  | { readonly _tag: "Signature"; readonly signature: Signature.Any }
  | {
    readonly _tag: "Program"
    readonly program: Module.Any
    /** The file and the name of its export. */
    readonly at: string
    readonly signature: Signature.Any
    /** The file's `layer`. */
    readonly layer: Layer.Layer<never, ProgramError> | undefined
  }

/** Whether a text is meant as what runs: a signature, or a file. */
export const isTarget = (text: string): boolean => text.includes("->") || Load.isFile(text)

/** Reads a signature, or imports `./file.ts#name`: without a name its default export, or what it exports as `program`. */
export const load = (text: string) => Load.isFile(text) ? loadProgram(text) : parseSignature(text)

const parseSignature = (text: string): Effect.Effect<Target, UsageError> => {
  // Some terminals write `é` as a letter and its mark.
  const parsed = Signature.parse(text.normalize("NFC"))
  return Result.isSuccess(parsed)
    ? Effect.succeed({ _tag: "Signature", signature: parsed.success })
    : Effect.fail(new UsageError({ message: `the signature cannot be read: ${parsed.failure.message}` }))
}

const loadProgram = Effect.fnUntraced(function*(
  text: string
): Effect.fn.Return<Target, UsageError | ProgramError, FileSystem.FileSystem | Path.Path> {
  const bad = (message: string) => new UsageError({ message: `${text}: ${message}` })
  const { file, name: asked } = Load.split(text)
  const exports = yield* Load.exportsOf(file)
  const names = ["default", "program"]
  const name = asked ?? names.find((name) => Module.isModule(exports.get(name))) ??
    names.find((name) => exports.has(name)) ?? "program"
  const others = [...exports].filter(([, value]) => Module.isModule(value)).map(([name]) => `${file}#${name}`)
  const there = others.length === 0 ? undefined : `; there is ${others.join(", ")}`
  if (!exports.has(name)) {
    return yield* bad(
      `it exports no ${asked === undefined ? "program, neither as default nor as " : ""}'${name}'${
        there ?? ", nor any other module"
      }`
    )
  }
  const program = exports.get(name)
  if (!Module.isModule(program)) {
    const advice = Effect.isEffect(program)
      ? "export the program itself, and not a call of it"
      : "export one made with Predict.make, Module.make..."
    return yield* bad(`'${name}' is no module: it is ${kindOf(program)}; ${advice}${there ?? ""}`)
  }
  if (program.signature === undefined) {
    return yield* bad(
      `'${name}' has no signature to make flags of: give it one with Module.withSignature, such as ` +
        `${name}.pipe(Module.withSignature(Signature.make("question -> answer")))`
    )
  }
  const layer = yield* Effect.mapError(layerOf(file, exports.get("layer")), bad)
  return { _tag: "Program", program, at: `${file}#${name}`, signature: program.signature, layer }
})

/** The layer, or what is wrong with it. What it provides is the program's matter, and that it needs nothing is the file's. */
const layerOf = (file: string, layer: unknown): Effect.Effect<Layer.Layer<never, ProgramError> | undefined, string> =>
  Effect.try({
    try: () => Kinds.optional(Kinds.layer)("'layer'", layer),
    catch: inWords
  }).pipe(Effect.as(
    layer === undefined ? undefined : Layer.catchCause(
      layer as Layer.Layer<never, unknown>,
      (cause) =>
        Layer.effectDiscard(Effect.fail(new ProgramError({ file: `${file}#layer`, cause: Cause.squash(cause) })))
    )
  ))
