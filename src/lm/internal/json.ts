/**
 * Looking at JSON that somebody else wrote.
 */
import * as Result from "effect/Result"
import { isDeeperJson } from "../../text/depth.ts"
import { isRecord, type JsonRecord } from "../../text/json.ts"

/** Reads JSON text. What is nested too deep is not taken: to write it again, or to look through it, would take the stack. */
export const parse = (text: string): Result.Result<unknown, unknown> =>
  Result.try((): unknown => {
    const value: unknown = JSON.parse(text)
    if (text.length > deepest && isDeeperJson(value, deepest)) throw new TooDeep()
    return value
  })

/** JSON that is nested deeper than anybody needs. */
export class TooDeep extends Error {}

const deepest = 500

export { isRecord, type JsonRecord }

/** Whether a member is there and says something. */
export const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== ""

/** The value if it is a string, else the empty string. */
export const asString = (value: unknown): string => typeof value === "string" ? value : ""

/** The value if it is a count, else 0. */
export const asCount = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0
