/**
 * The JSON of a state. Anybody may have written it.
 */
import * as Result from "effect/Result"
import { isDeeperJson, mostLevels } from "../../text/depth.ts"
import { inWords } from "../../text/failure.ts"
import { isRecord, toJson } from "../../text/json/values.ts"
import { kindOf } from "../../text/kind.ts"
import { isPlain } from "../../text/kinds.ts"
import * as Reason from "../StateReason.ts"
import { malformed, noState } from "./stateMisfit.ts"

/**
 * The JSON of a text, or of a value. The result is nested so little that walking it does not overflow the stack, and no key of it is
 * the name of an object's prototype.
 */
export const readJson = (
  json: unknown,
  maxLength: number
): Result.Result<unknown, Reason.Malformed | Reason.TooLarge> => {
  // Bytes, promises and the like keep their content elsewhere: they would pass for an empty object.
  const text = typeof json === "string" ? json : isRecord(json) && !isPlain(json) ? undefined : toJson(json)
  if (text === undefined) return noState(`it is ${kindOf(json)}, which is no JSON`)
  if (text.length > maxLength) {
    return Result.fail(
      new Reason.TooLarge({
        description: `it has ${text.length} characters, and may have ${maxLength}: show pictures by their address, ` +
          "or give another `maxLength`",
        maxLength
      })
    )
  }
  // Editors of some systems begin a file with a byte order mark.
  const parsed = Result.try((): unknown => JSON.parse(text.replace(/^\uFEFF/, "")))
  if (Result.isFailure(parsed)) {
    const { failure } = parsed
    return malformed(`it is not JSON: ${inWords(failure)}`)
  }
  const value = parsed.success
  if (isDeeperJson(value, mostLevels)) return malformed(`it is nested more than ${mostLevels} levels deep`)
  return namesPrototype(value)
    ? malformed("it has the name '__proto__', which nothing can have")
    : Result.succeed(value)
}

// Details

const namesPrototype = (value: unknown): boolean =>
  typeof value === "object" && value !== null &&
  (Object.hasOwn(value, "__proto__") || Object.values(value).some(namesPrototype))
