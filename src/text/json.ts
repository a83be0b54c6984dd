/**
 * JSON values, and values as JSON text.
 */
import * as Result from "effect/Result"

/** A JSON object, nothing known of its members. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** Whether the value is a JSON object. */
export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The value's JSON, big numbers as strings; nothing where it has none (a function, a circle). */
export const toJson = (value: unknown): string | undefined =>
  Result.getOrUndefined(
    Result.try(() => JSON.stringify(value, (_, inner: unknown) => typeof inner === "bigint" ? String(inner) : inner))
  )
