/**
 * Faults of a user's own code: where they are.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { ProgramError } from "../ProgramError.ts"

/** What went wrong, in words, and where, unless that is no more than the program means to say. */
export interface Fault {
  readonly error: unknown
  readonly words: string
  readonly place: string | undefined
}

/** The program that runs, and where it was found. */
export interface Source {
  readonly name: string
  /** The file and its export, where it is in one. */
  readonly at: string | undefined
}

const Source = Context.Service<Source>("effect-lm/cli/internal/fault/Source")

/** What a run failed of. */
export const of = (cause: Cause.Cause<unknown>): Fault => {
  const failure = Option.getOrUndefined(Cause.findErrorOption(cause))
  // Effect wraps what a function has thrown in an `UnknownError`: the fault is what was thrown.
  const error = Cause.isUnknownError(failure) && failure.cause !== undefined ? failure.cause : Cause.squash(cause)
  const thrown = error instanceof ProgramError ? error.cause : error
  const source = Context.getOrUndefined(Cause.annotations(cause), Source)
  const isMeant = failure === error && thrown === error && hasMessage(error)
  return {
    error,
    words: source === undefined || error instanceof Error || hasMessage(error)
      ? inWords(error)
      : `${source.name} failed of ${inWords(error)}`,
    place: isMeant ? undefined : placeOf(thrown) ?? tracedPlace(cause) ?? (source && placeOfSource(source))
  }
}

/** A run of the program: its faults are found there where they have no other place. */
export const within = (source: Source) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.catchCause(self, (cause) => Effect.failCause(Cause.annotate(cause, Context.make(Source, source))))

/** An error in words. */
export const inWords = (error: unknown): string =>
  hasMessage(error)
    ? error.message
    : error instanceof Error
    ? error.name
    : Formatter.format(error)

const hasMessage = (error: unknown): error is { readonly message: string } =>
  Predicate.hasProperty(error, "message") && typeof error.message === "string" && error.message !== ""

const placeOfSource = ({ at, name }: Source): string => at === undefined ? name : `${at} (${name})`

/** Where the function of `Effect.fn` is that had the fault: what Effect throws itself has no stack of a user's. */
const tracedPlace = (cause: Cause.Cause<unknown>): string | undefined => {
  const lines = Cause.prettyErrors(cause)[0]?.stack?.split("\n") ?? []
  return placeOf({ stack: lines.filter((line) => line.includes("(definition)")).join("\n") })
}

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
