/**
 * JSON schemas as Anthropic takes them. What it has no keyword for is said to the model in the description, so that nothing is lost.
 */
import { isRecord, type JsonRecord } from "../../text/json/values.ts"

/** The schema of a reply: objects are closed, and bounds are said in words. Nothing where a name of a field is not allowed. */
export const ofReply = (schema: JsonRecord): JsonRecord | undefined => {
  const written = walk(schema)
  return isRecord(written) && hasPlainNames(written) ? written : undefined
}

/**
 * The schema of a tool's arguments. Its root has to be an object, and no union: what a root says beside its properties is said in
 * words.
 */
export const ofTool = (schema: JsonRecord): JsonRecord => {
  const { allOf, anyOf, description, oneOf, ...root } = schema
  const union = anyOf ?? oneOf ?? allOf
  const said = [description, ...(union === undefined ? [] : [`as in ${JSON.stringify({ anyOf: union })}`])]
    .filter((text) => typeof text === "string" && text !== "").join("; ")
  return { ...root, type: "object", ...(said === "" ? {} : { description: said }) }
}

/** The keywords that are known, with those within them that hold schemas. */
const walk = (schema: unknown): unknown => {
  if (!isRecord(schema)) return schema
  const written: Record<string, unknown> = {}
  const said: Array<string> = []
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "oneOf" || keyword === "anyOf" || keyword === "allOf") {
      written[keyword === "oneOf" ? "anyOf" : keyword] = Array.isArray(value) ? value.map(walk) : value
    } else if (keyword === "properties" || keyword === "$defs" || keyword === "definitions") {
      written[keyword] = isRecord(value)
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner)]))
        : value
    } else if (keyword === "items") written[keyword] = walk(value)
    else if (keyword === "format" && !formats.has(String(value))) said.push(`format: ${String(value)}`)
    else if (known.has(keyword)) written[keyword] = value
    else if (keyword !== "description" && keyword !== "$schema") said.push(`${keyword}: ${JSON.stringify(value)}`)
  }
  const isObject = schema["type"] === "object" || isRecord(schema["properties"])
  const description = [schema["description"], ...said].filter((text) => typeof text === "string" && text !== "")
  return {
    ...written,
    ...(isObject ? { additionalProperties: false } : {}),
    ...(description.length === 0 ? {} : { description: description.join("; ") })
  }
}

const known: ReadonlySet<string> = new Set(["type", "enum", "const", "$ref", "title", "default", "required", "format"])

const formats: ReadonlySet<string> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid"
])

/** Whether all names of properties are those that the service takes, at any depth. */
const hasPlainNames = (schema: unknown): boolean =>
  Array.isArray(schema)
    ? schema.every(hasPlainNames)
    : !isRecord(schema) ||
      (!isRecord(schema["properties"]) || Object.keys(schema["properties"]).every((name) => plain.test(name))) &&
        Object.values(schema).every(hasPlainNames)

const plain = /^[A-Za-z0-9_.-]{1,64}$/
