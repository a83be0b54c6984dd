/**
 * `format: date-time` in the JSON Schema of dates and times. Effect writes them as any string: that it is a date is known to
 * the codec only, so the codec is walked beside the JSON Schema that was made of it.
 */
import type * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Pointer from "../../text/json/pointer.ts"
import { isRecord } from "../../text/json/values.ts"
import { membersOf } from "../../text/members.ts"
import { arrayOfSet, isSet } from "../../text/sets.ts"
import type { FieldSchema } from "../Field.ts"
import { declarationId } from "./constraints.ts"

type Document = JsonSchema.Document<"draft-2020-12">

/** A part of a JSON Schema, in the copy that is written to. */
type Node = { [keyword: string]: unknown }

const isNode = (json: unknown): json is Node => isRecord(json)

/** The document with `format: date-time` wherever the schema makes a date of a text. */
export const formatted = (schema: FieldSchema, document: Document): Document => {
  const { ast } = Schema.toCodecJson(schema)
  if (!hasDate(ast, new Set())) return document
  const marked = structuredClone(document)
  mark(ast, marked.schema, marked, new Set())
  return marked
}

const dates = new Set(["effect/schema/Date", "effect/schema/DateTimeUtc"])

const isDate = (ast: SchemaAST.AST): boolean => dates.has(declarationId(ast)) && isText(endOf(ast))

const isText = (ast: SchemaAST.AST): boolean => SchemaAST.isString(ast) && ast.annotations?.format === undefined

/** The JSON that the type is encoded to, one step at a time. */
const endOf = (ast: SchemaAST.AST): SchemaAST.AST => {
  if (isSet(ast)) return arrayOfSet(ast)
  const link = ast.encoding?.at(-1)
  return link === undefined ? ast : endOf(link.to)
}

const hasDate = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST>): boolean => {
  if (seen.has(ast)) return false
  seen.add(ast)
  return isDate(ast) || membersOf(endOf(ast)).some((inner) => hasDate(inner, seen))
}

/** Marks what stands under this part of the JSON Schema. `seen` are the definitions that were, where a type is recursive. */
const mark = (ast: SchemaAST.AST, json: unknown, document: Document, seen: Set<string>): void => {
  if (!isNode(json)) return
  const ref = json["$ref"]
  if (typeof ref === "string") {
    if (seen.has(ref)) return
    seen.add(ref)
    return mark(ast, Pointer.resolve({ $defs: document.definitions }, ref), document, seen)
  }
  if (isDate(ast)) return markText(json)
  const end = endOf(ast)
  const inner = (ast: SchemaAST.AST | undefined, json: unknown) => {
    if (ast !== undefined) mark(ast, json, document, seen)
  }
  switch (end._tag) {
    case "Union":
      return markUnion(end, json, inner)
    case "Arrays":
      end.elements.forEach((element, index) => inner(element, at(json["prefixItems"], index)))
      return inner(end.rest[0], json["items"])
    case "Objects":
      for (const { name, type } of end.propertySignatures) inner(type, at(json["properties"], String(name)))
      return inner(end.indexSignatures[0]?.type, json["additionalProperties"])
    case "Suspend":
      return inner(end.thunk(), json)
  }
}

/** Members are told apart by their type: objects by their place among objects, where the JSON Schema has as many. */
const markUnion = (
  { types }: SchemaAST.Union,
  json: Node,
  inner: (ast: SchemaAST.AST, json: unknown) => void
): void => {
  const written = Array.isArray(json["anyOf"]) ? json["anyOf"] : [json]
  if (written.length === types.length) return types.forEach((type, index) => inner(type, written[index]))
  const texts = types.filter((type) => SchemaAST.isString(endOf(type)))
  if (texts.every(isDate)) written.filter((member) => isNode(member)).forEach(markText)
}

const markText = (json: Node): void => {
  if (json["type"] === "string" && !Object.hasOwn(json, "enum")) json["format"] ??= "date-time"
}

const at = (json: unknown, key: string | number): unknown =>
  Array.isArray(json) ? json[Number(key)] : isNode(json) && Object.hasOwn(json, key) ? json[key] : undefined
