/**
 * JSON values that somebody else wrote, and values as JSON text.
 */
import * as Result from "effect/Result"
import { isDeeperJson } from "../depth.ts"

// Models

/** A JSON object, nothing known of its members. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** JSON that is nested deeper than anybody needs. */
export class TooDeep extends Error {}

// Guards

/** Whether the value is a JSON object. */
export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Whether a member is there and says something. */
export const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== ""

// Reading and writing

/** Reads JSON text. What is nested too deep is not taken: to write it again, or to look through it, would take the stack. */
export const parse = (text: string): Result.Result<unknown, unknown> =>
  Result.try((): unknown => {
    const value: unknown = JSON.parse(text)
    if (text.length > deepest && isDeeperJson(value, deepest)) throw new TooDeep()
    return value
  })

const deepest = 500

/** The value if it is a string, else the empty string. */
export const asString = (value: unknown): string => typeof value === "string" ? value : ""

/** The value if it is a count, else 0. */
export const asCount = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0

/** The value's JSON, big numbers as strings; nothing where it has none (a function, a circle). */
export const toJson = (value: unknown): string | undefined =>
  Result.getOrUndefined(
    Result.try(() => JSON.stringify(value, (_, inner: unknown) => typeof inner === "bigint" ? String(inner) : inner))
  )
