/** Signatures as texts: in all spellings that the grammar has, and with slips of the keyboard. */
import type { Schema } from "effect"
import type { Random } from "../../support/random.ts"
import type { FieldSpec, Primitive, Spec, Type } from "./specs.ts"

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
    fields.map(({ default: value, name, optional, type }) => {
      const written = type === undefined ? "" : `${space()}:${space()}${printType(type, spelling)}`
      const otherwise = value === undefined ? "" : `${space()}=${space()}${printJson(value, spelling)}`
      return `${space()}${name}${space()}${optional ? `?${space()}` : ""}${written}${space()}${otherwise}${space()}`
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
    case "Set":
      return python() ? `set${space()}[${print(type.item)}]` : `Set<${print(type.item)}>`
    case "Tuple": {
      const items = type.items.map(print).join(",")
      return python() ? `tuple[${items}]` : `[${items}]`
    }
    case "Object": {
      const separator = python() ? "," : ";"
      const properties = type.properties.map(({ name, optional, type }) => {
        const key = /^[\w\u0400-\u04ff]+$/.test(name) && python() ? name : printLiteral(name)
        return `${space()}${python() ? "" : "readonly "}${key}${space()}${optional ? "?" : ""}${space()}:${print(type)}`
      })
      return `{${properties.join(separator)}${python() ? "" : separator}${space()}}`
    }
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
  null: ["None", "null"],
  datetime: ["datetime", "datetime.datetime"],
  date: ["datetime.date", "date"],
  Date: ["Date", "Date"],
  Code: ["dspy.Code", "Code"],
  Reasoning: ["dspy.Reasoning", "Reasoning"],
  Citations: ["dspy.Citations", "Citations"],
  ToolCalls: ["dspy.ToolCalls", "ToolCalls"]
}

const printJson = (json: Schema.Json, spelling: Spelling): string => {
  const { python, space } = spelling
  const print = (json: Schema.Json) => `${space()}${printJson(json, spelling)}${space()}`
  if (json === null) return python() ? "None" : "null"
  if (typeof json === "boolean") return python() ? (json ? "True" : "False") : String(json)
  if (typeof json !== "object") return printLiteral(json)
  return Array.isArray(json)
    ? `[${json.map(print).join(",") || space()}]`
    : `{${
      Object.entries(json).map(([key, value]) => `${space()}${printLiteral(key)}${space()}:${print(value)}`).join(",")
    }}`
}

const atom = (type: Type, print: (type: Type) => string): string =>
  type._tag === "Union" ? `(${print(type)})` : print(type).trim()

const printLiteral = (value: string | number | boolean): string =>
  typeof value === "string" ? (value.includes("'") ? `"${value}"` : `'${value}'`) : String(value)

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
  "\\",
  "{",
  "}",
  ";",
  "=",
  "...",
  "readonly ",
  "tuple",
  "datetime",
  "→",
  "é"
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
