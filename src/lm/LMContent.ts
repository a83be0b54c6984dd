/**
 * What messages are made of, as data with Schemas: the same value is sent, stored and compared.
 */
import * as Schema from "effect/Schema"
import { Audio, Base64, File, Image, isMedia, Media, Source, Url } from "../signature/Content.ts"
import { isRecord } from "../text/json/values.ts"

// Models

/** A JSON object whose members nobody here looks into. */
const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

/**
 * What a provider has put beside a part of its reply, and wants back as it came: a signature, an encrypted thought. It stands
 * under the name of the protocol that it came by; another protocol leaves it out.
 */
export const ProviderData = JsonObject
export type ProviderData = typeof ProviderData.Type

/** Text. */
export const Text = Schema.TaggedStruct("Text", {
  text: Schema.String,
  providerData: Schema.optionalKey(ProviderData)
})
export interface Text extends Schema.Schema.Type<typeof Text> {}

export { Audio, Base64, File, Image, isMedia, Media, Source, Url }

/** The model's own thinking. */
export const Reasoning = Schema.TaggedStruct("Reasoning", {
  text: Schema.String,
  providerData: Schema.optionalKey(ProviderData)
})
export interface Reasoning extends Schema.Schema.Type<typeof Reasoning> {}

/** A call that the model asked for. `arguments` is the JSON text as the model wrote it: untrusted, not yet parsed. */
export const ToolCall = Schema.TaggedStruct("ToolCall", {
  id: Schema.String,
  name: Schema.String,
  arguments: Schema.String,
  providerData: Schema.optionalKey(ProviderData)
})
export interface ToolCall extends Schema.Schema.Type<typeof ToolCall> {}

/** What a user, or a tool, may say. */
export const Given: Schema.Codec<Given> = Schema.Union([Text, Image, Audio, File])
export type Given = Text | Image | Audio | File

/** What came of the call with the same id. */
export const ToolResult = Schema.TaggedStruct("ToolResult", {
  toolCallId: Schema.String,
  name: Schema.String,
  content: Schema.Array(Given)
})
export interface ToolResult extends Schema.Schema.Type<typeof ToolResult> {}

/** What a model may say. */
export const Said: Schema.Codec<Said> = Schema.Union([Text, Reasoning, ToolCall])
export type Said = Text | Reasoning | ToolCall

/** Any part of any message. */
export const Part: Schema.Codec<Part> = Schema.Union([Text, Image, Audio, File, Reasoning, ToolCall, ToolResult])
export type Part = Text | Image | Audio | File | Reasoning | ToolCall | ToolResult

// Constructors

/** A part of text. */
export const text = (text: string): Text => ({ _tag: "Text", text })

/** Text as content; what is content already stays as it is. */
export const from = <P>(content: string | ReadonlyArray<P>): ReadonlyArray<P | Text> =>
  typeof content === "string" ? [text(content)] : content

// Destructors

/** The text of the parts, without thoughts, in one piece. The text of a tool's result counts. */
export const textOf = (parts: ReadonlyArray<Part>): string => {
  const [first] = parts
  if (parts.length === 1 && first?._tag === "Text") return first.text
  let whole = ""
  for (const part of parts) {
    if (part._tag === "Text") whole += part.text
    else if (part._tag === "ToolResult") whole += textOf(part.content)
  }
  return whole
}

/** The thoughts among the parts, in one piece. */
export const reasoningOf = (parts: ReadonlyArray<Part>): string => {
  let whole = ""
  for (const part of parts) if (part._tag === "Reasoning") whole += part.text
  return whole
}

/** The tool calls among the parts. */
export const toolCallsOf = (parts: ReadonlyArray<Part>): ReadonlyArray<ToolCall> =>
  parts.filter((part): part is ToolCall => part._tag === "ToolCall")

/** What a protocol has put beside a part, if anything. */
export const providerDataOf = (
  part: Text | Reasoning | ToolCall,
  protocol: string
): Readonly<Record<string, unknown>> => {
  const data = part.providerData !== undefined && Object.hasOwn(part.providerData, protocol)
    ? part.providerData[protocol]
    : undefined
  return isRecord(data) ? data : {}
}
