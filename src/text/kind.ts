/**
 * What a value is that stands where something else is wanted, in words for who wrote it there.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** The kind of a value, and nothing of its content: `a string`, `a promise`, `a schema of zod`. */
export const kindOf = (value: unknown): string => {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return "a list"
  if (Effect.isEffect(value)) return "an Effect"
  if (Predicate.isPromiseLike(value)) return "a promise"
  // The interface that libraries of schemas have in common, see standardschema.dev.
  const standard = Predicate.hasProperty(value, "~standard") ? value["~standard"] : undefined
  if (Predicate.hasProperty(standard, "vendor")) return `a schema of ${String(standard.vendor)}`
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}
