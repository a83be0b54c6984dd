/**
 * Values as they are typed on a command line, read by a field's type.
 *
 * Free text is taken as it is, numbers and booleans are read as such, one of a few literals is matched; a list takes one
 * text per item, or a JSON array; of content there is a path or an address; anything else is JSON. What comes of it is the field's
 * value: nobody decodes it again.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Field, FieldIssue } from "../../signature/Field.ts"
import * as Contents from "./contents.ts"

/** How a value is typed. */
export type Kind = "text" | "number" | "boolean" | "literal" | "list" | "json"

/** How the values of a field are typed. */
export const kindOf = (field: Field): Kind => field.literals === undefined ? kindOfAST(encoded(field)) : "literal"

/**
 * The value that the texts mean (more than one only where each is an item of a list), or what was expected instead: a sentence
 * that begins with "Expected".
 */
export const read = (field: Field, texts: ReadonlyArray<string>): Result.Result<unknown, string> => {
  let issues: ReadonlyArray<FieldIssue> | undefined
  for (const candidate of candidates(field, texts)) {
    const decoded = field.decode(candidate)
    if (Result.isSuccess(decoded)) return Result.succeed(decoded.success)
    issues ??= decoded.failure
  }
  return Result.fail(problem(field, issues ?? []))
}

/** The same, where a text may be the path of a picture, a sound or a file: it is read. */
export const load = (field: Field, texts: ReadonlyArray<string>): Effect.Effect<unknown, string> => {
  const wanted = Contents.wanted(field)
  if (wanted === undefined || none(field, texts[0]!).length > 0) return Effect.fromResult(read(field, texts))
  // A list may be one JSON array; content may be JSON, too.
  const [whole] = texts.length === 1 ? json(texts[0]!) : []
  const given = wanted.isList && Array.isArray(whole) ? whole : typeof whole === "object" ? [whole] : texts
  return Effect.forEach(
    given,
    (one: unknown) => typeof one === "string" ? Contents.load(wanted.kind, one) : Effect.succeed(one)
  ).pipe(
    Effect.mapError((why) => `Expected ${Contents.expected(wanted)}; ${why}`),
    Effect.flatMap((loaded) => {
      const decoded = field.decode(wanted.isList ? loaded : loaded[0])
      return Effect.fromResult(Result.mapError(decoded, (issues) => problem(field, issues)))
    })
  )
}

/** What is wrong with a value, in a line: what was expected, then the issues that say more than that. */
const problem = (field: Field, issues: ReadonlyArray<FieldIssue>): string =>
  [
    `Expected ${expected(field)}`,
    ...issues.filter(({ message, path }) => path.length > 1 || !message.startsWith("expected ")).map(inWords)
  ].join("; ")

/** What a field takes, in words: `integer`, `a | b`, `Array<string> as JSON`. */
export const expected = (field: Field): string => {
  const wanted = Contents.wanted(field)
  if (wanted !== undefined) return [Contents.expected(wanted), ...field.constraints].join(", ")
  const kind = kindOf(field)
  const type = kind === "literal" ? (field.literals ?? []).join(" | ") : field.type
  const form = kind === "json" ? " as JSON" : kind === "list" ? ", item by item or as JSON" : ""
  return [`${type}${form}`, ...field.constraints].join(", ")
}

/** An issue without the field's name, which is said elsewhere. */
export const inWords = ({ message, path }: FieldIssue): string =>
  path.length > 1
    ? `${path.slice(1).map((key) => typeof key === "number" ? `item ${key + 1}` : key).join(", ")}: ${message}`
    : message

const candidates = (field: Field, texts: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  const kind = kindOf(field)
  if (kind === "list") {
    const item = itemOf(encoded(field))
    const items = texts.map((text) => {
      const [first = text] = values(kindOfAST(item), text)
      return first
    })
    const whole = texts.length === 1 ? json(texts[0]!).filter(Array.isArray) : []
    return [...whole, items]
  }
  const text = texts[0]!
  if (kind === "literal") {
    return [...(field.literals ?? []).filter((literal) => String(literal) === text), ...none(field, text)]
  }
  return kind === "text" ? [text] : [...none(field, text), ...values(kind, text)]
}

/** What one text may mean, likeliest first. */
const values = (kind: Kind, text: string): ReadonlyArray<unknown> => {
  switch (kind) {
    case "number":
      return number.test(text.trim()) ? [Number(text)] : []
    case "boolean":
      return truth.has(text) ? [truth.get(text)] : []
    case "text":
    case "literal":
      return [text]
    default:
      return [...json(text), text]
  }
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

const truth: ReadonlyMap<string, boolean> = new Map([["true", true], ["yes", true], ["false", false], ["no", false]])

const none = (field: Field, text: string): ReadonlyArray<null> => field.nullable && text === "null" ? [null] : []

const json = (text: string): ReadonlyArray<unknown> => {
  const parsed = Result.try((): unknown => JSON.parse(text))
  return Result.isSuccess(parsed) ? [parsed.success] : []
}

// Types

const encoded = (field: Field): SchemaAST.AST => SchemaAST.toEncoded(Schema.toCodecJson(field.schema).ast)

const kindOfAST = (ast: SchemaAST.AST): Kind => {
  const members = membersOf(ast)
  const are = (guard: (ast: SchemaAST.AST) => boolean) => members.length > 0 && members.every(guard)
  return are((member) => SchemaAST.isString(member) || SchemaAST.isTemplateLiteral(member) || isText(member))
    ? "text"
    : are(SchemaAST.isNumber)
    ? "number"
    : are(SchemaAST.isBoolean)
    ? "boolean"
    : members.length === 1 && isList(members[0]!)
    ? "list"
    : "json"
}

const isText = (ast: SchemaAST.AST): boolean => SchemaAST.isLiteral(ast) && typeof ast.literal === "string"

const isList = (ast: SchemaAST.AST): ast is SchemaAST.Arrays =>
  SchemaAST.isArrays(ast) && ast.elements.length === 0 && ast.rest.length === 1

const itemOf = (ast: SchemaAST.AST): SchemaAST.AST => {
  const list = membersOf(ast).find(isList)
  return list === undefined ? ast : list.rest[0]!
}

/** The members of a union but for `null`; any other type is its own only member. */
const membersOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> =>
  SchemaAST.isSuspend(ast)
    ? membersOf(ast.thunk())
    : SchemaAST.isUnion(ast)
    ? ast.types.flatMap(membersOf)
    : SchemaAST.isNull(ast)
    ? []
    : [ast]
