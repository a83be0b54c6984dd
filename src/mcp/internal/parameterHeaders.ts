/**
 * Arguments that the newest protocol wants as headers too: those of properties with `x-mcp-header`.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#schema-extension
 */
import * as Base64 from "effect/encoding/Base64"
import { isRecord, type Json } from "./message.ts"

/** The headers of these arguments. */
export const parameterHeaders = (schema: unknown, args: Json): Readonly<Record<string, string>> => {
  const headers: Array<readonly [string, string]> = []
  const visit = (schema: unknown, value: unknown): void => {
    if (!isRecord(schema)) return
    const name = schema["x-mcp-header"]
    if (typeof name === "string" && ["string", "number", "boolean"].includes(typeof value)) {
      headers.push([`mcp-param-${name.toLowerCase()}`, headerValue(String(value))])
    }
    for (const [key, inner] of Object.entries(isRecord(schema["properties"]) ? schema["properties"] : {})) {
      visit(inner, isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined)
    }
  }
  visit(schema, args)
  return Object.fromEntries(headers)
}

/** Whether a header can have such a name. */
export const hasOddHeader = (schema: unknown): boolean =>
  isRecord(schema) &&
  Object.entries(schema).some(([key, value]) =>
    key === "x-mcp-header" ? typeof value !== "string" || !token.test(value) : Array.isArray(value)
      ? value.some(hasOddHeader)
      : hasOddHeader(value)
  )

/** Values that are not plain visible ASCII are sent in base64. */
export const headerValue = (value: string): string =>
  /^[\x20-\x7e]*$/.test(value) && value.trim() === value && !/^=\?base64\?.*\?=$/.test(value)
    ? value
    : `=?base64?${Base64.encode(value)}?=`

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
