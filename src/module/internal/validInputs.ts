/**
 * The check of a program's inputs before anything is sent.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Signature from "../../signature/Signature.ts"
import { isDeeper, mostLevels } from "../../text/depth.ts"
import { InputError } from "../InputError.ts"

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
    ? Signature.decodeInputs(signature, input)
    : Result.fail([{ path: [deep[0]], message: `is nested more than ${mostLevels} levels deep, or holds itself` }])
  return Result.isSuccess(valid)
    ? Effect.succeed(valid.success)
    : Effect.fail(new InputError({ module, signature: String(signature), issues: valid.failure }))
}
