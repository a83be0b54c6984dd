/**
 * Why an MCP server cannot be used.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const reason = <Tag extends string>(tag: Tag) => ({ _tag: Schema.tag(tag), description: Schema.String })

/**
 * Nothing answers at the URL, the program cannot be started, or it ended before it answered: with `exitCode`, unless a signal
 * ended it.
 */
export class Unreachable extends Schema.Error<Unreachable>("effect-lm/tool/McpError/Unreachable")({
  ...reason("Unreachable"),
  exitCode: Schema.optionalKey(Schema.Int)
}) {}

/** The URL answers with a status that is none of success; `retryAfter` is how long the server wants to be left alone. */
export class HttpStatus extends Schema.Error<HttpStatus>("effect-lm/tool/McpError/HttpStatus")({
  ...reason("HttpStatus"),
  status: Schema.Int,
  retryAfter: Schema.optionalKey(Schema.Duration)
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
 * The tools of `server`, which is the command or the URL, could not be had, or a call of one was not answered. It holds
 * nothing of headers, environment, query and credentials. `stderr` is the last lines of a program's standard error.
 */
export class McpError extends Schema.TaggedError<McpError>("effect-lm/tool/McpError")("McpError", {
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
