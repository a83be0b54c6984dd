/**
 * What may stand at a place of a field's JSON. With it a reader tells what a model meant from what it wrote.
 *
 * A target is derived from the encoded side of the field's schema. The targets inside of it are derived when they are first
 * needed.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import type { Field, FieldSchema } from "../../../signature/Field.ts"
import { isOfCitations, isReadOnly } from "../../../signature/internal/marks.ts"
import { arrayOfSet, isSet } from "../../../text/sets.ts"
import { spellings } from "../spelling.ts"
import { meantFor, stepOf } from "./codecs.ts"

/** What may stand at one place. */
export interface Target {
  /** Nothing is known of the place: JSON is taken as it is. */
  readonly isAny: boolean
  /** Any string. */
  readonly isText: boolean
  readonly isNumber: boolean
  readonly isInteger: boolean
  readonly isBoolean: boolean
  readonly isNull: boolean
  readonly literals: ReadonlyArray<string | number | boolean>
  /** The only object that it may be. */
  readonly object: ObjectTarget | undefined
  /** The only array that it may be. */
  readonly array: ArrayTarget | undefined
  /** It may be one of several objects, or of several arrays: which one is not known before its end. */
  readonly isSeveral: boolean
  /** The JSON that a string or number stands for, where the schema makes another value of it; undefined if it makes none. */
  readonly canonical: ((json: unknown) => unknown) | undefined
}

export interface ObjectTarget {
  /** The name that a key spells: exactly, or in another case, with or without `_`, `-` and spaces, where that is one name only. */
  readonly resolve: (key: string) => string | undefined
  /** Whether it may have other keys. */
  readonly isOpen: boolean
  /** Whether a resolved key may be missing where it cannot be null: `null` says then that it is. */
  readonly mayLack: (name: string) => boolean
  /** Whether the program sets what stands under a resolved key: what the model writes there is left out. */
  readonly isSetHere: (name: string) => boolean
  /** It is a citation, which gets its place where it ends. */
  readonly isCitation: boolean
  /** What may stand under a resolved key. */
  readonly at: (name: string) => Target
}

export interface ArrayTarget {
  /** What may stand at an index. */
  readonly at: (index: number) => Target
}

/** What a field's JSON may be. */
export const targetOf = ({ schema }: Field): Target => {
  let target = known.get(schema)
  if (target === undefined) {
    target = compile(Schema.toCodecJson(schema).ast)
    known.set(schema, target)
  }
  return target
}

const known = new WeakMap<FieldSchema, Target>()

export const any: Target = {
  isAny: true,
  isText: true,
  isNumber: true,
  isInteger: false,
  isBoolean: true,
  isNull: true,
  literals: [],
  object: undefined,
  array: undefined,
  isSeveral: false,
  canonical: undefined
}

/** Nothing may stand there. */
const none: Target = {
  ...any,
  isAny: false,
  isText: false,
  isNumber: false,
  isBoolean: false,
  isNull: false
}

const compile = (ast: SchemaAST.AST): Target => {
  if (isSet(ast)) return compile(arrayOfSet(ast))
  if (ast.encoding !== undefined) {
    const to = ast.encoding[ast.encoding.length - 1]!.to
    const target = compile(to)
    // Numbers that JSON cannot say are written as words: `Schema.Number`.
    if (SchemaAST.isNumber(ast) && SchemaAST.isUnion(to)) return { ...none, isNumber: true, isText: true }
    const isScalar = !target.isAny && !target.isSeveral && target.object === undefined && target.array === undefined
    return isScalar && stepOf(ast) !== undefined ? { ...target, canonical: canonicalOf(ast) } : target
  }
  switch (ast._tag) {
    case "String":
    case "TemplateLiteral":
      return { ...none, isText: true }
    case "Number":
      return { ...none, isNumber: true, isInteger: isInteger(ast) }
    case "Boolean":
      return { ...none, isBoolean: true }
    case "Null":
      return { ...none, isNull: true }
    case "Literal":
      return typeof ast.literal === "bigint" ? any : { ...none, literals: [ast.literal] }
    case "Enum":
      return { ...none, literals: ast.enums.map(([, value]) => value) }
    case "Union":
      return union(ast)
    case "Arrays":
      return { ...none, array: arrayOf(ast) }
    case "Objects":
      return { ...none, object: objectOf(ast) }
    case "Suspend":
      return compile(ast.thunk())
    default:
      return any
  }
}

const union = (ast: SchemaAST.Union): Target => {
  const members = ast.types.map(compile)
  const joined = members.reduce((self, that) => {
    if (self.isAny || that.isAny) return any
    const isSeveral = self.isSeveral || that.isSeveral ||
      (self.object !== undefined && that.object !== undefined) || (self.array !== undefined && that.array !== undefined)
    return {
      isAny: false,
      isText: self.isText || that.isText,
      isNumber: self.isNumber || that.isNumber,
      isInteger: (self.isInteger || !self.isNumber) && (that.isInteger || !that.isNumber) &&
        (self.isNumber || that.isNumber),
      isBoolean: self.isBoolean || that.isBoolean,
      isNull: self.isNull || that.isNull,
      literals: [...self.literals, ...that.literals],
      object: isSeveral ? undefined : self.object ?? that.object,
      array: isSeveral ? undefined : self.array ?? that.array,
      isSeveral,
      canonical: undefined
    }
  }, none)
  const isTransformed = !joined.isAny && members.some(({ canonical }) => canonical !== undefined)
  return isTransformed ? { ...joined, canonical: canonicalOfUnion(ast, members) } : joined
}

const canonicalOf = (ast: SchemaAST.AST): (json: unknown) => unknown => {
  const schema: Schema.ConstraintCodec<unknown, unknown> = Schema.make(ast)
  const decode = SchemaParser.decodeUnknownResult(schema)
  const encode = SchemaParser.encodeUnknownResult(schema)
  const meant = meantFor(ast)
  return (json) => {
    const said = meant === undefined || typeof json !== "string" ? json : meant(json)
    return said === undefined ? undefined : Result.getOrUndefined(Result.flatMap(decode(said), encode))
  }
}

/** The result for the first member that takes the JSON. */
const canonicalOfUnion = (ast: SchemaAST.Union, members: ReadonlyArray<Target>): (json: unknown) => unknown => {
  const makes = members.map(({ canonical }, index) => canonical ?? canonicalOf(ast.types[index]!))
  return (json) => {
    for (const make of makes) {
      const made = make(json)
      if (made !== undefined) return made
    }
    return undefined
  }
}

const isInteger = (ast: SchemaAST.AST): boolean =>
  ast.checks?.some((check) => check.annotations?.representation?.id === "effect/schema/isInt") === true

const arrayOf = (ast: SchemaAST.Arrays): ArrayTarget => {
  const items = ast.elements.map(lazily)
  const rest = ast.rest.map(lazily)
  return { at: (index) => (items[index] ?? rest[0])?.() ?? any }
}

const objectOf = (ast: SchemaAST.Objects): ObjectTarget => {
  const properties = new Map<string, () => Target>()
  const optional = new Set<string>()
  const setHere = new Set<string>()
  for (const { name, type } of ast.propertySignatures) {
    properties.set(String(name), lazily(type))
    if (isReadOnly(SchemaAST.toEncoded(type))) setHere.add(String(name))
    if (SchemaAST.isOptional(SchemaAST.toEncoded(type))) optional.add(String(name))
  }
  const index = ast.indexSignatures[0]
  const others = index === undefined ? () => any : lazily(index.type)
  return {
    resolve: spellings([...properties.keys()]).resolve,
    isOpen: index !== undefined,
    mayLack: (name) => optional.has(name) && properties.get(name)?.().isNull === false,
    isSetHere: (name) => setHere.has(name),
    isCitation: isOfCitations(ast),
    at: (name) => properties.get(name)?.() ?? others()
  }
}

const lazily = (ast: SchemaAST.AST): () => Target => {
  let target: Target | undefined
  return () => target ??= compile(ast)
}
