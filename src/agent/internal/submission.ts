/**
 * How code gives the outputs of a run: by a function that checks them. What does not fit is thrown there; what fits ends the code.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Sandbox from "../../sandbox/Sandbox.ts"
import type { FieldIssue } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"
import { inLines } from "../../text/issues.ts"
import { isRecord } from "../../text/json/values.ts"
import { byName } from "./codeNames.ts"

type Fields = Readonly<Record<string, unknown>>

/** The outputs of one run, once code has given them. */
export interface Submission {
  readonly submit: Sandbox.HostFunction
  /** Waits for the outputs. */
  readonly made: Effect.Effect<Fields>
  readonly outputs: () => Fields | undefined
}

/** Nothing is given yet. */
export const make = ({ outputFields }: Signature.Any): Submission => {
  const made = Deferred.makeUnsafe<Fields>()
  let outputs: Fields | undefined
  const names = outputFields.map(({ name }) => name)
  return {
    made: Deferred.await(made),
    outputs: () => outputs,
    submit: (...args) =>
      Effect.suspend(() => {
        const read = outputsOf(outputFields, byName(args, names))
        if (Result.isFailure(read)) {
          return Effect.fail(new Error(`submit: this does not fit the outputs\n${inLines(read.failure, "- ")}`))
        }
        outputs ??= read.success
        // The code is over: it is not answered any more.
        return Effect.andThen(Deferred.succeed(made, outputs), Effect.never)
      })
  }
}

// Details

/** The outputs that JSON stands for, or all that is wrong with it. */
const outputsOf = (
  fields: Signature.Any["outputFields"],
  json: unknown
): Result.Result<Fields, ReadonlyArray<FieldIssue>> => {
  const names = fields.map(({ name }) => name)
  const expected = `submit takes one object, with ${names.join(", ")}`
  if (!isRecord(json)) return Result.fail([{ path: [], message: expected }])
  const issues: Array<FieldIssue> = Object.keys(json).filter((name) => !names.includes(name)).map((name) => ({
    path: [name],
    message: `is no output: ${expected}`
  }))
  const values: Record<string, unknown> = {}
  for (const field of fields) {
    const isGiven = Object.hasOwn(json, field.name)
    const read = isGiven ? Result.map(field.decode(json[field.name]), Option.some) : field.decodeAbsent()
    if (Result.isFailure(read)) issues.push(...read.failure)
    else if (Option.isSome(read.success)) values[field.name] = read.success.value
  }
  return issues.length === 0 ? Result.succeed(values) : Result.fail(issues)
}
