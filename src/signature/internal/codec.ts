/**
 * From a field's values to JSON and back, and the check of what a caller gave.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import { isRecord } from "../../text/json/values.ts"
import { kindOf } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import { isSet } from "../../text/sets.ts"
import { isMedia, type Kind } from "../Content.ts"
import type { FieldIssue, FieldSchema } from "../Field.ts"
import { constraintOf } from "./constraints.ts"
import * as Advice from "./content/advice.ts"
import { kindOf as contentOf } from "./content/kinds.ts"
import { isOfDocuments } from "./marks.ts"

type Issues = ReadonlyArray<FieldIssue>
type Run = (value: unknown) => Result.Result<unknown, Issues>
type RunAbsent = () => Result.Result<Option.Option<unknown>, Issues>

const all = { errors: "all" } as const

// A struct of the one field does the work: its defaults apply, and the paths of issues begin with its name.
const alone = (name: string, schema: FieldSchema) => Schema.Struct({ [name]: schema })

/** From the JSON value to the field's value. */
export const decoder = (name: string, schema: FieldSchema): Run => {
  const isPlain = plainGuard(schema)
  const run = fieldDecoder(name, schema)
  return (json) =>
    isPlain?.(json) === true ? Result.succeed(json) : Result.map(run({ [name]: json }), (fields) => fields[name])
}

/** From the field's value to its JSON value. */
export const encoder = (name: string, schema: FieldSchema): Run => {
  const isPlain = plainGuard(schema)
  const run = SchemaParser.encodeUnknownResult(Schema.toCodecJson(alone(name, schema)), all)
  return (value) =>
    isPlain?.(value) === true
      ? Result.succeed(value)
      : Result.mapError(run({ [name]: value }), issuesOf({ [name]: value })).pipe(
        Result.map((fields) => (fields as Record<string, unknown>)[name]),
        Result.flatMap((made) => kept(name, value, made))
      )
}

/** Checks a value of the field's type, and fills in what is missing inside it and has a default. */
export const validator = (name: string, schema: FieldSchema): Run => {
  const isPlain = plainGuard(schema)
  const run = fieldMaker(name, schema)
  return (value) =>
    isPlain?.(value) === true
      ? Result.succeed(value)
      : Result.flatMap(run({ [name]: value }), (fields) => kept(name, value, fields[name]))
}

/** What the field becomes where JSON does not have it. */
export const absentDecoder = (name: string, schema: FieldSchema, nullable: boolean): RunAbsent => {
  const decode = fieldDecoder(name, schema)
  const make = fieldMaker(name, schema)
  return () =>
    presence(name, decode({})).pipe(
      Result.orElse(() => presence(name, make({}))),
      Result.orElse((issues) => nullable ? presence(name, decode({ [name]: null })) : Result.fail(issues)),
      Result.mapError(() => missing(name))
    )
}

/** What the field becomes where a caller did not give it. */
export const absentValidator = (name: string, schema: FieldSchema): RunAbsent => {
  const make = fieldMaker(name, schema)
  return () => Result.mapError(presence(name, make({})), () => missing(name))
}

type RunFields = (fields: Readonly<Record<string, unknown>>) => Result.Result<Readonly<Record<string, unknown>>, Issues>

const fieldDecoder = (name: string, schema: FieldSchema): RunFields => {
  const run = SchemaParser.decodeUnknownResult(Schema.toCodecJson(alone(name, schema)), all)
  return (fields) => Result.mapError(run(fields), issuesOf(fields, Advice.insteadInJson))
}

const fieldMaker = (name: string, schema: FieldSchema): RunFields => {
  const run = SchemaParser.makeEffect(alone(name, schema))
  return (fields) =>
    Result.mapError(Effect.runSync(Effect.result(run(fields, { parseOptions: all }))), issuesOf(fields))
}

const presence = (name: string, result: ReturnType<RunFields>): Result.Result<Option.Option<unknown>, Issues> =>
  Result.map(result, (fields) => Object.hasOwn(fields, name) ? Option.some(fields[name]) : Option.none())

const missing = (name: string): Issues => [{ path: [name], message: isMissing }]

// Lost content

/**
 * Finds content that a schema has lost. Where it wants an object, a schema reads a `Map`, a `Date` or a promise as an empty
 * object, without an issue. Here each of these is an issue.
 */
const kept = (name: string, value: unknown, made: unknown): Result.Result<unknown, Issues> => {
  const issues = lost(value, made, [name])
  return issues.length === 0 ? Result.succeed(made) : Result.fail(issues)
}

const lost = (value: unknown, made: unknown, path: FieldIssue["path"]): Issues => {
  if (made === value || typeof value !== "object" || value === null) return []
  if (Array.isArray(value)) {
    return Array.isArray(made) ? value.flatMap((item, index) => lost(item, made[index], [...path, index])) : []
  }
  if (!isRecord(made)) return []
  if (Kinds.isObject(value)) {
    return Object.keys(value).flatMap((key) =>
      Object.hasOwn(made, key) ? lost(value[key], made[key], [...path, key]) : []
    )
  }
  return Kinds.isPlain(made) && !Object.keys(made).some((key) => key in value)
    ? [{ path, message: `is ${kindOf(value)} and no object${Kinds.ofEntries(value)}` }]
    : []
}

// Issues

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** What is wrong, without the values: they may be long, or secret. `instead` says what to write for what is no content. */
const issuesOf = (values: unknown, instead = Advice.instead) => {
  const collect = (issue: SchemaIssue.Issue, path: FieldIssue["path"]): Issues => {
    const advice = adviceOn(issue, () => valueAt(values, path), instead)
    if (advice !== undefined) return [{ path, message: advice }]
    switch (issue._tag) {
      case "Pointer":
        return collect(issue.issue, [...path, ...issue.path.map(pathKey)])
      case "Encoding":
        return collect(issue.issue, path)
      case "Composite":
        // Effect's path to an item of a set has a word that JSON has not.
        return issue.issues.flatMap((inner) =>
          collect(inner._tag === "Pointer" && isSet(issue.ast) ? inner.issue : inner, path)
        )
      case "AnyOf":
        return issue.issues.length === 0
          ? leaf(issue, path)
          : alternatives(issue.issues.map((inner) => collect(inner, path)))
      default:
        return leaf(issue, path)
    }
  }
  return (issue: SchemaIssue.Issue): Issues => collect(issue, [])
}

/** What to write in the place of a value that is of another type, where content is wanted, or is bytes. */
const adviceOn = (
  issue: SchemaIssue.Issue,
  value: () => unknown,
  instead: (kind: Kind, value: unknown) => string
): string | undefined => {
  if (issue._tag === "Composite") {
    const wanted = contentOf(issue.ast)
    const given = wanted === undefined ? undefined : value()
    return wanted === undefined || isMedia(given) && given._tag === wanted ? undefined : instead(wanted, given)
  }
  if (issue._tag !== "InvalidType" && !(issue._tag === "AnyOf" && issue.issues.length === 0)) return undefined
  const members = contentOf(issue.ast) === undefined && SchemaAST.isUnion(issue.ast) ? issue.ast.types : [issue.ast]
  const kind = members.map(contentOf).find((kind) => kind !== undefined)
  if (kind !== undefined) return instead(kind, value())
  if (instead === Advice.instead && members.some(isOfDocuments)) return Advice.insteadOfDocument(value())
  return Advice.isBytes(value()) ? Advice.insteadOfBytes(value()) : undefined
}

const valueAt = (values: unknown, path: FieldIssue["path"]): unknown =>
  path.reduce((value: unknown, key) => Predicate.hasProperty(value, key) ? value[key] : undefined, values)

/** Members of a union that are all wrong in one place are one issue: `expected string or null`. */
const alternatives = (issues: ReadonlyArray<Issues>): Issues => {
  const flat = issues.flat()
  const [first] = flat
  if (
    first === undefined ||
    !flat.every(({ message, path }) => message.startsWith(expected) && samePath(path, first.path))
  ) {
    return flat
  }
  const wanted = new Set(flat.map(({ message }) => message.slice(expected.length)))
  return [{ path: first.path, message: expected + [...wanted].join(" or ") }]
}

const leaf = (issue: SchemaIssue.Issue, path: FieldIssue["path"]): Issues =>
  format(issue).issues.map((found) => ({
    path: [...path, ...(found.path ?? []).map((part) => pathKey(typeof part === "object" ? part.key : part))],
    message: messageOf(issue, found.message)
  }))

const messageOf = (issue: SchemaIssue.Issue, message: string): string => {
  if (issue._tag === "MissingKey" && message === "Missing key") return isMissing
  // Effect's message for a custom check without a message of its own.
  if (issue._tag === "Filter" && message === "Expected <filter>") {
    const words = constraintOf(issue.filter)
    return words === undefined ? "is not allowed" : `is not ${words}`
  }
  return message.replace(/^Expected /, expected).replace(beyondJson, "number")
}

/** How Effect's JSON has infinite numbers: as texts. A model that is told of them would take them for answers. */
const beyondJson = /(?:number \| )?"Infinity" \| "-Infinity" \| "NaN"/

const expected = "expected "
const isMissing = "is missing"

const pathKey = (key: PropertyKey): string | number => typeof key === "number" ? key : String(key)

const samePath = (a: FieldIssue["path"], b: FieldIssue["path"]): boolean =>
  a.length === b.length && a.every((key, i) => key === b[i])

// Plain values

/** A guard for the values that are their own JSON: most fields need no more than this. */
export const plainGuard = (schema: FieldSchema): ((value: unknown) => boolean) | undefined => {
  const ast = schema.ast
  if (!isPlain(ast)) return undefined
  return SchemaAST.isString(ast) && ast.checks === undefined
    ? (value) => typeof value === "string"
    : SchemaParser.is(schema)
}

const isPlain = (ast: SchemaAST.AST): boolean => {
  if (ast.encoding !== undefined) return false
  switch (ast._tag) {
    case "String":
    case "Boolean":
    case "Null":
      return true
    case "Literal":
      return typeof ast.literal !== "bigint"
    case "Number":
      return ast.checks?.some((check) => finite.has(check.annotations?.representation?.id ?? "")) === true
    case "Arrays":
      return ast.elements.length === 0 && ast.rest.length === 1 && isPlain(ast.rest[0]!)
    case "Union":
      return ast.types.every(isPlain)
    default:
      return false
  }
}

const finite = new Set(["effect/schema/isFinite", "effect/schema/isInt"])
