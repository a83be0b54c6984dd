/**
 * What HTTP and JSON can hold: looked at before it is sent, since afterwards it would pass for a failed connection.
 */
import * as Result from "effect/Result"
import * as Secrets from "./secrets.ts"

/** Why a text cannot be sent in a header, if so. The text is not shown. */
export const headerProblem = (what: string, value: string, name = "x"): string | undefined =>
  Result.isSuccess(Result.try(() => new Headers([[name, value]])))
    ? undefined
    : `${what} cannot be sent in an HTTP header: it has a line break or a character that is not Latin-1. Check what was ` +
      "copied: it may hold quotation marks, an ellipsis or a second line"

/** Why a value cannot be written as JSON, if so. */
export const jsonProblem = (what: string, value: unknown): string | undefined => {
  const written = Result.try(() => JSON.stringify(Secrets.reveal(value)))
  if (Result.isSuccess(written)) return undefined
  const [why] = (written.failure instanceof Error ? written.failure.message : String(written.failure)).split("\n")
  return `${what} cannot be written as JSON (${why}): it takes plain data without cycles, and numbers in place of BigInt`
}
