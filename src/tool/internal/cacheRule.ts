/**
 * How a tool says that its results may be kept.
 */
import type * as Duration from "effect/Duration"
import type * as Result from "effect/Result"
import type { JsonRecord } from "../../text/json/values.ts"
import type { ToolError } from "../ToolError.ts"

/** How the results of one tool are kept. */
export interface Rule {
  readonly timeToLive: Duration.Duration
  readonly version: string
  /** The arguments as JSON, with their defaults. */
  readonly encode: (params: unknown) => Result.Result<JsonRecord, ToolError>
}
