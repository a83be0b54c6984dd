/**
 * Why an MCP server cannot be used.
 */
import * as Schema from "effect/Schema"

const reason = <Tag extends string>(tag: Tag) => ({ _tag: Schema.tag(tag), description: Schema.String })

/** Nothing answers at the URL, the program cannot be started, or it ended before it answered. */
export class Unreachable
  extends Schema.Error<Unreachable>("effect-lm/tool/McpError/Unreachable")(reason("Unreachable"))
{}

/** The URL answers with a status that is none of success. */
export class HttpStatus extends Schema.Error<HttpStatus>("effect-lm/tool/McpError/HttpStatus")({
  ...reason("HttpStatus"),
  status: Schema.Int
}) {}

/** Connecting, or listing the tools, took longer than it may. */
export class TimedOut extends Schema.Error<TimedOut>("effect-lm/tool/McpError/TimedOut")(reason("TimedOut")) {}

/** What is there answers something else than an MCP server should. */
export class NotUnderstood
  extends Schema.Error<NotUnderstood>("effect-lm/tool/McpError/NotUnderstood")(reason("NotUnderstood"))
{}

export const Reason = Schema.Union([Unreachable, HttpStatus, TimedOut, NotUnderstood])
export type Reason = typeof Reason.Type

/**
 * The tools of `server`, which is the command or the URL, could not be had. It holds nothing of headers, environment, query
 * and credentials.
 */
export class McpError extends Schema.TaggedError<McpError>("effect-lm/tool/McpError")("McpError", {
  server: Schema.String,
  reason: Reason
}) {
  override get message(): string {
    return `${this.server}: ${this.reason.description}`
  }
}
