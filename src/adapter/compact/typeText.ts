/**
 * A JSON Schema in the short spelling that people, and models, read best: an object with its keys, each with its type, and behind
 * it, as a comment, what else its schema says. What it refers to has a name.
 */
import * as Pointer from "../../text/json/pointer.ts"
import { isRecord, type JsonRecord } from "../../text/json/values.ts"

/** The type of a schema at this depth of indentation. */
export const typeText = (schema: JsonRecord, depth: number): string => {
  const { $ref, anyOf, oneOf, type } = schema
  if (typeof $ref === "string") return Pointer.definitionOf($ref) ?? "any JSON"
  if ("const" in schema) return JSON.stringify(schema["const"])
  if (Array.isArray(schema["enum"])) return schema["enum"].map((value) => JSON.stringify(value)).join(" or ")
  for (const members of [anyOf, oneOf]) {
    if (Array.isArray(members)) {
      return members.filter(isRecord).map((member) => typeText(member, depth)).join(" or ") || "any JSON"
    }
  }
  if (Array.isArray(type)) return type.map((one) => typeText({ ...schema, type: one }, depth)).join(" or ")
  switch (type) {
    case "object":
      return objectText(schema, depth)
    case "array":
      return arrayText(schema, depth)
    case "integer":
      return "int"
    case undefined:
      return "any JSON"
    default:
      return String(type)
  }
}

/** What a schema says beside its type, as a comment: its description, its limits. */
export const said = (schema: JsonRecord): string => asComment(saidIn(schema))

// Details

const asComment = (parts: ReadonlyArray<string>): string => parts.length === 0 ? "" : ` // ${parts.join("; ")}`

const objectText = ({ additionalProperties, properties, required }: JsonRecord, depth: number): string => {
  const keys = isRecord(properties) ? Object.entries(properties) : []
  const indent = "  ".repeat(depth + 1)
  const lines = keys.flatMap(([key, schema], at) => {
    if (!isRecord(schema)) return []
    const needed = Array.isArray(required) && required.includes(key)
    const comma = at === keys.length - 1 && !isRecord(additionalProperties) ? "" : ","
    const rest = [...needed ? [] : ["may be left out"], ...saidIn(schema)]
    return [`${indent}${JSON.stringify(key)}: ${typeText(schema, depth + 1)}${comma}${asComment(rest)}`]
  })
  if (isRecord(additionalProperties)) {
    lines.push(`${indent}any key: ${typeText(additionalProperties, depth + 1)}${said(additionalProperties)}`)
  }
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`
}

const arrayText = ({ items, prefixItems }: JsonRecord, depth: number): string => {
  if (Array.isArray(prefixItems)) {
    return `[${prefixItems.filter(isRecord).map((item) => typeText(item, depth)).join(", ")}]`
  }
  if (!isRecord(items)) return "[any JSON, ...]"
  const limits = saidIn(items)
  return `[${typeText(items, depth)}, ...]${limits.length === 0 ? "" : ` (each: ${limits.join("; ")})`}`
}

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
