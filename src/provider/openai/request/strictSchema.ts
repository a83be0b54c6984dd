/**
 * Whether OpenAI's strict mode takes a JSON schema.
 *
 * Strict mode wants every object closed and every property required, and knows a part of the vocabulary only. A schema beyond
 * that is refused with an error, so it is sent without `strict` instead.
 *
 * `toCodecOpenAI` of Effect rewrites a schema so that strict mode takes it. The reply then has another form: a tuple becomes an
 * object, a record a list of pairs, an optional property null. An adapter has told the model of the form that the schema has,
 * and reads that one. So the schema is judged here, and not rewritten.
 */
import { isRecord } from "../../../text/json/values.ts"

/** Whether the schema can be sent with `strict: true`. */
export const qualifies = (schema: unknown): boolean =>
  isRecord(schema) && schema["type"] === "object" && !Object.hasOwn(schema, "anyOf") && isStrict(schema)

const isStrict = (schema: unknown): boolean => {
  if (!isRecord(schema) || !Object.keys(schema).every((keyword) => keywords.has(keyword))) return false
  if (!["type", "anyOf", "$ref", "enum", "const"].some((keyword) => Object.hasOwn(schema, keyword))) return false
  if (Object.hasOwn(schema, "format") && !formats.has(String(schema["format"]))) return false
  const { $defs, anyOf, items, type } = schema
  const isArray = type === "array" || (Array.isArray(type) && type.includes("array"))
  const isObject = type === "object" || (Array.isArray(type) && type.includes("object"))
  return (!isObject || isClosed(schema)) &&
    (!isArray || isStrict(items)) &&
    (anyOf === undefined || (Array.isArray(anyOf) && anyOf.every(isStrict))) &&
    ($defs === undefined || (isRecord($defs) && Object.values($defs).every(isStrict)))
}

const isClosed = (schema: Readonly<Record<string, unknown>>): boolean => {
  const { additionalProperties, properties, required } = schema
  return additionalProperties === false && isRecord(properties) && Array.isArray(required) &&
    Object.keys(properties).every((name) => required.includes(name)) &&
    Object.values(properties).every(isStrict)
}

const keywords: ReadonlySet<string> = new Set([
  "$schema",
  "$ref",
  "$defs",
  "type",
  "title",
  "description",
  "enum",
  "const",
  "anyOf",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "minItems",
  "maxItems",
  "pattern",
  "format",
  "multipleOf",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum"
])

const formats: ReadonlySet<string> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid"
])
