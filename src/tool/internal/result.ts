/**
 * What tools give, as JSON. What JSON would lose without a word is refused, and content is told apart from data.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isMedia, type Media } from "../../lm/LMContent.ts"
import { isMade } from "../../signature/Content.ts"
import type * as Field from "../../signature/Field.ts"
import * as Issues from "../../text/issues.ts"
import { kindOf } from "../../text/kind.ts"
import * as ToolError from "../ToolError.ts"
import { told } from "./content.ts"
import type { Given } from "./entry.ts"

/** What the tool gave, as its `success` schema encodes it; as JSON has it where there is none. */
export const encodeResult = (
  tool: string,
  field: Field.Field | undefined,
  value: unknown
): Effect.Effect<Given, ToolError.ToolError> => {
  // A schema may let anything pass, and JSON does not have everything.
  const made: Array<Media> = []
  const encoded = field === undefined ? plain(value, made) : Result.flatMap(field.encode(value), (json) => plain(json))
  return Result.isSuccess(encoded)
    ? Effect.succeed({
      value: encoded.success,
      ...(made.length > 0
        ? told(value, isMade)
        : field !== undefined && field.contents.length > 0
        ? told(encoded.success, isMedia)
        : {})
    })
    : Effect.fail(
      new ToolError.ToolError({ tool, reason: new ToolError.InvalidResult({ issues: Issues.inside(encoded.failure) }) })
    )
}

/**
 * A result as JSON has it, or what JSON has nothing of. Takes note of the pictures, sounds and files that a program has made
 * in it.
 */
export const plain = (
  value: unknown,
  made: Array<Media> = []
): Result.Result<unknown, ReadonlyArray<Field.FieldIssue>> => {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return Result.succeed(value)
  // Of zeros JSON has one.
  if (Number.isSafeInteger(value) && value !== 0) return Result.succeed(value)
  const lost: Array<Field.FieldIssue> = []
  // The value itself is `this[key]`: bytes in a `Buffer` have become numbers when this is called.
  function note(this: Readonly<Record<string, unknown>>, key: string, json: unknown): unknown {
    const inner = this[key]
    if (isMade(inner)) made.push(inner)
    const kind = lostKind(inner, json, key !== "" && !Array.isArray(this))
    if (kind !== undefined) {
      const more = isBytes(inner) ? `${advice}, or give Image.fromBytes(bytes) or File.fromBytes(bytes)` : advice
      lost.push({ path: ["result", ...(key === "" ? [] : [key])], message: `JSON has nothing of ${kind}: ${more}` })
      return null
    }
    return isNumbers(inner) ? Array.from(inner) : json
  }
  const encoded = Result.try((): unknown => JSON.parse(JSON.stringify(value, note) ?? "null"))
  if (lost.length > 0) return Result.fail(lost)
  return Result.mapError(encoded, () => [{ path: ["result"], message: `is nothing that JSON has: ${advice}` }])
}

// Details

const advice = "give the tool a `success` schema that says how it is encoded"

/**
 * What JSON has nothing of, if the value is such a thing: `{}` or `null` would stand for it without a word. A function that is a
 * member of an object is left out, as what is undefined is: it is a method.
 */
const lostKind = (value: unknown, json: unknown, isMember: boolean): string | undefined => {
  const object = isBytes(value) ? value : isLost(json) ? json : undefined
  if (object !== undefined) return `a ${object.constructor?.name || "object of a class"}`
  if (typeof json === "number" && !Number.isFinite(json)) return String(json)
  if (json === null && value instanceof Date) return "a Date that is none"
  return !isMember && (typeof json === "function" || typeof json === "symbol") ? kindOf(json) : undefined
}

/** Bytes: JSON would have an object of numbers, one for each. */
const isBytes = (value: unknown): value is object =>
  value instanceof ArrayBuffer || value instanceof DataView || value instanceof Uint8Array ||
  value instanceof Uint8ClampedArray

/** A typed array of numbers, as an embedding is one: an array to JSON. */
const isNumbers = (value: unknown): value is ArrayLike<unknown> => ArrayBuffer.isView(value) && !isBytes(value)

/** A `Map`, a `Blob`, an `Error`, an object with private fields alone: it would be `{}` without a word. */
const isLost = (value: unknown): value is object => {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length > 0) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype !== null && prototype !== Object.prototype
}
