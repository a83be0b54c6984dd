/**
 * What a tool of a server gave, read leniently.
 */
import * as Effect from "effect/Effect"
import { type Bytes, inOrder } from "../../tool/internal/content.ts"
import type { Given } from "../../tool/internal/entry.ts"
import * as ToolError from "../../tool/ToolError.ts"
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
  const { parts, text } = inOrder(blocks.map(pieceOf))
  if (isTrue(isError)) return failed(text === "" ? "the server says that it failed, and not why" : text)
  const shown = parts === undefined ? {} : { text, parts }
  // `toolResult` is what the first servers said.
  const value = structuredContent ?? toolResult
  return Effect.succeed(
    value === undefined || value === null
      ? { value: text, ...shown }
      // Servers say what is structured as text too; one that does not is told as JSON.
      : { value, text: text === "" ? undefined : text, ...shown }
  )
}

// Details

/** Some servers write it as a text, or as a number. */
const isTrue = (value: unknown): boolean => /^\s*(?:true|yes|1)\s*$/i.test(String(value))

const pieceOf = (block: unknown): string | Bytes => {
  if (!isRecord(block)) return said(block)
  const { data, mimeType, name, resource, text, title, type, uri } = block
  switch (type) {
    case "resource_link":
      return `${said(title ?? name ?? "a resource")}: ${said(uri)}`
    case "resource": {
      const { blob, mimeType, text, uri } = isRecord(resource) ? resource : {} as Readonly<Record<string, unknown>>
      if (typeof blob === "string") return { data: blob, mediaType: asText(mimeType), name: lastOf(asText(uri)) }
      return text === undefined || text === null ? leftOut(said(mimeType ?? uri ?? "a resource")) : said(text)
    }
    case "image":
    case "audio":
      return typeof data === "string"
        ? { data, mediaType: asText(mimeType), name: undefined, kind: type }
        : leftOut(said(mimeType ?? type))
    default:
      return text === undefined || text === null ? leftOut(said(type ?? "a part")) : said(text)
  }
}

const asText = (value: unknown): string | undefined => typeof value === "string" && value !== "" ? value : undefined

/** What a resource is called: the last part of its address. */
const lastOf = (uri: string | undefined): string | undefined => /[^/\\]+(?=[/\\]*$)/.exec(uri ?? "")?.[0]

const said = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value) ?? ""

const leftOut = (what: string): string => `[${what} was left out: it is no text]`
