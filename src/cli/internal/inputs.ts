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
import type { Field, FieldIssue } from "../../signature/Field.ts"
import * as SignatureInputs from "../../signature/internal/inputs.ts"
import type * as Signature from "../../signature/Signature.ts"
import { inWords } from "../../text/failure.ts"
import { UsageError } from "../UsageError.ts"
import type { Console } from "./console.ts"
import * as Prompts from "./prompts.ts"
import * as Typed from "./typed.ts"

/** What was given on the command line. */
export interface Given {
  /** Values by input, where the flag was used. */
  readonly flags: Readonly<Record<string, Option.Option<unknown>>>
  /** A file with a JSON object of inputs; `-` is standard input. Flags win over it. */
  readonly file: Option.Option<string>
  /** The flag that names the file. */
  readonly fileFlag: string
}

/** The inputs of a program, checked and typed. Asks for what is missing. */
export type Inputs = Effect.Effect<
  Readonly<Record<string, unknown>>,
  UsageError | Terminal.QuitError,
  Prompt.Environment
>

/** What was given, checked and typed. */
export interface Known {
  /** Values by input, also of those that were left out and have one then. */
  readonly values: Readonly<Record<string, unknown>>
  /** The inputs that were given, by their names. */
  readonly given: ReadonlySet<string>
  /** The inputs that were not given and may not be left out. */
  readonly missing: ReadonlyArray<Field>
}

/**
 * Reads what was given. What is wrong with it is bad usage, and so is what is missing where nobody can be asked: that is
 * said here, before anything begins.
 */
export const gather = Effect.fnUntraced(function*(
  signature: Signature.Any,
  given: Given,
  console: Console
): Effect.fn.Return<Inputs, UsageError, FileSystem.FileSystem | Stdio.Stdio> {
  const known = yield* read(signature, given)
  yield* Effect.fromResult(allAskable(known.missing, given, console))
  return Effect.map(
    known.missing.length > 0 ? Prompts.ask(known.missing, console) : Effect.succeed([]),
    (answers) => withAnswers(known.values, known.missing, answers)
  )
})

/** The inputs with what was answered for some of the fields. */
export const withAnswers = (
  values: Known["values"],
  fields: ReadonlyArray<Field>,
  answers: ReadonlyArray<unknown>
): Known["values"] => ({ ...values, ...Object.fromEntries(fields.map(({ name }, i) => [name, answers[i]])) })

/** Reads what was given; what is wrong with it is bad usage. */
export const read = Effect.fnUntraced(function*(
  signature: Signature.Any,
  given: Given
): Effect.fn.Return<Known, UsageError, FileSystem.FileSystem | Stdio.Stdio> {
  const json = Option.isNone(given.file) ? {} : yield* readObject(given.file.value, given.fileFlag)
  const byFlag = ofFlags(given.flags)
  const isGiven = ({ name }: Field) => byFlag.has(name) || Object.hasOwn(json, name)
  const missing = signature.inputFields.filter((field) => !isGiven(field) && Result.isFailure(field.decodeAbsent()))
  // What is missing is asked for later, and is no issue of what is there.
  const known = new Map([...byFlag, ...missing.map(({ name }) => [name, undefined] as const)])
  const values = yield* Effect.fromResult(Result.mapError(
    SignatureInputs.decodeJsonInputs(signature, json, known),
    (issues) => new UsageError({ message: issues.map((issue) => badInput(signature, issue, given)).join("\n") })
  ))
  return { values, given: new Set(signature.inputFields.filter(isGiven).map(({ name }) => name)), missing }
})

/** What is wrong with an input of the file; flags are read where they are parsed. */
const badInput = (signature: Signature.Any, issue: FieldIssue, given: Given): string => {
  const [name] = issue.path
  // A path in a file of inputs is not read: who has written the file is not always who runs the program.
  const advice = signature.inputFields.some((field) => field.name === name && field.contents.length > 0)
    ? `; the path of a file is given with --${String(name)}`
    : ""
  return `${placeOf(given)}the input ${String(name)}: ${Typed.inWords(issue)}${advice}`
}

/** The values of the flags that were used, by input. */
export const ofFlags = (flags: Given["flags"]): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(flags).flatMap(([name, value]) => Option.isSome(value) ? [[name, value.value]] : []))

/** Whether all that is missing can be asked for. */
export const allAskable = (
  missing: ReadonlyArray<Field>,
  given: Given,
  console: Console
): Result.Result<void, UsageError> =>
  missing.length > 0 && !console.canPrompt
    ? Result.fail(new UsageError({ message: missing.map((field) => describeMissing(field, given)).join("\n") }))
    : Result.succeed(undefined)

/** Begins what is said of the file; nothing where there is none. */
const placeOf = ({ file, fileFlag }: Given): string =>
  Option.match(file, { onNone: () => "", onSome: (file) => `${fileFlag} ${file}: ` })

const describeMissing = (field: Field, given: Given): string => {
  const file = Option.isSome(given.file) ? "add" : `${given.fileFlag} FILE with`
  return `${placeOf(given)}the input ${field.name} is missing: give --${field.name} (${Typed.expected(field)}), ` +
    `or ${file} {"${field.name}": ...}`
}

const readObject = Effect.fnUntraced(function*(file: string, flag: string) {
  const bad = (message: string) => new UsageError({ message: `${flag} ${file}: ${message}` })
  const fs = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const text = yield* Effect.mapError(
    file === "-" ? Stream.mkString(Stream.decodeText(stdio.stdin)) : fs.readFileString(file),
    (error) => bad(error.reason._tag === "NotFound" ? "there is no such file" : error.message)
  )
  const json = yield* Effect.mapError(
    Effect.fromResult(Result.try((): unknown => JSON.parse(text))),
    (error) => bad(`it is not JSON: ${inWords(error)}`)
  )
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return yield* bad("it must hold one JSON object with the inputs")
  }
  return json
})
