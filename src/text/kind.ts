/**
 * Values in words, for messages about a value of the wrong kind.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** The kind of a value, and nothing of its content: `a string`, `a promise`, `a Layer`, `a schema of zod`. */
export const kindOf = (value: unknown): string => {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return "a list"
  if (Effect.isEffect(value)) return "an Effect"
  if (Predicate.isPromiseLike(value)) return "a promise"
  // The interface that libraries of schemas have in common, see standardschema.dev.
  const standard = Predicate.hasProperty(value, "~standard") ? value["~standard"] : undefined
  if (Predicate.hasProperty(standard, "vendor")) return `a schema of ${String(standard.vendor)}`
  return withArticle(markOf(value) ?? (typeof value === "object" ? classOf(value) : typeof value))
}

/** The value itself where it is a text, a number or a truth value; a long text is cut. Of other values the kind. */
export const shown = (value: unknown): string => {
  if (typeof value === "string") {
    return value.length > 40
      ? `${JSON.stringify(value.slice(0, 40))}...`
      : JSON.stringify(value)
  }
  return typeof value === "number" || typeof value === "boolean" ? String(value) : kindOf(value)
}

/** Whether a function was written as a class, which nothing can call without `new`. */
export const isClass = (f: object): boolean => /^class\b/.test(Function.prototype.toString.call(f))

// Details

/** How Effect and this library mark values: `~effect/Layer`, `~effect-lm/module/Module`. */
const mark = /^~effect(?:-lm)?\/(?:\w+\/)*(\w+)$/

const markOf = (value: unknown): string | undefined => {
  for (let at: unknown = Object(value); at !== null; at = Object.getPrototypeOf(at)) {
    for (const key of Object.getOwnPropertyNames(at)) {
      const name = mark.exec(key)?.[1]
      if (name !== undefined) return name
    }
  }
  return undefined
}

/** What classes of the language and the platform call themselves: `Map`, `Date`, `Headers`. */
const classOf = (value: object): string => {
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1)
  return tag === "Object" ? "object" : tag
}

const withArticle = (noun: string): string => `${/^[aeio]/i.test(noun) ? "an" : "a"} ${noun}`
