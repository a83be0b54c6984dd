/**
 * JSON schemas as grammars in GBNF, llama.cpp's notation: text that follows the grammar is JSON of the schema.
 *
 * The JSON is on one line, with one space after each comma and colon: where whitespace is free, a small model may write it
 * for ever. What a grammar cannot say well (patterns, most bounds of numbers, uniqueness) is left to whoever decodes the
 * reply. Names of rules are counted, never taken from the schema.
 */
import * as Pointer from "../../text/json/pointer.ts"
import { isRecord } from "../../text/json/values.ts"
import type { Limits } from "./engine.ts"

type JsonSchema = Readonly<Record<string, unknown>>

/** The grammar for one JSON value of the schema (draft 2020-12). It begins with the rule `root`. */
export const fromJsonSchema = (schema: JsonSchema, limits?: Limits): string => {
  const lines: Array<string> = []
  const names = new Map<string, string>()
  const references = new Map<string, string>()
  /** How many references are being followed. */
  let following = 0
  /** How many lists and records are around. Deeper ones may have fewer items, because there are more of them. */
  let depth = 0
  const within = (visit: () => string): string => {
    depth++
    const name = visit()
    depth--
    return name
  }
  const items = () => limits === undefined ? undefined : Math.max(1, limits.items >> depth)
  const characters = () => limits === undefined ? undefined : Math.ceil(limits.characters / 5 ** depth)

  /** The name of a rule with this body. */
  const rule = (body: string): string => {
    let name = names.get(body)
    if (name === undefined) {
      name = `r${names.size}`
      names.set(body, name)
      lines.push(`${name} ::= ${body}`)
    }
    return name
  }

  const visit = (self: unknown): string => {
    if (!isRecord(self)) return "value"
    const node = merged(self)
    const union = node["anyOf"] ?? node["oneOf"]
    if (typeof node["$ref"] === "string") return reference(node["$ref"])
    if ("const" in node) return literal(node["const"])
    if (Array.isArray(node["enum"])) return oneOf(node["enum"].map(literal))
    if (Array.isArray(union)) return oneOf(union.map(visit))
    const { type } = node
    if (Array.isArray(type)) return oneOf(type.map((type) => visit({ ...node, type })))
    if (type === "string") return string(node)
    if (type === "number") return number(node)
    if (type === "integer") return integer(node)
    if (type === "array") return array(node)
    if (type === "object" || isRecord(node["properties"])) return object(node)
    return type === "boolean" || type === "null" ? type : "value"
  }

  /** A rule of its own, named before it is written: a schema may refer to itself. */
  const reference = (pointer: string): string => {
    const known = references.get(pointer)
    if (known !== undefined) return known
    const name = `ref${references.size}`
    references.set(pointer, name)
    following++
    lines.push(`${name} ::= ${visit(Pointer.resolve(schema, pointer))}`)
    following--
    return name
  }

  const oneOf = (all: ReadonlyArray<string>): string =>
    all.length === 0 ? "value" : all.length === 1 ? all[0]! : rule([...new Set(all)].join(" | "))

  const string = (node: JsonSchema): string => {
    const least = count(node["minLength"]) ?? 0
    const most = count(node["maxLength"]) ?? characters()
    return least === 0 && most === undefined ? "string" : rule(`"\\"" ${repeat("char", least, most)} "\\""`)
  }

  const number = ({ maximum, minimum, exclusiveMinimum: above }: JsonSchema): string => {
    const least = finite(minimum) ?? finite(above)
    if (least === undefined || least < 0) return "number"
    return (least === 0 && maximum === 1) ? "fraction" : "positive"
  }

  const integer = ({ exclusiveMaximum, exclusiveMinimum, maximum, minimum }: JsonSchema): string => {
    const above = finite(exclusiveMinimum)
    const below = finite(exclusiveMaximum)
    const least = finite(minimum) ?? (above === undefined ? undefined : Math.floor(above) + 1)
    const most = finite(maximum) ?? (below === undefined ? undefined : Math.ceil(below) - 1)
    if (least === undefined || least < 0) return "integer"
    if (most === undefined || most < least || most - least > 100) return "whole"
    const first = Math.ceil(least)
    return oneOf(Array.from({ length: Math.floor(most) - first + 1 }, (_, i) => literal(first + i)))
  }

  const array = ({ items: element, maxItems, minItems, prefixItems }: JsonSchema): string => {
    // A fixed part is written whole, whether it has to be or not.
    const fixed = Array.isArray(prefixItems) ? prefixItems.map((item) => within(() => visit(item))) : []
    const open = element !== false && (fixed.length === 0 || element !== undefined)
    const limit = open ? count(maxItems) ?? items() : fixed.length
    const most = limit === undefined ? undefined : Math.max(limit - fixed.length, 0)
    // A weak model would rather leave lists empty; where a schema refers to itself, an empty list is its end.
    const wanted = limits === undefined || following > 0 ? 0 : 1
    const least = Math.max((count(minItems) ?? wanted) - fixed.length, 0)
    if (most === 0) return rule(`"[" ${[...fixed.flatMap(separated), `"]"`].join(" ")}`)
    const item = within(() => visit(element))
    const further = (least: number, most: number | undefined) => repeat(rule(`", " ${item}`), least, most)
    if (fixed.length > 0) return rule(`"[" ${fixed.flatMap(separated).join(" ")} ${further(least, most)} "]"`)
    const all = `${item} ${further(Math.max(least - 1, 0), most === undefined ? undefined : most - 1)}`
    return rule(least === 0 ? `"[" (${all})? "]"` : `"[" ${all} "]"`)
  }

  const object = (node: JsonSchema): string => {
    const properties = isRecord(node["properties"]) ? Object.entries(node["properties"]) : []
    if (properties.length === 0) {
      const patterns = isRecord(node["patternProperties"]) ? Object.values(node["patternProperties"]) : []
      const value = patterns[0] ?? node["additionalProperties"]
      if (value === false) return `"{}"`
      const member = rule(`key ": " ${within(() => visit(value))}`)
      const most = items()
      return rule(
        `"{" (${member} ${repeat(rule(`", " ${member}`), 0, most === undefined ? undefined : most - 1)})? "}"`
      )
    }
    const required = new Set(Array.isArray(node["required"]) ? node["required"] : [])
    const members = (wanted: boolean) =>
      properties.filter(([name]) => required.has(name) === wanted)
        .map(([name, value]) => rule(`${quote(`${JSON.stringify(name)}: `)} ${visit(value)}`))
    const whole = members(true)
    const partial = members(false)
    if (whole.length > 0) return rule(`"{" ${[...whole.flatMap(separated), ...partial.map(optional)].join(" ")} "}"`)
    const some = partial.map((first, i) => [first, ...partial.slice(i + 1).map(optional)].join(" "))
    return rule(`"{" (${some.join(" | ")})? "}"`)
  }

  const root = visit(schema)
  return [`root ::= ${root}`, ...lines, ...(limits === undefined ? unlimited : limited(limits)), ...common].join("\n")
}

/** JSON of which nothing is known. */
const unlimited = [
  `value ::= object | array | string | number | boolean | null`,
  `object ::= "{" (key ": " value (", " key ": " value)*)? "}"`,
  `array ::= "[" (value (", " value)*)? "]"`,
  String.raw`string ::= "\"" char* "\""`,
  `key ::= string`
]

/** The same for a model that does not know when to stop: lists and records in each other would be without end. */
const limited = ({ characters, items }: Limits) => [
  `value ::= object | array | string | number | boolean | null`,
  `object ::= "{" (key ": " leaf (", " key ": " leaf){0,${items - 1}})? "}"`,
  `array ::= "[" (leaf (", " leaf){0,${items - 1}})? "]"`,
  `leaf ::= string | number | boolean | null`,
  String.raw`string ::= "\"" ${repeat("char", 0, Math.ceil(characters / 5))} "\""`,
  String.raw`key ::= "\"" char{1,40} "\""`
]

/** What every grammar may use. */
const common = [
  String.raw`char ::= [^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" unit)`,
  // No halves of characters: whole ones need no escape.
  "unit ::= [0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2}",
  `number ::= "-"? positive`,
  `positive ::= whole ("." [0-9]{1,15})?`,
  `integer ::= "-"? whole`,
  `whole ::= "0" | [1-9] [0-9]{0,14}`,
  `fraction ::= "0" ("." [0-9]{1,6})? | "1" (".0")?`,
  `boolean ::= "true" | "false"`,
  `null ::= "null"`
]

/** The most repetitions that a grammar counts: each one costs the sampler. */
const longest = 1000

const repeat = (what: string, least: number, most: number | undefined): string => {
  const from = Math.min(least, longest)
  if (most !== undefined && most <= longest) return `${what}{${Math.min(from, most)},${most}}`
  return from === 0 ? `${what}*` : `${what}{${from},}`
}

const separated = (what: string, index: number): ReadonlyArray<string> => index === 0 ? [what] : [`", "`, what]

const optional = (what: string): string => `(", " ${what})?`

/** A JSON value that is always the same, as a terminal. */
const literal = (value: unknown): string => quote(JSON.stringify(value))

/** A terminal. JSON's escapes are a part of GBNF's, as long as the text has no control characters. */
const quote = (text: string): string => JSON.stringify(text)

/** The schema with what its `allOf` adds: later keywords win, properties and required names add up. */
const merged = (node: JsonSchema): JsonSchema => {
  if (!Array.isArray(node["allOf"])) return node
  const { allOf, ...rest } = node
  return allOf.filter(isRecord).map(merged).reduce((self: JsonSchema, that) => ({
    ...self,
    ...that,
    ...(isRecord(self["properties"]) && isRecord(that["properties"]) && {
      properties: { ...self["properties"], ...that["properties"] }
    }),
    ...(Array.isArray(self["required"]) && Array.isArray(that["required"]) && {
      required: [...self["required"], ...that["required"]]
    })
  }), rest)
}

const finite = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined

const count = (value: unknown): number | undefined => {
  const number = finite(value)
  return number === undefined || number < 0 ? undefined : Math.floor(number)
}
