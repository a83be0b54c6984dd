/**
 * Why an MCP server cannot be used.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { Reason } from "./McpReason.ts"

export * from "./McpReason.ts"

/**
 * The tools of `server`, which is the command or the URL, could not be listed, or a call of one was not answered. The
 * error has no headers, environment variables, queries and credentials. `stderr` is the last lines of a program's standard error.
 */
export class McpError extends Schema.TaggedError<McpError>("effect-lm/mcp/McpError")("McpError", {
  server: Schema.String,
  reason: Reason,
  stderr: Schema.optionalKey(Schema.String)
}) {
  /** How long the server wants to be left alone, if it said so. */
  get retryAfter(): Duration.Duration | undefined {
    return this.reason._tag === "HttpStatus" ? this.reason.retryAfter : undefined
  }

  override get message(): string {
    const stderr = this.stderr === undefined ? "" : `\nThe end of its standard error:\n${this.stderr}`
    return `${this.server}: ${this.reason.description}${stderr}`
  }
}
