/**
 * Faults of a user's own code: where they are.
 */
import * as Cause from "effect/Cause"
import * as Formatter from "effect/Formatter"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { ProgramError } from "../ProgramError.ts"

/** What went wrong, as it is told, and where, if the error is none that a program is expected to fail of. */
export interface Fault {
  readonly error: unknown
  readonly place: string | undefined
}

/** What a run failed of. */
export const of = (cause: Cause.Cause<unknown>): Fault => {
  const failure = Option.getOrUndefined(Cause.findErrorOption(cause))
  // What Effect wraps was thrown where nobody said what it may be.
  const error = Cause.isUnknownError(failure) && failure.cause !== undefined ? failure.cause : Cause.squash(cause)
  const thrown = error instanceof ProgramError ? error.cause : error
  return { error, place: failure === error && thrown === error ? undefined : placeOf(thrown) }
}

/** An error in words. */
export const inWords = (error: unknown): string =>
  Predicate.hasProperty(error, "message") && typeof error.message === "string" && error.message !== ""
    ? error.message
    : error instanceof Error
    ? error.name
    : Formatter.format(error)

/** `FILE:LINE:COLUMN` of the first line of a stack that is a user's, and neither Node's, a package's nor this library's. */
const placeOf = (thrown: unknown): string | undefined => {
  if (!Predicate.hasProperty(thrown, "stack") || typeof thrown.stack !== "string") return undefined
  for (const line of thrown.stack.split("\n")) {
    const [, where, position] = /((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?)((?::\d+){1,2})\)?$/.exec(line) ?? []
    if (where === undefined || /[/\\]node_modules[/\\]/.test(where) || line.includes("node:")) continue
    const url = where.startsWith("file:") ? where : `file://${where}`
    if (!url.startsWith(library)) return `${where === url ? decodeURI(new URL(url).pathname) : where}${position}`
  }
  return undefined
}

const library = new URL("../../", import.meta.url).href
