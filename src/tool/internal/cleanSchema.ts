/**
 * A schema of others as a schema that servers accept: whatever stood in it, each keyword has a value that it may have, and
 * each reference leads to a definition. What is plainly meant is put right (`type: "Array"`), what means nothing is left out.
 */
import { isRecord, type JsonRecord as Json } from "../../text/json/values.ts"
import * as References from "./schemaReferences.ts"

export interface Cleaned {
  readonly schema: Json
  /** What the schema and its definitions refer to, as `#/$defs/NAME`. */
  readonly definitions: Json
}

export const clean = (root: Json): Cleaned => {
  const references = References.of(root)
  const schema = cleaner(references, [])(root) as Json
  const definitions: Array<readonly [string, unknown]> = []
  // Cleaning a definition may find another one, which is added to this map: the loop comes to it as well.
  for (const [target, { name, within }] of references.found) {
    definitions.push([name, cleaner(references, within)(target)])
  }
  return { schema, definitions: Object.fromEntries(definitions) }
}

/** Whether a schema allows everything. */
export const isAnything = (schema: unknown): boolean =>
  schema === true || (isRecord(schema) && Object.keys(schema).length === 0)

/** Whether the schema's `type` has this one. */
export const allows = ({ type }: Json, name: string): boolean =>
  type === undefined || type === name || (Array.isArray(type) && type.includes(name))

/** The schema of what is any of these; without any, the schema of everything. */
export const choiceOf = (schemas: ReadonlyArray<unknown>): unknown => {
  if (schemas.some(isAnything)) return {}
  const each = different(
    schemas.flatMap((one) =>
      isRecord(one) && isSame(Object.keys(one), ["anyOf"]) ? one["anyOf"] as ReadonlyArray<unknown> : [one]
    )
  )
  const literals = each.map((one) => isRecord(one) && isSame(Object.keys(one), ["type", "enum"]) ? one : undefined)
  const [first] = literals
  if (first !== undefined && literals.every((one) => one?.["type"] === first["type"])) {
    return { ...first, enum: literals.flatMap((one) => one?.["enum"]) }
  }
  return each.length === 0 ? {} : each.length === 1 ? each[0] : { anyOf: each }
}

export const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const different = (values: ReadonlyArray<unknown>): ReadonlyArray<unknown> => [
  ...new Map(values.map((one) => [JSON.stringify(one), one])).values()
]

/** The schema with a property for each name that it requires. */
export const withRequired = (schema: Json): Json => {
  const { properties = {}, required } = schema
  if (!Array.isArray(required) || !isRecord(properties) || !allows(schema, "object")) return schema
  const unnamed = required.filter((name) => !Object.hasOwn(properties, name)).map((name) => [name, {}] as const)
  return unnamed.length === 0
    ? schema
    : { ...schema, properties: { ...properties, ...Object.fromEntries(unnamed) } }
}

// Schemas

/** No tool has a deeper schema. It would overflow the stack of whoever reads it. */
const mostLevels = 100

/** Cleans a schema that stands in these. A value that is no schema becomes one that allows everything. */
const cleaner = (references: References.References, within: ReadonlyArray<Json>) => (schema: unknown): unknown => {
  if (typeof schema === "boolean") return schema
  // Only a type is said.
  if (typeof schema === "string") return cleaner(references, within)({ type: schema })
  if (!isRecord(schema) || within.length > mostLevels) return {}
  const around = [...within, schema]
  const inner = cleaner(references, around)
  const cleaned = Object.entries(schema).flatMap(([key, value]) => {
    const read = keywords.get(key) ?? (unsaid.has(key) ? nothing : asItIs)
    const meant = read(value, inner)
    return meant === undefined ? [] : [[key, meant] as const]
  })
  const { items, prefixItems } = schema
  return [
    (one: Json) => withReference(one, references.leadsTo(schema, around)),
    withBounds,
    (one: Json) => withNeeded(one, schema["properties"]),
    withRequired,
    // Those of a tuple are in a list in older drafts, and in `prefixItems` in newer ones.
    (one: Json) =>
      Array.isArray(items) || (one["type"] !== undefined && allows(one, "array"))
        ? withItems(one, [items, prefixItems].filter(Array.isArray).flat().map(inner), items === false)
        : one
  ].reduce((one, change) => change(one), Object.fromEntries(cleaned) as Json)
}

type Clean = (schema: unknown) => unknown

/** A reference that leads to nothing but itself allows nothing. */
const withReference = (schema: Json, name: string | false | undefined): Json =>
  name === undefined ? schema : name === false ? { ...schema, not: {} } : { ...schema, $ref: References.to(name) }

/** An older draft says beside a bound that it is an exclusive one. */
const withBounds = (schema: Json): Json =>
  ([["minimum", "exclusiveMinimum"], ["maximum", "exclusiveMaximum"]] as const).reduce((one, [name, exclusive]) => {
    const { [exclusive]: isExclusive, [name]: bound, ...others } = one
    if (typeof isExclusive !== "boolean") return one
    return bound === undefined ? others : { ...others, [isExclusive ? exclusive : name]: bound }
  }, schema)

/** The oldest draft says of a property itself that it is required. */
const withNeeded = (schema: Json, properties: unknown): Json => {
  const needed = isRecord(properties)
    ? Object.entries(properties).flatMap(([name, one]) => isRecord(one) && one["required"] === true ? [name] : [])
    : []
  if (needed.length === 0) return schema
  return {
    ...schema,
    required: unique([...(schema["required"] as ReadonlyArray<string> | undefined ?? []), ...needed])
  }
}

/** An array says what its items are: those of a tuple are one of its. */
const withItems = (schema: Json, places: ReadonlyArray<unknown>, isClosed: boolean): Json =>
  isRecord(schema["items"])
    ? schema
    : { ...schema, items: choiceOf(places), ...(isClosed && places.length === 0 ? { maxItems: 0 } : {}) }

// Keywords

/** The value of a keyword as it was meant; nothing where nobody can tell. */
type Read = (value: unknown, inner: Clean) => unknown

const asItIs: Read = (value) => value

const nothing: Read = () => undefined

const only = (isValid: (value: unknown) => boolean): Read => (value) => isValid(value) ? value : undefined

const isSchema = (value: unknown): boolean =>
  typeof value === "boolean" || isRecord(value) || (typeof value === "string" && typeOf(value) !== undefined)

const oneSchema: Read = (value, inner) => isSchema(value) ? inner(value) : undefined

/** A choice of nothing, which providers refuse, says nothing. */
const schemas: Read = (value, inner) => Array.isArray(value) && value.length > 0 ? value.map(inner) : undefined

const byName = (one: Read): Read => (value, inner) => {
  if (!isRecord(value)) return undefined
  const each = Object.entries(value).map(([name, value]) => [name, one(value, inner)] as const)
  return Object.fromEntries(each.filter(([, value]) => value !== undefined))
}

const names: Read = (value) =>
  Array.isArray(value) ? unique(value.filter((name) => typeof name === "string")) : undefined

/** A `not` that cleaning made to match everything would forbid everything: it is left out. */
const not: Read = (value, inner) => {
  if (!isSchema(value)) return undefined
  const cleaned = inner(value)
  return isAnything(cleaned) && !isAnything(value) ? undefined : cleaned
}

const values: Read = (value) => Array.isArray(value) && value.length > 0 ? different(value) : undefined

/** The types of JSON Schema, by the names that others have for them too. A value of an unknown type may be anything. */
const typeOf: (value: unknown) => unknown = (value) => {
  if (Array.isArray(value)) {
    const each = unique(value.map((one) => one === null ? "null" : typeof one === "string" ? typeOf(one) : undefined))
    return each.includes(undefined) || each.length === 0 ? undefined : each.length === 1 ? each[0] : each
  }
  if (typeof value !== "string") return undefined
  return types.get(value.trim().toLowerCase())
}

const types: ReadonlyMap<string, string> = new Map(
  ["string str text", "number float double decimal", "integer int long", "boolean bool", "array list", "null none"]
    .concat("object dict map")
    .flatMap((line) => line.split(" ").map((name, _, [type = name]) => [name, type] as const))
)

const of = (keys: string, read: Read) => keys.split(" ").map((key) => [key, read] as const)

const isText = (value: unknown): boolean => typeof value === "string"
const isNumber = (value: unknown): boolean => Number.isFinite(value)
const isTruth = (value: unknown): boolean => typeof value === "boolean"
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const unique = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(all)]

/** The keywords that are known. Every other one is data, and stays as it is. */
const keywords: ReadonlyMap<string, Read> = new Map([
  ...of("type", typeOf),
  ...of("enum", values),
  ...of("required", names),
  ...of("dependentRequired", byName(names)),
  ...of("dependencies", byName((value, inner) => Array.isArray(value) ? names(value, inner) : oneSchema(value, inner))),
  ...of("properties patternProperties dependentSchemas", byName((value, inner) => inner(value))),
  ...of("anyOf oneOf allOf prefixItems", schemas),
  ...of("items additionalItems additionalProperties if then else contains propertyNames contentSchema", oneSchema),
  ...of("unevaluatedItems unevaluatedProperties", oneSchema),
  ...of("not", not),
  ...of("title description format pattern $comment contentEncoding contentMediaType", only(isText)),
  ...of("minimum maximum", only(isNumber)),
  ...of("exclusiveMinimum exclusiveMaximum", only((value) => isNumber(value) || isTruth(value))),
  ...of("multipleOf", only((value) => isNumber(value) && value as number > 0)),
  ...of("minLength maxLength minItems maxItems minContains maxContains minProperties maxProperties", only(isCount)),
  ...of("uniqueItems deprecated readOnly writeOnly", only(isTruth)),
  ...of("examples", only(Array.isArray))
])

/** Keywords that say where a schema is and what it refers to. They are left out: the references are written anew. */
const unsaid = new Set([
  ..."$id $schema $vocabulary $anchor $dynamicAnchor $recursiveAnchor $ref $dynamicRef $recursiveRef $defs definitions"
    .split(" "),
  "__proto__"
])
