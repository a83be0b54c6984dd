/**
 * Looking at JSON that somebody else wrote.
 */
import * as Result from "effect/Result"

/** Reads JSON text. What is nested too deep is not taken: to write it again, or to look through it, would take the stack. */
export const parse = (text: string): Result.Result<unknown, unknown> =>
  Result.try((): unknown => {
    const value: unknown = JSON.parse(text)
    if (text.length > deepest && isDeeper(value, deepest)) throw new TooDeep()
    return value
  })

/** JSON that is nested deeper than anybody needs. */
export class TooDeep extends Error {}

const deepest = 500

const isDeeper = (value: unknown, than: number): boolean => {
  if (typeof value !== "object" || value === null) return false
  if (than === 0) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (isDeeper(member, than - 1)) return true
  }
  return false
}

/** A JSON object, nothing known of its members. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** Whether the value is a JSON object. */
export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Whether a member is there and says something. */
export const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== ""

/** The value if it is a string, else the empty string. */
export const asString = (value: unknown): string => typeof value === "string" ? value : ""

/** The value if it is a count, else 0. */
export const asCount = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0
