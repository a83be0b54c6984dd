/**
 * A request, as the body of a chat completion call.
 */
import { type LMRequest, type Message, type ResponseFormat, spoken, type ToolCall } from "../LMRequest.ts"
import type { Dialect } from "../Providers.ts"
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
}

export type ChatMessage =
  | { readonly role: "system" | "user"; readonly content: string }
  | {
    readonly role: "assistant"
    readonly content: string | null
    readonly tool_calls?: ReadonlyArray<ChatToolCall>
    /** The reasoning that a provider wants back is under the name that the provider gave it. */
    readonly [reasoningField: string]: unknown
  }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string }

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

/** The same request for the same model makes the same body; what the request leaves out, the body does. */
export const make = (request: LMRequest, model: string, dialect: Dialect): ChatBody => {
  const { config } = request
  const tools = dialect.tools && request.tools !== undefined && request.tools.length > 0 ? request.tools : undefined
  const format = responseFormat(request.responseFormat, dialect)
  return {
    model,
    messages: request.messages.map((one) => message(spoken(one))),
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
    ...(format !== undefined && { response_format: format }),
    ...(config.temperature !== undefined && { temperature: config.temperature }),
    ...(config.topP !== undefined && { top_p: config.topP }),
    ...(config.maxTokens !== undefined && { [dialect.maxTokens]: config.maxTokens }),
    ...(config.n !== undefined && config.n !== 1 && { n: config.n }),
    ...(config.seed !== undefined && { [dialect.seed]: config.seed }),
    ...(config.stop !== undefined && config.stop.length > 0 && { stop: [...config.stop] }),
    ...(config.reasoningEffort !== undefined && { reasoning_effort: config.reasoningEffort })
  }
}

const message = (message: Message): ChatMessage => {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.content }
    case "assistant": {
      const { content, reasoning, reasoningField, toolCalls } = message
      if (toolCalls === undefined || toolCalls.length === 0) return { role: "assistant", content }
      const details = toolCalls.flatMap(({ reasoningDetails = [] }) => reasoningDetails)
      return {
        role: "assistant",
        // Some servers refuse an empty text beside tool calls.
        content: content.trim() === "" ? null : content,
        ...(reasoning !== undefined && reasoningField !== undefined && { [reasoningField]: reasoning }),
        ...(details.length > 0 && { reasoning_details: details }),
        tool_calls: toolCalls.map(toolCall)
      }
    }
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: message.content }
  }
}

const toolCall = ({ arguments: args, extraContent, id, name }: ToolCall): ChatToolCall => ({
  id,
  type: "function",
  function: { name, arguments: args },
  ...(extraContent !== undefined && { extra_content: extraContent })
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
