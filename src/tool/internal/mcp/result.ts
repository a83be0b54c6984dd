/**
 * What a tool of a server gave, read leniently.
 */
import * as Effect from "effect/Effect"
import * as ToolError from "../../ToolError.ts"
import type { Given } from "../entry.ts"
import { isRecord } from "./message.ts"

export const given = (tool: string, result: unknown): Effect.Effect<Given, ToolError.ToolError> => {
  const failed = (description: string) =>
    Effect.fail(new ToolError.ToolError({ tool, reason: new ToolError.Failed({ description }) }))
  if (!isRecord(result)) return failed("the server answered with nothing that a tool can give")
  const { content, isError, resultType, structuredContent, toolResult } = result
  if (resultType === "input_required") {
    return failed("the server asks for input in the middle of the call, which is not supported")
  }
  const blocks = Array.isArray(content) ? content : content === undefined || content === null ? [] : [content]
  const text = blocks.map(textOf).join("\n")
  if (isTrue(isError)) return failed(text === "" ? "the server says that it failed, and not why" : text)
  // `toolResult` is what the first servers said.
  const value = structuredContent ?? toolResult
  return Effect.succeed(
    value === undefined || value === null
      ? { value: text }
      // Servers say what is structured as text too; one that does not is told as JSON.
      : { value, text: text === "" ? undefined : text }
  )
}

// Details

/** Some servers write it as a text, or as a number. */
const isTrue = (value: unknown): boolean => /^\s*(?:true|yes|1)\s*$/i.test(String(value))

const textOf = (block: unknown): string => {
  if (!isRecord(block)) return said(block)
  const { mimeType, name, resource, text, title, type, uri } = block
  switch (type) {
    case "resource_link":
      return `${said(title ?? name ?? "a resource")}: ${said(uri)}`
    case "resource": {
      const { mimeType, text, uri } = isRecord(resource) ? resource : {} as Readonly<Record<string, unknown>>
      return text === undefined || text === null ? leftOut(said(mimeType ?? uri ?? "a resource")) : said(text)
    }
    case "image":
    case "audio":
      return leftOut(said(mimeType ?? type))
    default:
      return text === undefined || text === null ? leftOut(said(type ?? "a part")) : said(text)
  }
}

const said = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value) ?? ""

const leftOut = (what: string): string => `[${what} was left out: it is no text]`
