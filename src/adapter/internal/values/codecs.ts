/**
 * Strings of which a schema makes a number, a date or a URL.
 *
 * The codecs of these take far more than anybody would call one: `new Date` makes a day in May of `Item 5` and March of
 * `2026-02-30`, `Number` zero of nothing, `new URL` a scheme of `Answer:`. So a string has to say the value in one way before
 * a codec sees it. Codecs of a program's own are not touched.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { dayFromString } from "../../../signature/CalendarDate.ts"
import type { FieldIssue, FieldSchema } from "../../../signature/Field.ts"
import { canHold } from "../../../text/json/word.ts"
import { membersOf } from "../../../text/members.ts"
import { arrayOfSet, isSet } from "../../../text/sets.ts"
import { dateIn, dayIn, zonedDateIn } from "./dates.ts"
import { numeralIn, urlIn } from "./words.ts"

/** The value in a text, in the spelling that the codec reads; undefined where the text does not say it in one way. */
type Meant = (text: string) => string | undefined

interface Kind {
  readonly expected: string
  readonly meant: Meant
}

/** A numeral without signs and marks that say nothing. */
const decimal = (text: string, isInteger: boolean): string | undefined => {
  const word = numeralIn(text, isInteger)?.replace(/^\+/, "").replace(/\.(?!\d)/, "").replace(/^(-?)(?=\.)/, "$10")
  return word === "-0" ? "0" : word
}

const decimals: Kind = { expected: "a number", meant: (text) => decimal(text, false) }
const integers: Kind = { expected: "a whole number", meant: (text) => decimal(text, true) }
const numbers: Kind = {
  expected: "a number",
  meant: (text) => {
    if (text === "NaN" || text === "Infinity" || text === "-Infinity") return text
    const word = decimal(text, false)
    return word !== undefined && canHold(word, false) ? word : undefined
  }
}
const dates: Kind = { expected: "a date in ISO 8601", meant: dateIn }
const days: Kind = { expected: "a date as YYYY-MM-DD", meant: dayIn }
const zonedDates: Kind = { expected: "a date in ISO 8601 with its time zone", meant: zonedDateIn }
const urls: Kind = { expected: "a URL", meant: urlIn }

/**
 * The step that makes the value of a JSON value. The step that fills in a default is passed over: it changes no value that is
 * there.
 */
export const stepOf = (ast: SchemaAST.AST): SchemaAST.Link | undefined =>
  ast.encoding?.findLast(({ to }, index, links) =>
    to.context?.isOptional !== true || (index === 0 ? ast : links[index - 1]!.to).context?.isOptional === true
  )

const transformationOf = (ast: SchemaAST.AST): unknown => stepOf(ast)?.transformation

/** The transformations of both modules that have them: they are not always the same. */
const kinds: ReadonlyMap<unknown, Kind> = new Map([
  [SchemaTransformation.numberFromString, numbers],
  [SchemaTransformation.bigintFromString, integers],
  [SchemaTransformation.bigDecimalFromString, decimals],
  [transformationOf(Schema.BigDecimalFromString.ast), decimals],
  [SchemaTransformation.dateFromString, dates],
  [SchemaTransformation.dateTimeUtcFromString, dates],
  [transformationOf(Schema.DateTimeUtcFromString.ast), dates],
  [dayFromString, days],
  [SchemaTransformation.dateTimeZonedFromString, zonedDates],
  [transformationOf(Schema.DateTimeZonedFromString.ast), zonedDates],
  [SchemaTransformation.urlFromString, urls]
])

const kindOf = (ast: SchemaAST.AST): Kind | undefined => kinds.get(transformationOf(ast))

/** What a text means for the codec of a scalar: the text itself, where it is not one of these. */
export const meantFor = (ast: SchemaAST.AST): Meant | undefined => kindOf(ast)?.meant

/** Finds the first string in a JSON value that its codec would read as something that it does not say. */
export type Refusal = (json: unknown, path: FieldIssue["path"]) => FieldIssue | undefined

/** Looks for refused strings where a schema has one of these codecs; undefined where it has none. */
export const refusalOf = (schema: FieldSchema): Refusal | undefined => {
  if (known.has(schema)) return known.get(schema)
  const { ast } = Schema.toCodecJson(schema)
  const refusal: Refusal | undefined = hasKind(ast, new Set()) ? (json, path) => refused(ast, json, path) : undefined
  known.set(schema, refusal)
  return refusal
}

const known = new WeakMap<FieldSchema, Refusal | undefined>()

const hasKind = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST>): boolean => {
  if (seen.has(ast)) return false
  seen.add(ast)
  return kindOf(ast) !== undefined || innerOf(ast).some((inner) => hasKind(inner, seen))
}

const innerOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> => {
  if (isSet(ast)) return arrayOfSet(ast).rest
  const encoded = ast.encoding?.[ast.encoding.length - 1]
  return encoded === undefined ? membersOf(ast) : [encoded.to]
}

const refused = (ast: SchemaAST.AST, json: unknown, path: FieldIssue["path"]): FieldIssue | undefined => {
  if (isSet(ast)) return refused(arrayOfSet(ast), json, path)
  const kind = kindOf(ast)
  if (kind !== undefined) {
    return typeof json !== "string" || kind.meant(json) === json
      ? undefined
      : { path, message: `expected ${kind.expected}` }
  }
  const encoded = ast.encoding?.[ast.encoding.length - 1]
  if (encoded !== undefined) return refused(encoded.to, json, path)
  switch (ast._tag) {
    case "Suspend":
      return refused(ast.thunk(), json, path)
    case "Union": {
      const taken = ast.types.find((type) => takes(type, json))
      return taken === undefined ? undefined : refused(taken, json, path)
    }
    case "Arrays":
      return Array.isArray(json)
        ? firstOf(json.entries(), ([index, item]) => {
          const type = ast.elements[index] ?? ast.rest[0]
          return type === undefined ? undefined : refused(type, item, [...path, index])
        })
        : undefined
    case "Objects":
      return typeof json === "object" && json !== null
        ? firstOf(Object.entries(json), ([key, value]) => {
          const type = ast.propertySignatures.find(({ name }) => name === key)?.type ?? ast.indexSignatures[0]?.type
          return type === undefined ? undefined : refused(type, value, [...path, key])
        })
        : undefined
    default:
      return undefined
  }
}

const takes = (ast: SchemaAST.AST, json: unknown): boolean => {
  let guard = guards.get(ast)
  if (guard === undefined) {
    const schema: Schema.ConstraintCodec<unknown, unknown> = Schema.make(ast)
    const decode = SchemaParser.decodeUnknownResult(schema)
    guard = (value) => Result.isSuccess(decode(value))
    guards.set(ast, guard)
  }
  return guard(json)
}

const guards = new WeakMap<SchemaAST.AST, (json: unknown) => boolean>()

const firstOf = <A>(items: Iterable<A>, find: (item: A) => FieldIssue | undefined): FieldIssue | undefined => {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
