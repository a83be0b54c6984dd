/**
 * Random signature strings with the schemas they mean, and schemas as the text of their static type: what the two readers of
 * the grammar are compared with.
 */
import { Schema } from "effect"
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

type Primitive = "str" | "int" | "float" | "bool" | "any" | "null"

/** A type, as a person means it. */
export type Type =
  | { readonly _tag: "Primitive"; readonly name: Primitive }
  | { readonly _tag: "Literal"; readonly value: string | number | boolean }
  | { readonly _tag: "List"; readonly item: Type }
  | { readonly _tag: "Dict"; readonly value: Type }
  | { readonly _tag: "Union"; readonly members: ReadonlyArray<Type> }
  | { readonly _tag: "History" }

export interface FieldSpec {
  readonly name: string
  readonly type: Type | undefined
  readonly optional: boolean
}

export interface Spec {
  readonly inputs: ReadonlyArray<FieldSpec>
  readonly outputs: ReadonlyArray<FieldSpec>
}

const primitives: ReadonlyArray<Primitive> = ["str", "int", "float", "bool", "any", "null"]
const literals = ["spam", "a, b", "it's", "->", "x: y", "[", "", "a | b", "1", 0, 1, -2, 3.5, true, false]
const names = ["question", "answer", "key_points", "q1", "Topic", "_x", "list", "str", "a", "b2", "camelCase", "None"]

export const randomType = (random: Random, depth: number): Type => {
  const shape = random.int(depth > 0 ? 7 : 3)
  if (shape <= 1) return { _tag: "Primitive", name: random.pick(primitives) }
  if (shape === 2) return { _tag: "Literal", value: random.pick(literals) }
  if (shape === 3) return { _tag: "List", item: randomType(random, depth - 1) }
  if (shape === 4) return { _tag: "Dict", value: randomType(random, depth - 1) }
  return { _tag: "Union", members: Array.from({ length: 2 + random.int(3) }, () => randomType(random, depth - 1)) }
}

export const randomSpec = (random: Random): Spec => {
  const left = [...names]
  const field = (): FieldSpec => ({
    name: left.splice(random.int(left.length), 1)[0]!,
    type: random.int(4) === 0 ? undefined : randomType(random, 1 + random.int(3)),
    optional: random.int(6) === 0
  })
  const inputs = Array.from({ length: random.int(4) }, field)
  return {
    // One of the inputs may be a history.
    inputs: random.int(4) > 0 || inputs.length === 0
      ? inputs
      : inputs.with(random.int(inputs.length), { ...field(), type: { _tag: "History" } }),
    outputs: Array.from({ length: 1 + random.int(3) }, field)
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
    fields.map(({ name, optional, type }) => {
      const written = type === undefined ? "" : `${space()}:${space()}${printType(type, spelling)}`
      return `${space()}${name}${space()}${optional ? `?${space()}` : ""}${written}${space()}`
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
  null: ["None", "null"]
}

const atom = (type: Type, print: (type: Type) => string): string =>
  type._tag === "Union" ? `(${print(type)})` : print(type).trim()

const printLiteral = (value: string | number | boolean): string =>
  typeof value === "string" ? (value.includes("'") ? `"${value}"` : `'${value}'`) : String(value)

// Meaning

/** The schema that a type means: literals first, then the other members, then null. */
export const schemaOf = (type: Type): Field.FieldSchema => {
  if (type._tag === "History") return History
  const members = flatten(type)
  const values = members.flatMap((member) => member._tag === "Literal" ? [member.value] : [])
  const others = members.flatMap((member) => member._tag === "Literal" || isNull(member) ? [] : [memberSchema(member)])
  const all = values.length === 0 ? others : [Schema.Literals([...new Set(values)]), ...others]
  const nullable = members.some(isNull)
  if (all.length === 0) return Schema.Null
  if (all.length === 1) return nullable ? Schema.NullOr(all[0]!) : all[0]!
  return Schema.Union(nullable ? [...all, Schema.Null] : all)
}

const flatten = (type: Type): ReadonlyArray<Type> => type._tag === "Union" ? type.members.flatMap(flatten) : [type]

const isNull = (type: Type): boolean => type._tag === "Primitive" && type.name === "null"

const memberSchema = (type: Type): Field.FieldSchema => {
  if (type._tag === "List") return Schema.Array(schemaOf(type.item))
  if (type._tag === "Dict") return Schema.Record(Schema.String, schemaOf(type.value))
  if (type._tag !== "Primitive") return schemaOf(type)
  return {
    str: Schema.String,
    int: Schema.Int,
    float: Schema.Finite,
    bool: Schema.Boolean,
    any: Schema.Json,
    null: Schema.Null
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
  [History, "typeof History.History"]
])

/** The static type of a schema that the grammar can make, read from the schema as it is at run time. */
export const typeText = (schema: unknown): string => {
  const name = named.get(schema)
  if (name !== undefined) return name
  const { key, literals, members, schema: inner, value } = schema as {
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
  if (inner !== undefined) return `Schema.optionalKey<${typeText(inner)}>`
  return key === undefined
    ? `Schema.$Array<${typeText(value)}>`
    : `Schema.$Record<${typeText(key)}, ${typeText(value)}>`
}

/** The static type of a signature. */
export const signatureText = (signature: Signature.Any): string => {
  const side = (fields: ReadonlyArray<Field.Field>) =>
    `{ ${fields.map((field) => `readonly ${field.name}: ${typeText(field.schema)}`).join("; ")} }`
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
  "\\"
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
