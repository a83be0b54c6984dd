/**
 * A schema's checks and description, in words.
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { isSet } from "../../text/sets.ts"
import type { FieldSchema } from "../Field.ts"
import { codeOf } from "./code.ts"
import { encodedAST } from "./shape.ts"

/** The description on the key (`annotateKey`), else on the schema (`annotate`). */
export const descriptionOf = (schema: FieldSchema): string | undefined => {
  const key = Schema.resolveAnnotationsKey(schema)?.description
  if (key !== undefined) return key
  const own = Schema.resolveAnnotations(schema)?.description
  // A schema with checks keeps its annotations on the last of them. What only a custom check says is its constraint.
  const last = schema.ast.checks?.at(-1)
  return last !== undefined && constraintOf(last, schema.ast) === own ? undefined : own
}

/** The checks of the schema in words, in order; those of an array's items after those of the array. */
export const constraintsOf = (schema: FieldSchema): ReadonlyArray<string> => constraints(schema.ast)

const constraints = (ast: SchemaAST.AST): ReadonlyArray<string> => [
  ...form(ast),
  ...(ast.checks ?? []).flatMap((check) => constraintOf(check, ast) ?? []),
  ...inner(ast)
]

const inner = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (SchemaAST.isArrays(ast) && ast.elements.length === 0 && ast.rest.length === 1) {
    return constraints(ast.rest[0]!).map((words) => `each item ${words}`)
  }
  if (!SchemaAST.isUnion(ast)) return []
  const members = ast.types.filter((member) => !SchemaAST.isNull(member) && !SchemaAST.isUndefined(member))
  return members.length === 1 ? constraints(members[0]!) : []
}

/** How a value is written as text, where the type has no word for it. */
const form = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (isSet(ast)) return ["no item twice", ...constraints(ast.typeParameters[0]!).map((words) => `each item ${words}`)]
  const encoded = encodedAST(Schema.make(ast))
  if (!SchemaAST.isString(encoded)) return []
  const code = codeOf(ast)
  if (code !== undefined) {
    return [`${code.language === undefined ? "" : `${code.language} `}code alone, without a code fence around it`]
  }
  const format = encoded.annotations?.format
  const words = typeof format === "string"
    ? formats.get(format) ?? `in the format ${format}`
    : SchemaAST.isBigInt(ast)
    ? "a whole number"
    : forms.get(declarationId(ast))
  return words === undefined ? [] : [words]
}

const forms = new Map([
  ["effect/schema/Date", "a date and time in ISO 8601"],
  ["effect/schema/DateTimeUtc", "a date and time in ISO 8601"],
  ["effect/schema/BigDecimal", "a decimal number"],
  ["effect/schema/URL", "a URL"]
])

/** Formats of JSON Schema that have better words than their name. */
const formats = new Map([
  ["date-time", "a date and time in ISO 8601"],
  ["date", "a date as YYYY-MM-DD"]
])

export const declarationId = (ast: SchemaAST.AST): string => {
  const representation = SchemaAST.isDeclaration(ast) ? ast.annotations?.representation : undefined
  return Predicate.hasProperty(representation, "id") ? String(representation.id) : ""
}

/** One check in words, unless the type's name says it. */
export const constraintOf = (check: SchemaAST.Check<never>, ast?: SchemaAST.AST): string | undefined => {
  const annotations = check.annotations
  const representation = annotations?.representation
  if (representation !== undefined) {
    const known = words(representation.id, representation.payload as Payload, ast)
    if (known !== undefined) return known
    if (silent.has(representation.id)) return undefined
  }
  if (check._tag === "FilterGroup") {
    const all = check.checks.flatMap((inner) => constraintOf(inner, ast) ?? [])
    if (all.length > 0) return all.join(" and ")
  }
  return annotations?.title ?? annotations?.expected ?? annotations?.message ?? annotations?.description
}

/** The check of a date: only the program sees it as a time. */
export const isWholeDay = "effect-lm/signature/isWholeDay"

/** Checks that the type's name or its form already says. */
const silent = new Set(["effect/schema/isInt", "effect/schema/isFinite", isWholeDay])

type Payload = Readonly<Record<string, never>>

const words = (id: string, payload: Payload, ast: SchemaAST.AST | undefined): string | undefined => {
  const length = (n: number) => ast?._tag === "String" ? count(n, "character") : count(n, "item")
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
      return payload.exclusiveMinimum || payload.exclusiveMaximum
        ? `${payload.exclusiveMinimum ? "greater than" : "at least"} ${payload.minimum} and ${
          payload.exclusiveMaximum ? "less than" : "at most"
        } ${payload.maximum}`
        : `between ${payload.minimum} and ${payload.maximum}`
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
    case "isPattern":
      return `matches /${payload.source}/${payload.flags}`
    default:
      return undefined
  }
}

const count = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? "" : "s"}`
