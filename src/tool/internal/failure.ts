/**
 * What a tool failed of, as an error of ours and in words.
 */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as ToolError from "../ToolError.ts"

/** The error for a failure of any kind: what an Effect failed with, what a function threw, what a promise was rejected with. */
export const toToolError = (tool: string, cause: unknown): ToolError.ToolError =>
  cause instanceof ToolError.ToolError
    ? cause
    : new ToolError.ToolError({ tool, reason: new ToolError.Failed({ description: inWords(cause), cause }) })

/** What a failure says of itself: its message, else its tag and its fields. Never its stack. */
export const inWords = (failure: unknown): string => {
  if (typeof failure === "string" && failure !== "") return failure
  if (typeof failure !== "object" || failure === null) return `it failed with ${String(failure)}`
  if (Predicate.hasProperty(failure, "message") && typeof failure.message === "string" && failure.message !== "") {
    return failure.message
  }
  const name = Predicate.hasProperty(failure, "_tag")
    ? String(failure._tag)
    : failure instanceof Error
    ? failure.name
    : ""
  const fields = Object.entries(failure).filter(([key]) => !unsaid.has(key))
  const said = fields.length === 0 ? undefined : json(Object.fromEntries(fields))
  return [name, said].filter((part) => part !== undefined && part !== "").join(" ") || "it failed and did not say why"
}

const unsaid = new Set(["_tag", "name", "message", "stack", "cause"])

const json = (value: unknown): string | undefined =>
  Result.getOrUndefined(Result.try(() => JSON.stringify(value)))?.slice(0, 2000)
