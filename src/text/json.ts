/**
 * JSON values, and values as JSON text.
 */
import * as Formatter from "effect/Formatter"
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

/** The object as JSON on one line, without its end; a member that has no JSON (a circle) is shown in its place as text. */
export const toLine = (value: object): string => toJson(value) ?? toJson(withoutCircles(value)) ?? "null"

const withoutCircles = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, toJson(inner) === undefined ? Formatter.format(inner) : inner])
  )
