/** The schemas that the types of a signature mean, as the readers of the grammar have to read them. */
import { Effect, Schema } from "effect"
import { ToolCalls } from "effect-lm/module"
import { CalendarDate, Citations, Code, Reasoning } from "effect-lm/signature"
import type * as Field from "effect-lm/signature/Field"
import { History } from "effect-lm/signature/History"
import type { FieldSpec, Type } from "./specs.ts"

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
    Date: Schema.DateFromString,
    Code: Code.Code,
    Reasoning,
    Citations: Citations.Citations,
    ToolCalls: ToolCalls.ToolCalls
  }[
    type.name
  ]
}
