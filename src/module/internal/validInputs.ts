/**
 * The check of a program's inputs before anything is sent.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { FieldIssue } from "../../signature/Field.ts"
import type { History } from "../../signature/History.ts"
import * as Signature from "../../signature/Signature.ts"
import { specOf, toolsIn } from "../../signature/ToolSpec.ts"
import { isDeeper, mostLevels } from "../../text/depth.ts"
import { InputError } from "../InputError.ts"
import { historyName, turnIssues } from "./historyTurns.ts"

/** The inputs with their defaults, or an {@link InputError} that names everything wrong with them. */
export const validInputs = <S extends Signature.Any>(
  module: string,
  signature: S,
  input: unknown
): Effect.Effect<S["input"]["Type"], InputError> => {
  const deep = typeof input !== "object" || input === null
    ? undefined
    : Object.entries(input).find(([, value]) => isDeeper(value, mostLevels))
  const valid = deep === undefined
    ? Result.flatMap(Signature.decodeInputs(signature, input), (inputs) => withSoundTurns(signature, inputs))
    : Result.fail([{ path: [deep[0]], message: `is nested more than ${mostLevels} levels deep, or holds itself` }])
  const whole = Result.flatMap(valid, (inputs) => namedOnce(signature, inputs))
  return Result.isSuccess(whole)
    ? Effect.succeed(whole.success)
    : Effect.fail(new InputError({ module, signature: String(signature), issues: whole.failure }))
}

/** A model calls tools by their names, so no two of a call may have one. */
const namedOnce = <A extends Readonly<Record<string, unknown>>>(
  { inputFields }: Signature.Any,
  inputs: A
): Result.Result<A, ReadonlyArray<FieldIssue>> => {
  const seen = new Set<string>()
  const issues: Array<FieldIssue> = []
  for (const field of inputFields) {
    if (!field.holdsTools) continue
    for (const tool of toolsIn(inputs[field.name])) {
      const { name } = specOf(tool)
      if (seen.has(name)) {
        issues.push({ path: [field.name], message: `has several tools of the name ${name}: rename all but one` })
      }
      seen.add(name)
    }
  }
  return issues.length === 0 ? Result.succeed(inputs) : Result.fail(issues)
}

/** The inputs, if what agents did in the turns of their history can be sent again. */
const withSoundTurns = <A>(signature: Signature.Any, inputs: A): Result.Result<A, ReadonlyArray<FieldIssue>> => {
  const name = historyName(signature)
  const history = name === undefined ? undefined : (inputs as Readonly<Record<string, unknown>>)[name]
  const issues = history === undefined ? [] : turnIssues(history as History) // it was read by the schema of one
  return issues.length === 0
    ? Result.succeed(inputs)
    : Result.fail(issues.map(({ message, path }) => ({ message, path: [name!, ...path] })))
}
