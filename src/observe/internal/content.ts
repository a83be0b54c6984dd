/**
 * Prompts, replies and what tools are given, as the conventions have them on a span: JSON texts.
 */
import * as Content from "../../lm/LMContent.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"
import type { LMResponse } from "../../lm/LMResponse.ts"
import { isRecord, toJson } from "../../text/json/values.ts"
import { isPlain } from "../../text/kinds.ts"
import { Attribute } from "./names.ts"

type Attributes = Record<string, unknown>

/** What is sent. */
export const ofRequest = ({ messages, tools }: LMRequest): Attributes => {
  const instructions = messages.filter(({ role }) => role === "system").flatMap(({ content }) => content.map(partOf))
  const others = messages.filter(({ role }) => role !== "system")
  return {
    ...(instructions.length === 0 ? {} : { [Attribute.systemInstructions]: toJson(instructions) }),
    [Attribute.inputMessages]: toJson(others.map(({ content, role }) => ({ role, parts: content.map(partOf) }))),
    ...(tools === undefined ? {} : {
      [Attribute.toolDefinitions]: toJson(tools.map((tool) => ({ type: "function", ...tool })))
    })
  }
}

/** What came. */
export const ofResponse = ({ completions }: LMResponse): Attributes => ({
  [Attribute.outputMessages]: toJson(
    completions.map(({ content, finish }) => ({
      role: "assistant",
      parts: content.map(partOf),
      finish_reason: finishOf(finish)
    }))
  )
})

/** Any value as a text, without the bytes of content in it. */
export const text = (value: unknown): string =>
  typeof value === "string" ? value : toJson(withoutBytes(value)) ?? String(value)

/** What the conventions call the end of a completion. */
export const finishOf = (finish: string | undefined): string =>
  finish === undefined ? "error" : finishes.get(finish) ?? finish

// Details

const finishes: ReadonlyMap<string, string> = new Map([
  ["tool-calls", "tool_call"],
  ["content-filter", "content_filter"]
])

const partOf = (part: Content.Part): Attributes => {
  switch (part._tag) {
    case "Text":
      return { type: "text", content: part.text }
    case "Reasoning":
      return { type: "reasoning", content: part.text }
    case "ToolCall":
      return { type: "tool_call", id: part.id, name: part.name, arguments: part.arguments }
    case "ToolResult":
      return { type: "tool_call_response", id: part.toolCallId, response: part.content.map(partOf) }
    default:
      return mediumOf(part)
  }
}

const withoutBytes = (value: unknown): unknown => {
  if (Content.isMedia(value)) return mediumOf(value)
  if (Array.isArray(value)) return value.map(withoutBytes)
  return isRecord(value) && isPlain(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutBytes(member)]))
    : value
}

/** Bytes are left out: a span is no place for them. */
const mediumOf = ({ _tag, source }: Content.Image | Content.Audio | Content.File): Attributes => {
  const modality = _tag.toLowerCase()
  return source._tag === "Url"
    ? { type: "uri", modality, uri: source.url }
    : { type: "blob", modality, mime_type: source.mediaType }
}
