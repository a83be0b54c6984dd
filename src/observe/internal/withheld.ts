/**
 * What is said of a failure where content is not recorded. Messages of errors may quote prompts, replies and results of tools:
 * only their kind, and where they happened, is left.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import { LMError } from "../../lm/LMError.ts"

/** What kind of error it is, in few different words: the tag of its reason, its own tag, or its name. */
export const errorType = (error: unknown): string => {
  if (Predicate.hasProperty(error, "reason") && Predicate.hasProperty(error.reason, "_tag")) {
    return String(error.reason._tag)
  }
  if (Predicate.hasProperty(error, "_tag")) return String(error._tag)
  return error instanceof Error ? error.name : "_OTHER"
}

/** The kind of the error that an exit failed of; nothing where it succeeded, or was interrupted. */
export const errorTypeOf = (exit: Exit.Exit<unknown, unknown>): string | undefined =>
  Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? undefined : errorType(Cause.squash(exit.cause))

/** The exit as a span may end with it. Errors of a language model stay: they say what the provider said of the request. */
export const withheld = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> => {
  if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return exit
  const error = Cause.squash(exit.cause)
  return Exit.fail(error instanceof LMError ? said(error, error.message) : said(error, "its message is not recorded"))
}

// Details

/** The same error with nothing but these words. */
const said = (error: unknown, message: string): Error => {
  const quiet = new Error(message)
  quiet.name = errorType(error)
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : []
  quiet.stack = [`${quiet.name}: ${message}`, ...frames].join("\n")
  return quiet
}
