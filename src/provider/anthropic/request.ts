/**
 * A request, as the body of a call of Anthropic's Messages.
 */
import * as Result from "effect/Result"
import { mediaIn } from "../../lm/Inputs.ts"
import type { File, Given, Image, Reasoning, Text, ToolCall, ToolResult } from "../../lm/LMContent.ts"
import { providerDataOf } from "../../lm/LMContent.ts"
import type { AssistantMessage, Feature, GenerationConfig, LMRequest, Message, ToolSpec } from "../../lm/LMRequest.ts"
import { spoken, textOf } from "../../lm/LMRequest.ts"
import { isRecord, parse } from "../../text/json/values.ts"
import type { Body, Target } from "../Protocol.ts"
import * as Beside from "./beside.ts"
import * as Models from "./models.ts"
import * as JsonSchema from "./schema.ts"
import * as Thinking from "./thinking.ts"

/** A block of content. */
type Block = Readonly<Record<string, unknown>>

/** A message: a user's, where results of tools stand too, or the model's. */
interface Turn {
  readonly role: "user" | "assistant"
  readonly content: ReadonlyArray<Block>
}

/** What is posted: the same for the same request and model. What the model does not take is left out. */
export const body = (request: LMRequest, { lacks, mode, model: name }: Target): Body => {
  const { config } = request
  const model = Models.of(name)
  const thinking = Thinking.of(config, model, mode)
  const messages = request.messages.map(spoken)
  const first = messages.findIndex(({ role }) => role !== "system")
  const system = messages.slice(0, first === -1 ? undefined : first)
  const turns = turnsOf(messages.slice(system.length))
  const cache = config.promptCache === undefined || lacks.has("promptCache") ? undefined : mark(config.promptCache)
  const format = formatOf(request, model, lacks)
  const tools = request.tools ?? []
  const output = {
    ...(format !== undefined && { format }),
    ...(thinking.effort !== undefined && { effort: thinking.effort })
  }
  return {
    model: name,
    max_tokens: thinking.maxTokens,
    ...(system.length > 0 && { system: marked(system.map((message) => textBlock(textOf(message))), cache) }),
    messages: markedAtEnd(turns, cache),
    ...(tools.length > 0 && {
      tools: tools.map(tool),
      ...choiceOf(request, model)
    }),
    ...(thinking.thinking !== undefined && { thinking: thinking.thinking }),
    ...(Object.keys(output).length > 0 && { output_config: output }),
    ...(model.sampling && !thinking.thinks && {
      ...(config.temperature !== undefined && { temperature: config.temperature }),
      ...(config.topP !== undefined && { top_p: config.topP }),
      ...(config.topK !== undefined && { top_k: config.topK })
    }),
    ...stopsOf(config),
    ...(config.user !== undefined && !lacks.has("user") && { metadata: { user_id: config.user } }),
    ...(config.serviceTier !== undefined && !lacks.has("serviceTier") && { service_tier: config.serviceTier }),
    ...(mode === "stream" && { stream: true })
  }
}

/** What the protocol has no words for, if a request has such a thing. */
export const problem = ({ config, messages }: LMRequest): string | undefined => {
  if (config.n !== undefined && config.n > 1) {
    return "this provider gives one completion to a request, and `n` asks for more: ask several times (BestOfN, Module.batch)"
  }
  const media = messages.flatMap(({ content }) => mediaIn(content))
  for (const { _tag, source } of media) {
    const type = source._tag === "Url" ? undefined : source.mediaType
    if (_tag === "Image" && type !== undefined && !pictures.has(type)) {
      return `this provider reads pictures of the types ${[...pictures].join(", ")}, and this one is ${type}`
    }
    if (_tag === "File" && type !== undefined && type !== "application/pdf" && !type.startsWith("text/")) {
      return `this provider reads files of the types application/pdf and text, and this one is ${type}`
    }
  }
  return undefined
}

/** What of a body some servers, and models, do not have. */
export const features = (body: Body): ReadonlySet<Feature> => {
  const { metadata, output_config, service_tier, temperature, thinking, tools, top_k, top_p } = body
  const output = isRecord(output_config) ? output_config : {}
  return new Set<Feature>([
    ...(tools === undefined ? [] : ["tools"] as const),
    ...(output["format"] === undefined ? [] : ["jsonSchema"] as const),
    ...(output["effort"] === undefined && thinking === undefined ? [] : ["reasoningEffort"] as const),
    ...(temperature === undefined ? [] : ["temperature"] as const),
    ...(top_p === undefined ? [] : ["topP"] as const),
    ...(top_k === undefined ? [] : ["topK"] as const),
    ...(service_tier === undefined ? [] : ["serviceTier"] as const),
    ...(metadata === undefined ? [] : ["user"] as const),
    ...(JSON.stringify(body["system"] ?? "").includes("cache_control") ? ["promptCache"] as const : [])
  ])
}

// Settings

const tool = ({ description, name, parameters }: ToolSpec): Block => ({
  name,
  ...(description !== undefined && { description }),
  input_schema: JsonSchema.ofTool(parameters)
})

const choiceOf = ({ config, toolChoice }: LMRequest, model: Models.Model): Block => {
  const type = toolChoice === undefined || toolChoice === "auto"
    ? "auto"
    : toolChoice === "none"
    ? "none"
    : !model.forcedTool
    ? "auto"
    : toolChoice === "required"
    ? "any"
    : "tool"
  const alone = config.parallelToolCalls === false && type !== "none"
  return type === "auto" && !alone ? {} : {
    tool_choice: {
      type,
      ...(type === "tool" && typeof toolChoice === "object" && { name: toolChoice.name }),
      ...(alone && { disable_parallel_tool_use: true })
    }
  }
}

const formatOf = (
  { responseFormat }: LMRequest,
  model: Models.Model,
  lacks: ReadonlySet<Feature>
): Block | undefined => {
  if (responseFormat._tag !== "JsonSchema" || !model.jsonSchema || lacks.has("jsonSchema")) return undefined
  const schema = JsonSchema.ofReply(responseFormat.schema)
  return schema === undefined ? undefined : { type: "json_schema", schema }
}

/** A sequence of white space alone is refused. */
const stopsOf = ({ stop = [] }: GenerationConfig): Block => {
  const stops = stop.filter((text) => text.trim() !== "")
  return stops.length === 0 ? {} : { stop_sequences: stops }
}

const mark = (ttl: "5m" | "1h"): Block => ({ type: "ephemeral", ...(ttl === "1h" && { ttl }) })

/** The blocks with the last one that can be kept marked: thoughts cannot. */
const marked = (blocks: ReadonlyArray<Block>, cache: Block | undefined): ReadonlyArray<Block> => {
  const last = cache === undefined ? -1 : blocks.findLastIndex(({ type }) => !thoughts.has(type))
  return blocks.map((block, at) => at === last ? { ...block, cache_control: cache } : block)
}

const thoughts: ReadonlySet<unknown> = new Set(["thinking", "redacted_thinking"])

const markedAtEnd = (turns: ReadonlyArray<Turn>, cache: Block | undefined): ReadonlyArray<Turn> => {
  const last = turns.at(-1)
  return last === undefined ? turns : [...turns.slice(0, -1), { ...last, content: marked(last.content, cache) }]
}

// Messages

/**
 * The messages, those of the same side in one. The results of all calls of a turn come first in the message after it, and no call
 * is without a result: the service refuses anything else. The last message is the user's.
 */
const turnsOf = (messages: ReadonlyArray<Message>): ReadonlyArray<Turn> => {
  const turns: Array<{ role: Turn["role"]; content: Array<Block> }> = []
  for (const message of messages) {
    const role = message.role === "assistant" ? "assistant" : "user"
    const content = message.role === "assistant" ? said(message) : message.role === "tool"
      ? message.content.map(result)
      : message.content.flatMap(given)
    if (content.length === 0) continue
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else turns.push({ role, content: [...content] })
  }
  if (turns.at(-1)?.role !== "user") turns.push({ role: "user", content: [textBlock("Go on.")] })
  return turns.map((turn, at): Turn =>
    turn.role === "user" ? { role: "user", content: answering(turn.content, turns[at - 1]?.content ?? []) } : turn
  )
}

/** The content of a message with the results of the calls before it first, each call with one. */
const answering = (content: ReadonlyArray<Block>, before: ReadonlyArray<Block>): ReadonlyArray<Block> => {
  const asked = before.filter(({ type }) => type === "tool_use").map(({ id }) => id)
  const results = new Map(content.filter(isResult).map((block) => [block["tool_use_id"], block]))
  return [
    ...asked.map((id) => results.get(id) ?? { type: "tool_result", tool_use_id: id, content: "(no result)" }),
    ...content.flatMap((block): ReadonlyArray<Block> => {
      if (!isResult(block)) return [block]
      // What nobody has asked for is refused as a result.
      return asked.includes(block["tool_use_id"]) ? [] : asContent(block["content"])
    })
  ]
}

const isResult = ({ type }: Block): boolean => type === "tool_result"

const asContent = (content: unknown): ReadonlyArray<Block> =>
  Array.isArray(content) ? content.filter(isRecord) : [textBlock(String(content))]

const result = ({ content, toolCallId }: ToolResult): Block => ({
  type: "tool_result",
  tool_use_id: idOf(toolCallId),
  content: content.every(({ _tag }) => _tag === "Text")
    ? content.map((part) => part._tag === "Text" ? part.text : "").join("")
    : content.flatMap(given)
})

const given = (part: Given): ReadonlyArray<Block> => {
  switch (part._tag) {
    case "Text":
      return part.text.trim() === "" ? [] : [textBlock(part.text)]
    case "Image":
      return [{ type: "image", source: sourceOf(part) }]
    case "File":
      return [{ type: "document", source: sourceOf(part), ...(part.name !== undefined && { title: part.name }) }]
    case "Audio":
      // A model that reads no audio is asked without it: see `capabilities`.
      return []
  }
}

const sourceOf = ({ _tag, source }: Image | File): Block => {
  if (source._tag === "Url") return { type: "url", url: source.url }
  const mediaType = source.mediaType.replace(/;.*/, "")
  return _tag === "File" && mediaType.startsWith("text/")
    ? { type: "text", media_type: "text/plain", data: textIn(source.data) }
    : { type: "base64", media_type: mediaType, data: source.data }
}

const textIn = (base64: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))

const pictures: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"])

/** What the model has said, as it came. A thought of another provider's is nothing to this one. */
const said = ({ content }: AssistantMessage): ReadonlyArray<Block> => {
  return content.flatMap((part): ReadonlyArray<Block> => {
    switch (part._tag) {
      case "Text":
        return saidText(part)
      case "Reasoning":
        return thought(part)
      case "ToolCall":
        return [{ type: "tool_use", id: idOf(part.id), name: part.name, input: inputOf(part) }]
    }
  })
}

const saidText = (part: Text): ReadonlyArray<Block> => {
  const { block, citations }: Beside.Beside = providerDataOf(part, Beside.protocol)
  return [
    ...(part.text.trim() === "" ? [] : [{ ...textBlock(part.text), ...(citations !== undefined && { citations }) }]),
    ...(block === undefined ? [] : [block])
  ]
}

const thought = (part: Reasoning): ReadonlyArray<Block> => {
  const { redacted, signature }: Beside.Beside = providerDataOf(part, Beside.protocol)
  return redacted !== undefined
    ? [{ type: "redacted_thinking", data: redacted }]
    : signature === undefined
    ? []
    : [{ type: "thinking", thinking: part.text, signature }]
}

/** Arguments are an object; what a model wrote that is none stays, as text. */
const inputOf = ({ arguments: text }: ToolCall): unknown => {
  const parsed = parse(text.trim() === "" ? "{}" : text)
  return Result.isSuccess(parsed) && isRecord(parsed.success) && !Array.isArray(parsed.success)
    ? parsed.success
    : { arguments: text }
}

/** Ids of other providers may have signs that are refused here. */
const idOf = (id: string): string => id.replace(/[^a-zA-Z0-9_-]/g, "_")

const textBlock = (text: string): Block => ({ type: "text", text })
