/**
 * A tool's parameters as providers take them. One schema that they do not accept has them refuse the whole request, with all
 * its tools: they want an object at the root, with `properties` and without a choice (`anyOf`, `oneOf`, `allOf`, `enum`,
 * `not`), lists that say what is in them, and no choice of nothing.
 *
 * What is sent may therefore allow more than the schema that it was made from. What a model sends is decoded with that one.
 */
import { isRecord, type JsonRecord as Json } from "../../text/json/values.ts"
import { allows, choiceOf, clean, isAnything, isSame, withRequired } from "./cleanSchema.ts"
import { nameOf, objectsIn } from "./schemaReferences.ts"

/** The schema to send; nothing where no object satisfies it. */
export const toParameters = (schema: Json): Json | undefined => {
  const { definitions, schema: cleaned } = clean(schema)
  const root = asObject(cleaned, definitions, new Map())
  return root === undefined ? undefined : withDefinitions(root, definitions)
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

// What is at the root

/** The schema as one of an object, without a choice; nothing where no object satisfies it. */
const asObject = (schema: unknown, definitions: Json, known: Map<unknown, Json | undefined>): Json | undefined => {
  if (schema === true) return anyObject
  if (!isRecord(schema) || known.has(schema)) return known.get(schema)
  // A schema that only refers to itself allows nothing.
  known.set(schema, undefined)
  const object = ofObject(schema, definitions, (one) => asObject(one, definitions, known))
  known.set(schema, object)
  return object
}

const ofObject = (schema: Json, definitions: Json, inner: (one: unknown) => Json | undefined): Json | undefined => {
  if (!allows(schema, "object")) return undefined
  const { $ref, allOf, anyOf, const: constant, enum: values, not, oneOf, ...own } = schema
  if (isAnything(not)) return undefined
  if (values !== undefined && !(values as ReadonlyArray<unknown>).some(isRecord)) return undefined
  if (constant !== undefined && !isRecord(constant)) return undefined
  const needed = [
    ...($ref === undefined ? [] : [inner(definitions[nameOf($ref) ?? ""])]),
    ...(Array.isArray(allOf) ? allOf.map(inner) : []),
    ...[anyOf, oneOf].filter(Array.isArray).map((choice) => either(choice.map(inner).filter(isRecord)))
  ]
  const parts = [{ ...own, type: "object", properties: own["properties"] ?? {} }, ...needed]
  return parts.every(isRecord) ? withRequired(parts.reduce(both)) : undefined
}

const anyObject: Json = { type: "object", properties: {} }

/** The schema of what satisfies both. */
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

/** The schema of what one of them allows. Which properties go together is said in its description: a schema without a choice cannot say it. */
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

/** The properties of all schemas. Where two have a property of the same name, `f` makes one of the two. */
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

const propertiesOf = ({ properties }: Json): Json => isRecord(properties) ? properties : {}

const requiredOf = ({ required }: Json): ReadonlyArray<string> => Array.isArray(required) ? required : []

/** The definitions to which something still refers. A definition that only the root referred to is in the root now. */
const withDefinitions = (root: Json, definitions: Json): Json => {
  const used = new Map<string, unknown>()
  const look = (value: unknown): void => {
    for (const { $ref } of objectsIn(value)) {
      const name = nameOf($ref)
      if (name !== undefined && Object.hasOwn(definitions, name) && !used.has(name)) used.set(name, definitions[name])
    }
  }
  look(root)
  // Definitions refer to others, which are added on the way.
  used.forEach(look)
  return used.size === 0 ? root : { ...root, $defs: Object.fromEntries(used) }
}
