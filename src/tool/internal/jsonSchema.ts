/**
 * A tool's parameters as providers take them. One schema that they do not accept has them refuse the whole request, with all
 * its tools: they want an object at the root, with `properties` and without a choice (`anyOf`, `oneOf`, `allOf`, `enum`,
 * `not`), lists that say what is in them, and no choice of nothing.
 *
 * What is sent may therefore allow more than the schema that it was made from. What a model sends is decoded with that one.
 */
import * as Result from "effect/Result"
import { isRecord, type JsonRecord as Json } from "../../text/json.ts"

/** The schema to send; nothing where no object satisfies it. */
export const toParameters = (schema: Json): Json | undefined => {
  const { $id: _id, $schema: _schema, ...plain } = clean(schema, 0) as Json
  const root = asObject(plain, definitionsOf(plain), new Map())
  return root === undefined ? undefined : withDefinitions(root, plain)
}

/** {@link toParameters} of a tool that is made here: one that no object satisfies is a mistake, and throws a `TypeError`. */
export const parametersOf = (tool: string, schema: Json): Json => {
  const parameters = toParameters(schema)
  if (parameters !== undefined) return parameters
  throw new TypeError(
    `the tool '${tool}' takes what no object is, but models call tools with an object: wrap its parameter in one, as in ` +
      `{ value: Schema.String }. It has the schema ${JSON.stringify(schema).slice(0, 200)}`
  )
}

// What is anywhere in a schema

/** Deeper schemas are no schemas of tools; they would overflow the stack of whoever reads them. */
const mostLevels = 100

const clean = (schema: unknown, level: number): unknown => {
  if (typeof schema === "boolean") return schema
  if (!isRecord(schema) || level > mostLevels) return {}
  const inner = (one: unknown) => clean(one, level + 1)
  const cleaned: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(schema)) {
    if (byName.has(key)) {
      if (isRecord(value)) {
        cleaned[key] = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one)]))
      }
    } else if (lists.has(key)) {
      // A choice of nothing, which providers refuse, says nothing.
      if (Array.isArray(value) && value.length > 0) cleaned[key] = value.map(inner)
    } else if (key === "enum" || key === "type" && Array.isArray(value)) {
      if (Array.isArray(value) && value.length > 0) cleaned[key] = value
    } else {
      cleaned[key] = single.has(key) && !Array.isArray(value) ? inner(value) : value
    }
  }
  return withRequired(allows(cleaned, "array") && cleaned["type"] !== undefined ? withItems(cleaned, inner) : cleaned)
}

/** Where schemas stand in a schema: by name, in lists, alone. Everything else is data. */
const byName = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"])
const lists = new Set(["anyOf", "oneOf", "allOf", "prefixItems"])
const single = new Set(
  "items additionalItems additionalProperties not if then else contains propertyNames unevaluatedItems unevaluatedProperties"
    .split(" ")
)

/** Whether the schema's `type` has this one. */
const allows = ({ type }: Json, name: string): boolean =>
  type === undefined || type === name || (Array.isArray(type) && type.includes(name))

/** An array says what its items are. Those of a tuple, also as older drafts have it (`items` as a list), are one of its. */
const withItems = (schema: Json, inner: (one: unknown) => unknown): Json => {
  const { items, prefixItems } = schema
  if (isRecord(items)) return schema
  const places = [...(Array.isArray(items) ? items.map(inner) : []), ...(Array.isArray(prefixItems) ? prefixItems : [])]
  const isClosed = items === false && places.length === 0
  return { ...schema, items: choiceOf(places), ...(isClosed ? { maxItems: 0 } : {}) }
}

/** What is required is a property. */
const withRequired = (schema: Json): Json => {
  const { properties, required } = schema
  if (required === undefined) return schema
  const { required: _, ...others } = schema
  if (!Array.isArray(required)) return others
  const names = [...new Set(required.filter((name) => typeof name === "string"))]
  if (!isRecord(properties)) return { ...schema, required: names }
  const unnamed = names.filter((name) => !Object.hasOwn(properties, name)).map((name) => [name, {}] as const)
  return {
    ...schema,
    ...(unnamed.length === 0 ? {} : { properties: { ...properties, ...Object.fromEntries(unnamed) } }),
    required: names
  }
}

// What is at the root

/** The schema as one of an object, without a choice; nothing where no object satisfies it. */
const asObject = (schema: unknown, definitions: Json, known: Map<unknown, Json | undefined>): Json | undefined => {
  if (schema === true) return anyObject
  if (!isRecord(schema) || known.has(schema)) return known.get(schema)
  // One that is nothing but itself is nothing.
  known.set(schema, undefined)
  const object = ofObject(schema, definitions, (one) => asObject(one, definitions, known))
  known.set(schema, object)
  return object
}

const ofObject = (schema: Json, definitions: Json, inner: (one: unknown) => Json | undefined): Json | undefined => {
  if (!allows(schema, "object")) return undefined
  const { $ref, allOf, anyOf, const: constant, enum: values, not: _not, oneOf, ...own } = schema
  if (values !== undefined && !(values as ReadonlyArray<unknown>).some(isRecord)) return undefined
  if (constant !== undefined && !isRecord(constant)) return undefined
  const needed = [
    ...(typeof $ref === "string" ? [inner(definitionOf(definitions, $ref))] : []),
    ...(Array.isArray(allOf) ? allOf.map(inner) : []),
    ...[anyOf, oneOf].filter(Array.isArray).map((choice) => either(choice.map(inner).filter(isRecord)))
  ]
  const parts = [{ ...own, type: "object", properties: own["properties"] ?? {} }, ...needed]
  return parts.every(isRecord) ? withRequired(parts.reduce(both)) : undefined
}

const anyObject: Json = { type: "object", properties: {} }

/** What satisfies both. */
const both = (a: Json, b: Json): Json => {
  const closed = [a, b].filter((one) => Object.keys(propertiesOf(one)).length > 0)
  const isClosed = closed.every(({ additionalProperties }) => additionalProperties === false) && closed.length > 0
  const { additionalProperties, ...rest } = { ...b, ...a }
  const required = [...new Set([...requiredOf(a), ...requiredOf(b)])]
  return {
    ...rest,
    properties: merge(
      [a, b],
      (one, other) => isAnything(one) ? other : isAnything(other) ? one : { allOf: [one, other] }
    ),
    ...(required.length === 0 ? {} : { required }),
    ...(isClosed || (closed.length < 2 && additionalProperties !== undefined) ? { additionalProperties } : {})
  }
}

/** What one of them allows. Which properties go together is said in words: a schema without a choice cannot. */
const either = (alternatives: ReadonlyArray<Json>): Json | undefined => {
  if (alternatives.length < 2) return alternatives[0]
  const required = alternatives.map(requiredOf).reduce((all, one) => all.filter((name) => one.includes(name)))
  const groups = [...new Set(alternatives.map((one) => Object.keys(propertiesOf(one)).join(", ")))]
  return {
    type: "object",
    ...(groups.length < 2 ? {} : { description: `Either ${groups.map((group) => group || "nothing").join("; or ")}` }),
    properties: merge(alternatives, (one, other) => choiceOf([one, other])),
    ...(required.length === 0 ? {} : { required }),
    ...(alternatives.every(({ additionalProperties }) => additionalProperties === false)
      ? { additionalProperties: false }
      : {})
  }
}

/** The properties of all; where two have one of the same name, what `f` makes of both. */
const merge = (all: ReadonlyArray<Json>, f: (one: unknown, other: unknown) => unknown): Json => {
  const merged = new Map<string, unknown>()
  for (const one of all) {
    for (const [name, schema] of Object.entries(propertiesOf(one))) {
      const there = merged.get(name)
      merged.set(name, there === undefined || isSame(there, schema) ? schema : f(there, schema))
    }
  }
  return Object.fromEntries(merged)
}

/** A schema that is any of these; of anything where there are none. */
const choiceOf = (schemas: ReadonlyArray<unknown>): unknown => {
  if (schemas.some(isAnything)) return {}
  const each = schemas
    .flatMap((one) =>
      isRecord(one) && isSame(Object.keys(one), ["anyOf"]) ? one["anyOf"] as ReadonlyArray<unknown> : [one]
    )
    .filter((one, index, all) => all.findIndex((other) => isSame(one, other)) === index)
  const literals = each.map((one) => isRecord(one) && isSame(Object.keys(one), ["type", "enum"]) ? one : undefined)
  const [first] = literals
  if (first !== undefined && literals.every((one) => one?.["type"] === first["type"])) {
    return { ...first, enum: literals.flatMap((one) => one?.["enum"]) }
  }
  return each.length === 0 ? {} : each.length === 1 ? each[0] : { anyOf: each }
}

const isAnything = (schema: unknown): boolean => schema === true || isSame(schema, {})

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const propertiesOf = ({ properties }: Json): Json => isRecord(properties) ? properties : {}

const requiredOf = ({ required }: Json): ReadonlyArray<string> => Array.isArray(required) ? required : []

// Definitions

const definitionsOf = ({ $defs, definitions }: Json): Json => ({
  ...(isRecord(definitions) ? definitions : {}),
  ...(isRecord($defs) ? $defs : {})
})

const definitionOf = (definitions: Json, reference: string): unknown => {
  const name = nameOf(reference)
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined
}

/** The name of a definition that a reference points at. */
const nameOf = (reference: string): string => {
  const name = reference.replace(/^#\/(\$defs|definitions)\//, "")
  return Result.getOrElse(Result.try(() => decodeURIComponent(name)), () => name)
    .replaceAll("~1", "/").replaceAll("~0", "~")
}

/** The definitions to which something still refers: one that only the root was is the root now. */
const withDefinitions = (root: Json, { $defs, definitions }: Json): Json => {
  const { $defs: _defs, definitions: _definitions, ...own } = root
  const used = new Set<string>()
  const all = definitionsOf({ $defs, definitions })
  let isAllUsed = false
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look)
    if (!isRecord(value)) return
    const { $ref } = value
    // A pointer may go on into a definition, and an anchor may be in any of them.
    const name = typeof $ref === "string" ? nameOf($ref.replace(/^(#\/[^/]+\/[^/]*)\/.*$/, "$1")) : undefined
    if (name !== undefined && !Object.hasOwn(all, name)) isAllUsed = true
    else if (name !== undefined && !used.has(name)) {
      used.add(name)
      look(all[name])
    }
    Object.values(value).forEach(look)
  }
  look(own)
  const kept = (group: unknown) =>
    isRecord(group) ? Object.entries(group).filter(([name]) => isAllUsed || used.has(name)) : []
  const [now, older] = [kept($defs), kept(definitions)]
  return {
    ...own,
    ...(now.length === 0 ? {} : { $defs: Object.fromEntries(now) }),
    ...(older.length === 0 ? {} : { definitions: Object.fromEntries(older) })
  }
}
