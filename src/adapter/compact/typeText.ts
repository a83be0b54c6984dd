/**
 * A JSON Schema in the short spelling that people, and models, read best: an object with its keys, each with its type, and behind
 * it, as a comment, what else its schema says. A type that is used more than once, or in itself, has a name.
 */
import { isRecord, type JsonRecord } from "../../text/json/values.ts"

/** The type at this depth of indentation, and the types that it names, each with what it is. */
export const typeText = (schema: JsonRecord, depth: number): string => new Writer().type(schema, depth)

/** The types that schemas of these fields name, one paragraph each. */
export const namedTypes = (schemas: ReadonlyArray<JsonRecord>): ReadonlyArray<string> => {
  const named = new Map<string, string>()
  for (const schema of schemas) {
    const { $defs } = schema
    if (!isRecord($defs)) continue
    for (const [name, definition] of Object.entries($defs)) {
      if (isRecord(definition)) named.set(name, `${name}: ${typeText(definition, 0)}${said(definition)}`)
    }
  }
  return [...named.values()]
}

/** What a schema says beside its type, as a comment: its description, its limits. */
export const said = (schema: JsonRecord): string => {
  const parts = saidIn(schema)
  return parts.length === 0 ? "" : ` // ${parts.join("; ")}`
}

// Details

class Writer {
  type(schema: JsonRecord, depth: number): string {
    const { $ref, anyOf, oneOf, type } = schema
    if (typeof $ref === "string") return referred($ref)
    if ("const" in schema) return JSON.stringify(schema["const"])
    if (Array.isArray(schema["enum"])) return schema["enum"].map((value) => JSON.stringify(value)).join(" or ")
    for (const members of [anyOf, oneOf]) {
      if (Array.isArray(members)) {
        return members.filter(isRecord).map((member) => this.type(member, depth)).join(" or ") || "any JSON"
      }
    }
    if (Array.isArray(type)) return type.map((one) => this.type({ ...schema, type: one }, depth)).join(" or ")
    switch (type) {
      case "object":
        return this.#object(schema, depth)
      case "array":
        return this.#array(schema, depth)
      case "integer":
        return "int"
      case undefined:
        return "any JSON"
      default:
        return String(type)
    }
  }

  #object({ additionalProperties, properties, required }: JsonRecord, depth: number): string {
    const keys = isRecord(properties) ? Object.entries(properties) : []
    const indent = "  ".repeat(depth + 1)
    const lines = keys.flatMap(([key, schema], at) => {
      if (!isRecord(schema)) return []
      const needed = Array.isArray(required) && required.includes(key)
      const comma = at === keys.length - 1 && !isRecord(additionalProperties) ? "" : ","
      const rest = [...needed ? [] : ["may be left out"], ...saidIn(schema)]
      return [
        `${indent}${JSON.stringify(key)}: ${this.type(schema, depth + 1)}${comma}${
          rest.length === 0 ? "" : ` // ${rest.join("; ")}`
        }`
      ]
    })
    if (isRecord(additionalProperties)) {
      lines.push(`${indent}any key: ${this.type(additionalProperties, depth + 1)}${said(additionalProperties)}`)
    }
    return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`
  }

  #array({ items, prefixItems }: JsonRecord, depth: number): string {
    if (Array.isArray(prefixItems)) {
      return `[${prefixItems.filter(isRecord).map((item) => this.type(item, depth)).join(", ")}]`
    }
    if (!isRecord(items)) return "[any JSON, ...]"
    const limits = saidIn(items)
    return `[${this.type(items, depth)}, ...]${limits.length === 0 ? "" : ` (each: ${limits.join("; ")})`}`
  }
}

/** The name of a definition that a reference points to. */
const referred = (ref: string): string =>
  decodeURIComponent(ref.slice(ref.lastIndexOf("/") + 1)).replaceAll("~1", "/").replaceAll("~0", "~")

const saidIn = (schema: JsonRecord): ReadonlyArray<string> => [
  ...texts(schema["description"]),
  ...texts(schema["format"]),
  ...limits.flatMap(([keyword, say]) => keyword in schema && !isTuple(schema) ? [say(schema[keyword])] : []),
  ...(Array.isArray(schema["allOf"]) ? schema["allOf"].filter(isRecord).flatMap(saidIn) : [])
]

const isTuple = (schema: JsonRecord): boolean => Array.isArray(schema["prefixItems"])

const texts = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string" && value.trim() !== "" ? [value.trim().replaceAll(/\s*\n\s*/g, " ")] : []

const limits: ReadonlyArray<readonly [keyword: string, say: (value: unknown) => string]> = [
  ["minimum", (value) => `${value} or more`],
  ["maximum", (value) => `${value} or less`],
  ["exclusiveMinimum", (value) => `more than ${value}`],
  ["exclusiveMaximum", (value) => `less than ${value}`],
  ["multipleOf", (value) => `a multiple of ${value}`],
  ["minLength", (value) => `${value} or more characters`],
  ["maxLength", (value) => `${value} or fewer characters`],
  ["pattern", (value) => `matches ${value}`],
  ["minItems", (value) => `${value} or more items`],
  ["maxItems", (value) => `${value} or fewer items`],
  ["uniqueItems", () => "no item twice"]
]
