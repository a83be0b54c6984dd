/**
 * A schema's checks and description, in words.
 */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type { FieldSchema } from "../Field.ts"

/** The description on the key (`annotateKey`), else on the schema (`annotate`). */
export const descriptionOf = (schema: FieldSchema): string | undefined => {
  const key = Schema.resolveAnnotationsKey(schema)?.description
  if (key !== undefined) return key
  const own = Schema.resolveAnnotations(schema)?.description
  // A schema with checks keeps its annotations on the last of them. What only a custom check says is its constraint.
  const last = schema.ast.checks?.at(-1)
  return last !== undefined && constraint(last, schema.ast) === own ? undefined : own
}

/** The checks of the schema in words, in order. */
export const constraintsOf = (schema: FieldSchema): ReadonlyArray<string> =>
  (schema.ast.checks ?? []).flatMap((check) => constraint(check, schema.ast) ?? [])

const constraint = (check: SchemaAST.Check<never>, ast: SchemaAST.AST): string | undefined => {
  const annotations = check.annotations
  const representation = annotations?.representation
  if (representation !== undefined) {
    const known = words(representation.id, representation.payload as Payload, ast)
    if (known !== undefined) return known
    if (silent.has(representation.id)) return undefined
  }
  if (check._tag === "FilterGroup") {
    const all = check.checks.flatMap((inner) => constraint(inner, ast) ?? [])
    if (all.length > 0) return all.join(" and ")
  }
  return annotations?.title ?? annotations?.expected ?? annotations?.message ?? annotations?.description
}

/** Checks that the type's name already says. */
const silent = new Set(["effect/schema/isInt", "effect/schema/isFinite"])

type Payload = Readonly<Record<string, never>>

const words = (id: string, payload: Payload, ast: SchemaAST.AST): string | undefined => {
  const length = (n: number) => ast._tag === "String" ? count(n, "character") : count(n, "item")
  switch (id.slice("effect/schema/".length)) {
    case "isGreaterThan":
      return `greater than ${payload.exclusiveMinimum}`
    case "isGreaterThanOrEqualTo":
      return `at least ${payload.minimum}`
    case "isLessThan":
      return `less than ${payload.exclusiveMaximum}`
    case "isLessThanOrEqualTo":
      return `at most ${payload.maximum}`
    case "isBetween":
      return `between ${payload.minimum}${payload.exclusiveMinimum ? " (excluded)" : ""} and ${payload.maximum}${
        payload.exclusiveMaximum ? " (excluded)" : ""
      }`
    case "isMultipleOf":
      return `a multiple of ${payload.divisor}`
    case "isMinLength":
      return `at least ${length(payload.minLength!)}`
    case "isMaxLength":
      return `at most ${length(payload.maxLength!)}`
    case "isBetweenLength":
      return payload.minimum === payload.maximum
        ? `exactly ${length(payload.minimum!)}`
        : `between ${payload.minimum} and ${length(payload.maximum!)}`
    default:
      return undefined
  }
}

const count = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? "" : "s"}`
