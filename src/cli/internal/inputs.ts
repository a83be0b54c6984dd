/**
 * The inputs of a call, from flags, from a JSON object, and from the person at the terminal.
 */
import type * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import type * as Terminal from "effect/Terminal"
import type { Field } from "../../signature/Field.ts"
import * as Signature from "../../signature/Signature.ts"
import { UsageError } from "../UsageError.ts"
import type { Console } from "./console.ts"
import type { FieldFlag } from "./fieldFlags.ts"
import * as Prompts from "./prompts.ts"
import * as Typed from "./typed.ts"

/** What was given on the command line. */
export interface Given {
  /** JSON values by input, where the flag was used. */
  readonly flags: Readonly<Record<string, Option.Option<unknown>>>
  /** A file with a JSON object of inputs; `-` is standard input. Flags win over it. */
  readonly file: Option.Option<string>
}

/** The inputs of a program, checked and typed. What is missing is asked for on a terminal, and is bad usage elsewhere. */
export const gather = Effect.fnUntraced(function*(
  signature: Signature.Any,
  flags: ReadonlyArray<FieldFlag>,
  given: Given,
  console: Console
): Effect.fn.Return<
  Readonly<Record<string, unknown>>,
  UsageError | Terminal.QuitError,
  Prompt.Environment | FileSystem.FileSystem | Stdio.Stdio
> {
  const json = new Map(Option.isNone(given.file) ? [] : Object.entries(yield* readObject(given.file.value)))
  for (const [name, value] of Object.entries(given.flags)) if (Option.isSome(value)) json.set(name, value.value)

  const missing = signature.inputFields.filter((field) =>
    !json.has(field.name) && Result.isFailure(field.decodeAbsent())
  )
  if (missing.length > 0 && !(console.canType && console.stderr.isTerminal)) {
    return yield* new UsageError({ message: missing.map((field) => describeMissing(field, flags)).join("\n") })
  }
  for (const field of missing) json.set(field.name, yield* Prompts.ask(field, console))

  const inputs = Signature.decodeJsonInputs(signature, Object.fromEntries(json))
  if (Result.isSuccess(inputs)) return inputs.success
  return yield* new UsageError({
    message: inputs.failure.map((issue) => `the input ${issue.path[0]}: ${Typed.inWords(issue)}`).join("\n")
  })
})

const describeMissing = (field: Field, flags: ReadonlyArray<FieldFlag>): string => {
  const flag = flags.find((flag) => flag.field.name === field.name)?.name ?? field.name
  return `the input ${field.name} is missing: give --${flag} (${Typed.expected(field)}), ` +
    `or --input FILE with {"${field.name}": ...}`
}

const readObject = Effect.fnUntraced(function*(file: string) {
  const bad = (message: string) => new UsageError({ message: `--input ${file}: ${message}` })
  const fs = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const text = yield* Effect.mapError(
    file === "-" ? Stream.mkString(Stream.decodeText(stdio.stdin)) : fs.readFileString(file),
    (error) => bad(error.reason._tag === "NotFound" ? "there is no such file" : error.message)
  )
  const json = yield* Effect.mapError(
    Effect.fromResult(Result.try((): unknown => JSON.parse(text))),
    (error) => bad(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  )
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return yield* bad("it must hold one JSON object with the inputs")
  }
  return json
})
