/**
 * What the encoded side of a schema looks like: how a prompt spells it, and what an adapter has to know to read it.
 */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Kind } from "../Content.ts"
import type { FieldSchema } from "../Field.ts"
import { codeOf } from "./code.ts"
import { kindOf, kindsIn } from "./content/kinds.ts"
import { isOfDocuments, isReadOnly } from "./marks.ts"

export interface Shape {
  readonly kind: "text" | "json"
  readonly streaming: "text" | "json" | "whole"
  readonly optional: boolean
  readonly nullable: boolean
  readonly literals: ReadonlyArray<string | number | boolean> | undefined
  readonly type: string
  readonly contents: ReadonlyArray<Kind>
}

/** The AST of the JSON that values of the schema are encoded to. */
export const encodedAST = (schema: Schema.Constraint): SchemaAST.AST =>
  SchemaAST.toEncoded(Schema.toCodecJson(schema).ast)

export const shapeOf = (schema: FieldSchema): Shape => {
  const codec = Schema.toCodecJson(schema).ast
  const ast = SchemaAST.toEncoded(codec)
  const members = flatten(ast)
  const values = members.filter((member) => !SchemaAST.isNull(member))
  const literals = values.every(SchemaAST.isLiteral) && values.length > 0
    ? values.map((member) => member.literal as string | number | boolean)
    : undefined
  const isText = values.every(isStringLike) && values.some(isFreeText)
  return {
    kind: isText ? "text" : "json",
    streaming: isText && (codeOf(schema.ast) !== undefined || !flatten(codec).some(isTransformed))
      ? "text"
      : values.length > 0 && values.every(isContainer)
      ? "json"
      : "whole",
    optional: SchemaAST.isOptional(ast) || schema.ast.context?.isOptional === true ||
      schema.ast.context?.constructorDefault !== undefined,
    nullable: values.length < members.length,
    literals,
    type: spell(ast, new Set()),
    contents: [...kindsIn(ast)]
  }
}

const isFreeText = (ast: SchemaAST.AST): boolean => SchemaAST.isString(ast) || SchemaAST.isTemplateLiteral(ast)

const isStringLike = (ast: SchemaAST.AST): boolean =>
  isFreeText(ast) || (SchemaAST.isLiteral(ast) && typeof ast.literal === "string")

const isContainer = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isArrays(ast) || SchemaAST.isObjects(ast) ||
  (SchemaAST.isSuspend(ast) && flatten(ast.thunk()).every((member) => isContainer(member)))

/**
 * Whether the schema makes another string of a string. A default for one that is missing does not: there, what may be left out
 * becomes what may not.
 */
const isTransformed = (ast: SchemaAST.AST): boolean =>
  ast.encoding?.some(({ to }, index, links) => {
    const from = index === 0 ? ast : links[index - 1]!.to
    return !SchemaAST.isOptional(to) || SchemaAST.isOptional(from) || isTransformed(to)
  }) === true

/** The members of a union of unions; enums are unions of literals. Content and a document are one type, in whatever forms JSON may have it. */
const flatten = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> =>
  SchemaAST.isUnion(ast) && kindOf(ast) === undefined && !isOfDocuments(ast)
    ? ast.types.flatMap(flatten)
    : SchemaAST.isEnum(ast)
    ? ast.enums.map(([, value]) => new SchemaAST.Literal(value))
    : [ast]

/** TypeScript's spelling. `above` are the objects that are being spelled, which stops at recursion. */
const spell = (ast: SchemaAST.AST, above: ReadonlySet<SchemaAST.AST>): string => {
  const content = kindOf(ast)
  if (content !== undefined) return content
  if (isOfDocuments(ast)) return "Document"
  switch (ast._tag) {
    case "String":
      return "string"
    case "TemplateLiteral":
      return "string"
    case "Number":
      return hasCheck(ast, "effect/schema/isInt") ? "integer" : "number"
    case "Boolean":
      return "boolean"
    case "Null":
      return "null"
    case "Literal":
      return typeof ast.literal === "bigint" ? String(ast.literal) : JSON.stringify(ast.literal)
    case "Enum":
    case "Union":
      return [...new Set(flatten(ast).map((member) => spell(member, above)))].join(" | ") || "never"
    case "Arrays":
      return spellArray(ast, above)
    case "Objects":
      return above.has(ast) ? nameOf(ast) : spellObject(ast, new Set(above).add(ast))
    case "Suspend":
      return spell(ast.thunk(), above)
    default:
      return "any"
  }
}

const spellArray = (ast: SchemaAST.Arrays, above: ReadonlySet<SchemaAST.AST>): string => {
  const elements = ast.elements.map((element) => `${spell(element, above)}${SchemaAST.isOptional(element) ? "?" : ""}`)
  const rest = ast.rest.map((element) => spell(element, above))
  if (elements.length === 0) return rest.length === 0 ? "[]" : `Array<${rest[0]}>`
  return `[${[...elements, ...rest.map((element, i) => i === 0 ? `...Array<${element}>` : element)].join(", ")}]`
}

const spellObject = (ast: SchemaAST.Objects, above: ReadonlySet<SchemaAST.AST>): string => {
  const properties = ast.propertySignatures.filter(({ type }) => !isReadOnly(type)).map(({ name, type }) =>
    `${key(String(name))}${SchemaAST.isOptional(type) ? "?" : ""}: ${spell(type, above)}`
  )
  if (properties.length === 0 && ast.indexSignatures.length === 1) {
    return `Record<string, ${spell(ast.indexSignatures[0]!.type, above)}>`
  }
  const records = ast.indexSignatures.map(({ type }) => `[key: string]: ${spell(type, above)}`)
  return properties.length + records.length === 0 ? "object" : `{ ${[...properties, ...records].join("; ")} }`
}

const key = (name: string): string =>
  /^[\p{L}\p{Nl}_$][\p{L}\p{M}\p{Nd}\p{Nl}_$]*$/u.test(name) ? name : JSON.stringify(name)

const nameOf = (ast: SchemaAST.AST): string => {
  const identifier = ast.annotations?.identifier
  return typeof identifier === "string" ? identifier : "object"
}

const hasCheck = (ast: SchemaAST.AST, id: string): boolean =>
  ast.checks?.some((check) => check.annotations?.representation?.id === id) === true
