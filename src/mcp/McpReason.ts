/**
 * Why an MCP server cannot be used: the reasons of an `McpError`, told apart by their `_tag`.
 */
import * as Schema from "effect/Schema"

const reason = <Tag extends string>(tag: Tag) => ({ _tag: Schema.tag(tag), description: Schema.String })

/**
 * Nothing answers at the URL, the program cannot be started, or it ended before it answered: with `exitCode`, unless a signal
 * ended it.
 */
export class Unreachable extends Schema.Error<Unreachable>("effect-lm/mcp/McpError/Unreachable")({
  ...reason("Unreachable"),
  exitCode: Schema.optionalKey(Schema.Int)
}) {}

/** The URL answers with a status that is no success; `retryAfter` is how long the server wants to be left alone. */
export class HttpStatus extends Schema.Error<HttpStatus>("effect-lm/mcp/McpError/HttpStatus")({
  ...reason("HttpStatus"),
  status: Schema.Int,
  retryAfter: Schema.optionalKey(Schema.Duration)
}) {}

/** Connecting, or listing the tools, took longer than it may. */
export class TimedOut extends Schema.Error<TimedOut>("effect-lm/mcp/McpError/TimedOut")(reason("TimedOut")) {}

/** The URL or the program answers, and not as an MCP server does. */
export class NotUnderstood
  extends Schema.Error<NotUnderstood>("effect-lm/mcp/McpError/NotUnderstood")(reason("NotUnderstood"))
{}

/** Any of them. */
export const Reason = Schema.Union([Unreachable, HttpStatus, TimedOut, NotUnderstood])
export type Reason = typeof Reason.Type
