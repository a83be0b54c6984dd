/**
 * Looking at JSON that somebody else wrote.
 */
import * as Result from "effect/Result"

/** Reads JSON text. */
export const parse = (text: string): Result.Result<unknown, unknown> => Result.try((): unknown => JSON.parse(text))

/** A JSON object, nothing known of its members. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** Whether the value is a JSON object. */
export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The value if it is a string, else the empty string. */
export const asString = (value: unknown): string => typeof value === "string" ? value : ""

/** The value if it is a count, else 0. */
export const asCount = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0
