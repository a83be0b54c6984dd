/** Schemas as the text of their static type. */
import { Schema } from "effect"
import { ToolCalls } from "effect-lm/module"
import { CalendarDate, Citations, Code, Document, Reasoning } from "effect-lm/signature"
import type * as Field from "effect-lm/signature/Field"
import { History } from "effect-lm/signature/History"
import type * as Signature from "effect-lm/signature/Signature"
import { Tool } from "effect-lm/tool"

const named = new Map<unknown, string>([
  [Schema.String, "Schema.String"],
  [Schema.Int, "Schema.Int"],
  [Schema.Finite, "Schema.Finite"],
  [Schema.Boolean, "Schema.Boolean"],
  [Schema.Null, "Schema.Null"],
  [Schema.Json, "typeof Schema.Json"],
  [CalendarDate, "CalendarDate"],
  [Code.Code, "Code.Code"],
  [Document.Document, "typeof Document.Document"],
  [Reasoning, "Reasoning"],
  [Citations.Citations, "typeof Citations.Citations"],
  [Tool.Tool, "typeof Tool.Tool"],
  [ToolCalls.ToolCalls, "typeof ToolCalls.ToolCalls"],
  [History, "typeof History.History"]
])

/** The static type of a schema that the grammar can make, read from the schema as it is at run time. */
export const typeText = (schema: unknown): string => {
  const name = named.get(schema)
  if (name !== undefined) return name
  const { ast, elements, fields, key, literals, members, schema: inner, value } = schema as {
    readonly ast: Field.FieldSchema["ast"]
    readonly elements?: ReadonlyArray<unknown>
    readonly fields?: Readonly<Record<string, unknown>>
    readonly literals?: ReadonlyArray<string | number | boolean>
    readonly members?: ReadonlyArray<unknown>
    readonly key?: unknown
    readonly value?: unknown
    readonly schema?: unknown
  }
  if (literals !== undefined) return `Schema.Literals<readonly [${literals.map((l) => JSON.stringify(l)).join(", ")}]>`
  if (members !== undefined) {
    return members.length === 2 && members[1] === Schema.Null
      ? `Schema.NullOr<${typeText(members[0])}>`
      : `Schema.Union<readonly [${members.map(typeText).join(", ")}]>`
  }
  if (inner !== undefined) {
    const wrapper = ast.context?.constructorDefault === undefined ? "optionalKey" : "withConstructorDefault"
    // The type of any JSON says neither that it has a default nor that it has none.
    const without = wrapper === "optionalKey" || inner !== Schema.Json ? "" : " & Schema.WithoutConstructorDefault"
    return `Schema.${wrapper}<${typeText(inner)}${without}>`
  }
  // Each language has a schema of its own, of one type.
  if (ast.annotations?.["effect-lm/signature/Code"] !== undefined) return "Code.Code"
  if (ast._tag === "Declaration" && value === undefined) {
    const { representation } = ast.annotations ?? {}
    return JSON.stringify(representation).includes("/DateTimeUtc")
      ? "Schema.DateTimeUtcFromString"
      : "Schema.DateFromString"
  }
  if (elements !== undefined) return `Schema.Tuple<readonly [${elements.map(typeText).join(", ")}]>`
  if (fields !== undefined) return `Schema.Struct<${fieldsText(Object.entries(fields))}>`
  return key === undefined
    ? `Schema.${ast._tag === "Declaration" ? "$ReadonlySet" : "$Array"}<${typeText(value)}>`
    : `Schema.$Record<${typeText(key)}, ${typeText(value)}>`
}

const fieldsText = (fields: ReadonlyArray<readonly [name: string, schema: unknown]>): string =>
  `{ ${fields.map(([name, schema]) => `readonly ${JSON.stringify(name)}: ${typeText(schema)}`).join("; ")} }`

/** The static type of a signature. */
export const signatureText = (signature: Signature.Any): string => {
  const side = (fields: ReadonlyArray<Field.Field>) => fieldsText(fields.map(({ name, schema }) => [name, schema]))
  return `Signature.Signature<${side(signature.inputFields)}, ${side(signature.outputFields)}>`
}
