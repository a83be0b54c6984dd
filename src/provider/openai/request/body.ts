/**
 * A request, as the body of a chat completion call.
 */
import { mediaIn } from "../../../lm/Inputs.ts"
import {
  type Given,
  type ProviderData,
  providerDataOf,
  type Source,
  textOf as textOfParts,
  type ToolCall,
  toolCallsOf,
  type ToolResult
} from "../../../lm/LMContent.ts"
import {
  type AssistantMessage,
  type Feature,
  type LMRequest,
  type Message,
  type ResponseFormat,
  spoken,
  textOf
} from "../../../lm/LMRequest.ts"
import type { Dialect } from "../../Providers.ts"
import * as StrictSchema from "./strictSchema.ts"

/**
 * The body of a chat completion call, without what says whether it is streamed. The SDK has types of it too, but they bring the
 * globals of Node into every project that sees them.
 */
export interface ChatBody {
  readonly model: string
  readonly messages: ReadonlyArray<ChatMessage>
  readonly tools?: ReadonlyArray<ChatTool>
  readonly tool_choice?: "auto" | "none" | "required" | Named<{ readonly name: string }>
  readonly response_format?: ChatFormat
  readonly temperature?: number
  readonly top_p?: number
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
  readonly n?: number
  readonly seed?: number
  readonly random_seed?: number
  readonly stop?: ReadonlyArray<string>
  readonly reasoning_effort?: string
  readonly parallel_tool_calls?: boolean
  readonly top_k?: number
  readonly logprobs?: boolean
  readonly top_logprobs?: number
  readonly user?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly service_tier?: string
}

export type ChatMessage =
  | { readonly role: "system" | "user"; readonly content: string | ReadonlyArray<ChatPart> }
  | {
    readonly role: "assistant"
    readonly content: string | ReadonlyArray<ChatPart> | null
    readonly tool_calls?: ReadonlyArray<ChatToolCall>
    /** The reasoning that a provider wants back is under the name that the provider gave it. */
    readonly [reasoningField: string]: unknown
  }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string | ReadonlyArray<ChatPart> }

export type ChatPart =
  & (
    | { readonly type: "text"; readonly text: string }
    | { readonly type: "image_url"; readonly image_url: { readonly url: string } }
    | { readonly type: "input_audio"; readonly input_audio: { readonly data: string; readonly format: string } }
    | { readonly type: "file"; readonly file: { readonly filename?: string; readonly file_data: string } }
  )
  & { readonly cache_control?: { readonly type: "ephemeral"; readonly ttl?: string } }

export type ChatToolCall = Named<{ readonly name: string; readonly arguments: string }> & {
  readonly id: string
  readonly extra_content?: unknown
}

export type ChatTool = Named<{
  readonly name: string
  readonly description?: string
  readonly parameters: Readonly<Record<string, unknown>>
}>

export type ChatFormat =
  | { readonly type: "json_object" }
  | {
    readonly type: "json_schema"
    readonly json_schema: {
      readonly name: string
      readonly strict: boolean
      readonly schema: Readonly<Record<string, unknown>>
    }
  }

interface Named<F> {
  readonly type: "function"
  readonly function: F
}

/** The name of the protocol, under which its provider data stands. */
export const protocol = "chat"

/** What a service that speaks the protocol puts beside a part, and wants back. */
export interface Beside {
  /** What it calls the reasoning. Some want it back under that name beside tool calls, others refuse a name they do not know. */
  readonly reasoningField?: string
  /** The parts of a thought as they came, signed or encrypted. */
  readonly reasoningDetails?: ReadonlyArray<unknown>
  /** What stood beside a tool call, such as the signature of the thought that led to it. */
  readonly extraContent?: unknown
}

/** Provider data of this protocol. */
export const beside = (data: Beside): ProviderData => ({ [protocol]: data })

/**
 * The same request for the same model makes the same body; what the request leaves out, the body does, and what the provider
 * does not have.
 */
export const make = (
  request: LMRequest,
  model: string,
  dialect: Dialect,
  lacks: ReadonlySet<Feature> = new Set()
): ChatBody => {
  const { config } = request
  const tools = dialect.tools && request.tools !== undefined && request.tools.length > 0 ? request.tools : undefined
  const format = responseFormat(request.responseFormat, dialect)
  const messages = messagesOf(request.messages.map(spoken))
  return {
    model,
    messages: dialect.cacheControl && config.promptCache !== undefined
      ? marked(messages, config.promptCache)
      : messages,
    ...(tools !== undefined && {
      tools: tools.map(({ description, name, parameters }) => ({
        type: "function",
        function: { name, ...(description !== undefined && { description }), parameters: { ...parameters } }
      }))
    }),
    ...(tools !== undefined && request.toolChoice !== undefined && {
      tool_choice: typeof request.toolChoice === "string"
        ? request.toolChoice
        : { type: "function", function: { name: request.toolChoice.name } }
    }),
    ...(tools !== undefined && config.parallelToolCalls !== undefined && !lacks.has("parallelToolCalls") && {
      parallel_tool_calls: config.parallelToolCalls
    }),
    ...(format !== undefined && { response_format: format }),
    ...(config.temperature !== undefined && { temperature: config.temperature }),
    ...(config.topP !== undefined && { top_p: config.topP }),
    ...(config.topK !== undefined && dialect.topK && { top_k: config.topK }),
    ...(config.maxTokens !== undefined && { [dialect.maxTokens]: config.maxTokens }),
    ...(config.n !== undefined && config.n !== 1 && { n: config.n }),
    ...(config.seed !== undefined && { [dialect.seed]: config.seed }),
    ...(config.stop !== undefined && config.stop.length > 0 && { stop: [...config.stop] }),
    ...(config.reasoningEffort !== undefined && { reasoning_effort: config.reasoningEffort }),
    ...(config.logprobs !== undefined && {
      logprobs: true,
      ...(config.logprobs > 0 && { top_logprobs: config.logprobs })
    }),
    ...(config.user !== undefined && !lacks.has("user") && { user: config.user }),
    ...(config.metadata !== undefined && !lacks.has("metadata") && { metadata: { ...config.metadata } }),
    ...(config.serviceTier !== undefined && !lacks.has("serviceTier") && { service_tier: config.serviceTier })
  }
}

/**
 * The messages. Those of tools have text alone in this protocol, and follow each other: what tools gave beside text is said by
 * the user behind the last of them.
 */
const messagesOf = (messages: ReadonlyArray<Message>): ReadonlyArray<ChatMessage> => {
  const written: Array<ChatMessage> = []
  let shown: ReadonlyArray<ChatPart> = []
  const show = () => {
    if (shown.length > 0) written.push({ role: "user", content: shown })
    shown = []
  }
  for (const one of messages) {
    if (one.role !== "tool") show()
    written.push(...message(one))
    if (one.role === "tool") shown = [...shown, ...one.content.flatMap(shownBy)]
  }
  show()
  return written
}

const shownBy = ({ content, name, toolCallId }: ToolResult): ReadonlyArray<ChatPart> => {
  const media = mediaIn(content)
  return media.length === 0
    ? []
    : [{ type: "text", text: `Given by the tool ${name} (${toolCallId}):` }, ...media.map(part)]
}

const message = (message: Message): ReadonlyArray<ChatMessage> => {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: textOf(message) }]
    case "user":
      return [{ role: "user", content: given(message.content) }]
    case "assistant":
      return [said(message)]
    case "tool":
      return message.content.map(({ content, toolCallId }) => ({
        role: "tool",
        tool_call_id: toolCallId,
        content: textOfParts(content) || "(see the next message)"
      }))
  }
}

/** What the protocol has no words for, if a request has such a thing. */
export const problem = ({ messages }: LMRequest, { fileUrls }: Dialect): string | undefined => {
  const elsewhere = messages.flatMap(({ content }) => mediaIn(content)).find(({ _tag, source }) =>
    source._tag === "Url" && (_tag === "Audio" || _tag === "File" && !fileUrls)
  )?._tag
  return elsewhere === undefined
    ? undefined
    : `this provider takes ${elsewhere === "Audio" ? "audio" : "files"} as bytes, and not by an address: ` +
      `fetch them, with ${elsewhere}.fetch(url)`
}

/** Parts that are all text are one text, which every server takes. */
const given = (parts: ReadonlyArray<Given>): string | ReadonlyArray<ChatPart> =>
  parts.every(({ _tag }) => _tag === "Text") ? textOfParts(parts) : parts.map(part)

const part = (part: Given): ChatPart => {
  switch (part._tag) {
    case "Text":
      return { type: "text", text: part.text }
    case "Image":
      return { type: "image_url", image_url: { url: urlOf(part.source) } }
    case "Audio":
      return {
        type: "input_audio",
        // An address is refused before this: see `problem`.
        input_audio: {
          data: part.source._tag === "Url" ? "" : part.source.data,
          format: formatOf(part.source.mediaType)
        }
      }
    case "File":
      return {
        type: "file",
        // OpenAI wants a name.
        file: { filename: part.name ?? nameOf(part.source), file_data: urlOf(part.source) }
      }
  }
}

const urlOf = (source: Source): string =>
  source._tag === "Url" ? source.url : `data:${source.mediaType};base64,${source.data}`

/** A name for a file that has none: `file.pdf`. */
const nameOf = ({ mediaType }: Source): string => {
  const extension = mediaType === "text/plain" ? "txt" : /\/([a-z0-9]{1,8})(?:;|$)/.exec(mediaType ?? "")?.[1]
  return extension === undefined ? "file" : `file.${extension}`
}

/** `audio/mpeg` is `mp3` to this protocol, and `audio/wav` is `wav`. */
const formatOf = (mediaType = ""): string => {
  const format = mediaType.replace(/^audio\/(?:x-)?/, "").replace(/;.*/, "")
  return format === "mpeg" ? "mp3" : format || "wav"
}

const said = ({ content }: AssistantMessage): ChatMessage => {
  const text = textOfParts(content)
  const calls = toolCallsOf(content)
  if (calls.length === 0) return { role: "assistant", content: text }
  const thoughts = content.filter((part) => part._tag === "Reasoning")
  const notes = thoughts.map((thought): Beside => providerDataOf(thought, protocol))
  const field = notes.find(({ reasoningField }) => reasoningField !== undefined)?.reasoningField
  const details = notes.flatMap(({ reasoningDetails = [] }) => reasoningDetails)
  return {
    role: "assistant",
    // Some servers refuse an empty text beside tool calls.
    content: text.trim() === "" ? null : text,
    ...(field !== undefined && { [field]: thoughts.map(({ text }) => text).join("") }),
    ...(details.length > 0 && { reasoning_details: details }),
    tool_calls: calls.map(toolCall)
  }
}

const toolCall = (call: ToolCall): ChatToolCall => {
  const { extraContent }: Beside = providerDataOf(call, protocol)
  return {
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
    ...(extraContent !== undefined && { extra_content: extraContent })
  }
}

/** The messages with the ends of what is to be kept marked: the system's, which all requests share, and the last one. */
const marked = (messages: ReadonlyArray<ChatMessage>, ttl: "5m" | "1h"): ReadonlyArray<ChatMessage> =>
  messages.map((message, at) => {
    const { content, role } = message
    if (!(role === "system" || at === messages.length - 1) || content === null || content === "") return message
    const parts = typeof content === "string" ? [{ type: "text", text: content } as const] : content
    const mark = { cache_control: { type: "ephemeral", ...(ttl === "1h" && { ttl }) } } as const
    return { ...message, content: [...parts.slice(0, -1), { ...parts.at(-1)!, ...mark }] } as ChatMessage // same role
  })

/** The nearest form that the provider can hold the reply to. */
const responseFormat = (format: ResponseFormat, dialect: Dialect): ChatFormat | undefined => {
  if (format._tag === "JsonSchema" && dialect.jsonSchema) {
    const { name, schema } = format
    const strict = StrictSchema.qualifies(schema)
    return { type: "json_schema", json_schema: { name: schemaName(name), strict, schema: { ...schema } } }
  }
  return format._tag !== "Text" && dialect.jsonObject ? { type: "json_object" } : undefined
}

/** Names may have 64 letters, digits, underscores and dashes. */
const schemaName = (name: string): string => name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64) || "reply"
