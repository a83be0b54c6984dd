/**
 * Random signature strings with the schemas they mean, and schemas as the text of their static type: what the two readers of
 * the grammar are compared with.
 */
import { Effect, Schema } from "effect"
import { CalendarDate } from "effect-lm/signature"
import type * as Field from "effect-lm/signature/Field"
import { History } from "effect-lm/signature/History"
import type * as Signature from "effect-lm/signature/Signature"

// Random choices, the same in every run

export interface Random {
  /** A whole number from 0 up to, not including, `below`. */
  readonly int: (below: number) => number
  readonly pick: <A>(from: ReadonlyArray<A>) => A
}

export const random = (seed: number): Random => {
  let state = seed >>> 0
  const int = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return { int, pick: (from) => from[int(from.length)]! }
}

// Types

type Primitive = "str" | "int" | "float" | "bool" | "any" | "null" | "datetime" | "date" | "Date"

/** A type, as a person means it. */
export type Type =
  | { readonly _tag: "Primitive"; readonly name: Primitive }
  | { readonly _tag: "Literal"; readonly value: string | number | boolean }
  | { readonly _tag: "List"; readonly item: Type }
  | { readonly _tag: "Set"; readonly item: Type }
  | { readonly _tag: "Dict"; readonly value: Type }
  | { readonly _tag: "Tuple"; readonly items: ReadonlyArray<Type> }
  | { readonly _tag: "Object"; readonly properties: ReadonlyArray<FieldSpec & { readonly type: Type }> }
  | { readonly _tag: "Union"; readonly members: ReadonlyArray<Type> }
  | { readonly _tag: "History" }

export interface FieldSpec {
  readonly name: string
  readonly type: Type | undefined
  readonly optional: boolean
  /** JSON of the type, where the field has a default. */
  readonly default?: Schema.Json | undefined
}

export interface Spec {
  readonly inputs: ReadonlyArray<FieldSpec>
  readonly outputs: ReadonlyArray<FieldSpec>
}

const primitives: ReadonlyArray<Primitive> = ["str", "int", "float", "bool", "any", "null", "datetime", "date", "Date"]
const literals = ["spam", "a, b", "it's", "->", "x: y", "[", "", "a | b", "1", 0, 1, -2, 3.5, true, false]
const names = [
  "question",
  "answer",
  "key_points",
  "q1",
  "Topic",
  "_x",
  "list",
  "str",
  "a",
  "b2",
  "camelCase",
  "None",
  "вопрос",
  "答え",
  "été"
]
const keys = ["name", "age", "first name", "readonly", "_tag", "then", "a-b", "имя"]

export const randomType = (random: Random, depth: number): Type => {
  const shape = random.int(depth > 0 ? 11 : 3)
  if (shape <= 1) return { _tag: "Primitive", name: random.pick(primitives) }
  if (shape === 2) return { _tag: "Literal", value: random.pick(literals) }
  if (shape === 3) return { _tag: "List", item: randomType(random, depth - 1) }
  if (shape === 4) return { _tag: "Dict", value: randomType(random, depth - 1) }
  if (shape === 5) return { _tag: "Set", item: randomType(random, depth - 1) }
  if (shape === 6) {
    return { _tag: "Tuple", items: Array.from({ length: 1 + random.int(3) }, () => randomType(random, depth - 1)) }
  }
  if (shape <= 8) {
    const left = [...keys]
    const properties = Array.from({ length: random.int(3) }, () => ({
      name: left.splice(random.int(left.length), 1)[0]!,
      type: randomType(random, depth - 1),
      optional: random.int(3) === 0
    }))
    // By this one objects are told apart that are members of a union.
    const kind: Type = { _tag: "Literal", value: random.int(1_000_000) }
    return { _tag: "Object", properties: [{ name: "kind", type: kind, optional: false }, ...properties] }
  }
  return { _tag: "Union", members: Array.from({ length: 2 + random.int(3) }, () => randomType(random, depth - 1)) }
}

export const randomSpec = (random: Random): Spec => {
  const left = [...names]
  const field = (): FieldSpec => {
    const type = random.int(4) === 0 ? undefined : randomType(random, 1 + random.int(3))
    const mark = random.int(6)
    return {
      name: left.splice(random.int(left.length), 1)[0]!,
      type,
      optional: mark === 0,
      default: mark === 1 ? randomJson(type, random) : undefined
    }
  }
  const inputs = Array.from({ length: random.int(4) }, field)
  return {
    // One of the inputs may be a history.
    inputs: random.int(4) > 0 || inputs.length === 0
      ? inputs
      : inputs.with(random.int(inputs.length), { ...field(), type: { _tag: "History" }, default: undefined }),
    outputs: Array.from({ length: 1 + random.int(3) }, field)
  }
}

/** JSON of the type; a text is one where none is given. */
export const randomJson = (type: Type | undefined, random: Random): Schema.Json => {
  switch (type?._tag) {
    case undefined:
    case "History":
      return random.pick(["", "a", "it's"])
    case "Literal":
      return type.value
    case "List":
      return Array.from({ length: random.int(3) }, () => randomJson(type.item, random))
    case "Set":
      return random.int(2) === 0 ? [] : [randomJson(type.item, random)]
    case "Tuple":
      return type.items.map((item) => randomJson(item, random))
    case "Dict":
      return random.int(2) === 0 ? {} : { "a key": randomJson(type.value, random) }
    case "Object":
      return Object.fromEntries(
        type.properties
          .filter(({ optional }) => !optional || random.int(2) === 0)
          .map(({ name, type }) => [name, randomJson(type, random)])
      )
    case "Union":
      return randomJson(random.pick(type.members), random)
    case "Primitive":
      return random.pick<Schema.Json>(
        {
          str: ["", "a, b", "it's"],
          int: [0, -2],
          float: [0.5, -1],
          bool: [true, false],
          any: [null, { a: [1] }],
          null: [null],
          datetime: ["2026-01-02T03:04:05.000Z"],
          date: ["2026-01-02"],
          Date: ["2026-01-02T03:04:05.000Z"]
        }[type.name]
      )
  }
}

// Spellings

/** How to write a type: all of Python's ways, all of TypeScript's, or now this and now that, with spaces anywhere. */
export interface Spelling {
  readonly python: () => boolean
  readonly space: () => string
}

export const python: Spelling = { python: () => true, space: () => "" }
export const typescript: Spelling = { python: () => false, space: () => "" }
export const mixed = (random: Random): Spelling => ({
  python: () => random.int(2) === 0,
  space: () => random.pick(["", "", "", "", " ", " ", "\n  ", "\t"])
})

export const printSpec = (spec: Spec, spelling: Spelling): string => {
  const { space } = spelling
  const side = (fields: ReadonlyArray<FieldSpec>) =>
    fields.map(({ default: value, name, optional, type }) => {
      const written = type === undefined ? "" : `${space()}:${space()}${printType(type, spelling)}`
      const otherwise = value === undefined ? "" : `${space()}=${space()}${printJson(value, spelling)}`
      return `${space()}${name}${space()}${optional ? `?${space()}` : ""}${written}${space()}${otherwise}${space()}`
    }).join(",")
  return `${side(spec.inputs)}->${side(spec.outputs)}`
}

export const printType = (type: Type, spelling: Spelling): string => {
  const { python, space } = spelling
  const print = (type: Type) => `${space()}${printType(type, spelling)}${space()}`
  switch (type._tag) {
    case "Primitive":
      return primitive[type.name][python() ? 0 : 1]!
    case "History":
      return "History"
    case "Literal":
      return python() ? `Literal${space()}[${space()}${printLiteral(type.value)}${space()}]` : printLiteral(type.value)
    case "List":
      return python() ? `list${space()}[${print(type.item)}]` : `${atom(type.item, print)}${space()}[${space()}]`
    case "Set":
      return python() ? `set${space()}[${print(type.item)}]` : `Set<${print(type.item)}>`
    case "Tuple": {
      const items = type.items.map(print).join(",")
      return python() ? `tuple[${items}]` : `[${items}]`
    }
    case "Object": {
      const separator = python() ? "," : ";"
      const properties = type.properties.map(({ name, optional, type }) => {
        const key = /^[\w\u0400-\u04ff]+$/.test(name) && python() ? name : printLiteral(name)
        return `${space()}${python() ? "" : "readonly "}${key}${space()}${optional ? "?" : ""}${space()}:${print(type)}`
      })
      return `{${properties.join(separator)}${python() ? "" : separator}${space()}}`
    }
    case "Dict":
      return python()
        ? `dict[${space()}str${space()},${print(type.value)}]`
        : `Record<${space()}string${space()},${print(type.value)}>`
    case "Union": {
      const [first, second] = type.members
      if (type.members.length === 2 && second?._tag === "Primitive" && second.name === "null" && python()) {
        return `Optional[${print(first!)}]`
      }
      return python() ? `Union[${type.members.map(print).join(",")}]` : type.members.map(print).join("|")
    }
  }
}

const primitive: Record<Primitive, readonly [string, string]> = {
  str: ["str", "string"],
  int: ["int", "int"],
  float: ["float", "number"],
  bool: ["bool", "boolean"],
  any: ["Any", "unknown"],
  null: ["None", "null"],
  datetime: ["datetime", "datetime.datetime"],
  date: ["datetime.date", "date"],
  Date: ["Date", "Date"]
}

const printJson = (json: Schema.Json, spelling: Spelling): string => {
  const { python, space } = spelling
  const print = (json: Schema.Json) => `${space()}${printJson(json, spelling)}${space()}`
  if (json === null) return python() ? "None" : "null"
  if (typeof json === "boolean") return python() ? (json ? "True" : "False") : String(json)
  if (typeof json !== "object") return printLiteral(json)
  return Array.isArray(json)
    ? `[${json.map(print).join(",") || space()}]`
    : `{${
      Object.entries(json).map(([key, value]) => `${space()}${printLiteral(key)}${space()}:${print(value)}`).join(",")
    }}`
}

const atom = (type: Type, print: (type: Type) => string): string =>
  type._tag === "Union" ? `(${print(type)})` : print(type).trim()

const printLiteral = (value: string | number | boolean): string =>
  typeof value === "string" ? (value.includes("'") ? `"${value}"` : `'${value}'`) : String(value)

// Meaning

/** The schema that a type means: literals first, then the other members, objects and records behind the others, then null. */
export const schemaOf = (type: Type): Field.FieldSchema => {
  if (type._tag === "History") return History
  const members = flatten(type)
  const values = members.flatMap((member) => member._tag === "Literal" ? [member.value] : [])
  const others = members.flatMap((member) => member._tag === "Literal" || isNull(member) ? [] : [memberSchema(member)])
  const all = values.length === 0 ? others : [Schema.Literals([...new Set(values)]), ...others]
  const nullable = members.some(isNull)
  if (all.length === 0) return Schema.Null
  if (all.length === 1) return nullable ? Schema.NullOr(all[0]!) : all[0]!
  const breadths = all.map((member) => "key" in member ? 2 : "fields" in member ? 1 : 0)
  const ordered = [0, 1, 2].flatMap((breadth) => all.filter((_, index) => breadths[index] === breadth))
  return Schema.Union(nullable ? [...ordered, Schema.Null] : ordered)
}

/** Whether a value of the type is its own JSON. */
export const isOwnJson = (type: Type): boolean => {
  switch (type._tag) {
    case "Primitive":
      return type.name !== "datetime" && type.name !== "date" && type.name !== "Date"
    case "Literal":
      return true
    case "List":
      return isOwnJson(type.item)
    case "Dict":
      return isOwnJson(type.value)
    case "Union":
      return type.members.every(isOwnJson)
    default:
      return false
  }
}

/** The schema of a field. Of a default only that there is one is told by its type. */
export const fieldSchema = ({ default: value, optional, type }: FieldSpec): Field.FieldSchema => {
  const schema = type === undefined ? Schema.String : schemaOf(type)
  // A history may be left out with and without the mark.
  if (optional && type?._tag !== "History") return Schema.optionalKey(schema)
  return value === undefined
    ? schema
    : (schema as Schema.Codec<unknown> & Schema.WithoutConstructorDefault).pipe(
      Schema.withConstructorDefault(Effect.succeed(value))
    )
}

/** The value of a field's default. */
export const defaultOf = (field: FieldSpec): unknown =>
  field.default === undefined
    ? undefined
    : Schema.decodeUnknownSync(Schema.toCodecJson(fieldSchema(field)))(field.default, { onExcessProperty: "error" })

const flatten = (type: Type): ReadonlyArray<Type> => type._tag === "Union" ? type.members.flatMap(flatten) : [type]

const isNull = (type: Type): boolean => type._tag === "Primitive" && type.name === "null"

const memberSchema = (type: Type): Field.FieldSchema => {
  if (type._tag === "List") return Schema.Array(schemaOf(type.item))
  if (type._tag === "Set") return Schema.ReadonlySet(schemaOf(type.item))
  if (type._tag === "Tuple") return Schema.Tuple(type.items.map(schemaOf))
  if (type._tag === "Object") {
    return Schema.Struct(Object.fromEntries(type.properties.map((property) => [property.name, fieldSchema(property)])))
  }
  if (type._tag === "Dict") return Schema.Record(Schema.String, schemaOf(type.value))
  if (type._tag !== "Primitive") return schemaOf(type)
  return {
    str: Schema.String,
    int: Schema.Int,
    float: Schema.Finite,
    bool: Schema.Boolean,
    any: Schema.Json,
    null: Schema.Null,
    datetime: Schema.DateTimeUtcFromString,
    date: CalendarDate,
    Date: Schema.DateFromString
  }[
    type.name
  ]
}

// Static types as text

const named = new Map<unknown, string>([
  [Schema.String, "Schema.String"],
  [Schema.Int, "Schema.Int"],
  [Schema.Finite, "Schema.Finite"],
  [Schema.Boolean, "Schema.Boolean"],
  [Schema.Null, "Schema.Null"],
  [Schema.Json, "typeof Schema.Json"],
  [CalendarDate, "CalendarDate"],
  [History, "typeof History.History"]
])

/** The static type of a schema that the grammar can make, read from the schema as it is at run time. */
export const typeText = (schema: unknown): string => {
  const name = named.get(schema)
  if (name !== undefined) return name
  const { ast, elements, fields, key, literals, members, schema: inner, value } = schema as {
    readonly ast: Field.FieldSchema["ast"]
    readonly elements?: ReadonlyArray<unknown>
    readonly fields?: Readonly<Record<string, unknown>>
    readonly literals?: ReadonlyArray<string | number | boolean>
    readonly members?: ReadonlyArray<unknown>
    readonly key?: unknown
    readonly value?: unknown
    readonly schema?: unknown
  }
  if (literals !== undefined) return `Schema.Literals<readonly [${literals.map((l) => JSON.stringify(l)).join(", ")}]>`
  if (members !== undefined) {
    return members.length === 2 && members[1] === Schema.Null
      ? `Schema.NullOr<${typeText(members[0])}>`
      : `Schema.Union<readonly [${members.map(typeText).join(", ")}]>`
  }
  if (inner !== undefined) {
    const wrapper = ast.context?.constructorDefault === undefined ? "optionalKey" : "withConstructorDefault"
    // The type of any JSON says neither that it has a default nor that it has none.
    const without = wrapper === "optionalKey" || inner !== Schema.Json ? "" : " & Schema.WithoutConstructorDefault"
    return `Schema.${wrapper}<${typeText(inner)}${without}>`
  }
  if (ast._tag === "Declaration" && value === undefined) {
    const { representation } = ast.annotations ?? {}
    return JSON.stringify(representation).includes("/DateTimeUtc")
      ? "Schema.DateTimeUtcFromString"
      : "Schema.DateFromString"
  }
  if (elements !== undefined) return `Schema.Tuple<readonly [${elements.map(typeText).join(", ")}]>`
  if (fields !== undefined) return `Schema.Struct<${fieldsText(Object.entries(fields))}>`
  return key === undefined
    ? `Schema.${ast._tag === "Declaration" ? "$ReadonlySet" : "$Array"}<${typeText(value)}>`
    : `Schema.$Record<${typeText(key)}, ${typeText(value)}>`
}

const fieldsText = (fields: ReadonlyArray<readonly [name: string, schema: unknown]>): string =>
  `{ ${fields.map(([name, schema]) => `readonly ${JSON.stringify(name)}: ${typeText(schema)}`).join("; ")} }`

/** The static type of a signature. */
export const signatureText = (signature: Signature.Any): string => {
  const side = (fields: ReadonlyArray<Field.Field>) => fieldsText(fields.map(({ name, schema }) => [name, schema]))
  return `Signature.Signature<${side(signature.inputFields)}, ${side(signature.outputFields)}>`
}

// Mutations

const tokens = [
  "->",
  ",",
  ":",
  "|",
  "[",
  "]",
  "<",
  ">",
  "(",
  ")",
  "'",
  "\"",
  "?",
  " ",
  ".",
  "-",
  "1",
  "01",
  "list",
  "strng",
  "History",
  "\\",
  "{",
  "}",
  ";",
  "=",
  "...",
  "readonly ",
  "tuple",
  "datetime",
  "→",
  "é"
]

/** A text that is one slip of the keyboard away: most are no signatures any more. */
export const mutate = (text: string, random: Random): string => {
  const at = random.int(text.length + 1)
  switch (random.int(3)) {
    case 0:
      return text.slice(0, at) + random.pick(tokens) + text.slice(at)
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + random.int(3))
    default:
      return text.slice(0, at) + random.pick(tokens) + text.slice(at + 1)
  }
}
