/**
 * The chat protocol of OpenAI, as one service speaks it.
 */
import type { Feature, LMRequest } from "../../lm/LMRequest.ts"
import { isRecord } from "../../text/json/values.ts"
import { bearer, type Body, type Protocol, type Target } from "../Protocol.ts"
import type { Dialect, StreamOptions } from "../Providers.ts"
import * as ProviderError from "./errors/reason.ts"
import * as ChatDecoder from "./reply/decoder.ts"
import * as ChatBody from "./request/body.ts"

/** The protocol in this dialect. */
export const make = (dialect: Dialect): Protocol => ({
  name: ChatBody.protocol,
  path: () => "/chat/completions",
  body: (request, target) => ({ ...bodyOf(dialect, request, target) }),
  problem: (request) => ChatBody.problem(request, dialect),
  decoder: (request, body, limits) =>
    ChatDecoder.make({
      thinkTags: dialect.thinkTags && !opensThought(request),
      completions: typeof body["n"] === "number" ? body["n"] : 1,
      limits
    }),
  authorization: bearer,
  failure: ProviderError.fromResponse,
  features: featuresOf
})

/** What is posted: a request, and whether it is streamed. */
export interface ChatRequest extends ChatBody.ChatBody {
  readonly stream: boolean
  readonly stream_options?: StreamOptions
}

/** What is posted for a request in this dialect. */
export const bodyOf = (dialect: Dialect, request: LMRequest, { lacks, mode, model }: Target): ChatRequest => {
  const options = mode === "stream" && !lacks.has("streamOptions") ? dialect.streamOptions : undefined
  return {
    ...ChatBody.make(request, model, lacks.size === 0 ? dialect : without(dialect, lacks), lacks),
    stream: mode === "stream",
    ...(options !== undefined && { stream_options: options })
  }
}

/** Whether a reply is asked to begin with the tag of a thought, and means it. */
const opensThought = ({ responseFormat }: LMRequest): boolean =>
  responseFormat._tag === "Text" && /^\s*<(?:think|thinking|thought)>/i.test(responseFormat.opening ?? "")

const without = (dialect: Dialect, lacks: ReadonlySet<Feature>): Dialect => ({
  ...dialect,
  jsonSchema: dialect.jsonSchema && !lacks.has("jsonSchema"),
  jsonObject: dialect.jsonObject && !lacks.has("responseFormat"),
  cacheControl: dialect.cacheControl && !lacks.has("promptCache")
})

/** What of a body some servers do not have. */
const featuresOf = (body: Body): ReadonlySet<Feature> =>
  new Set([
    ...Object.keys(members).flatMap((name) => body[name] === undefined ? [] : [members[name]!]),
    ...featuresOfFormat(body["response_format"]),
    ...featuresOfMessages(body["messages"])
  ])

/** The members of a body that not every server knows, whatever they hold. */
const members: Readonly<Record<string, Feature>> = {
  tools: "tools",
  stream_options: "streamOptions",
  parallel_tool_calls: "parallelToolCalls",
  logprobs: "logprobs",
  n: "n",
  seed: "seed",
  random_seed: "seed",
  stop: "stop",
  temperature: "temperature",
  top_p: "topP",
  top_k: "topK",
  max_tokens: "maxTokens",
  max_completion_tokens: "maxTokens",
  reasoning_effort: "reasoningEffort",
  service_tier: "serviceTier",
  metadata: "metadata",
  user: "user"
}

/** A server may know JSON without knowing schemas, so that a schema is the first that is done without. */
const featuresOfFormat = (format: unknown): ReadonlyArray<Feature> => {
  if (format === undefined) return []
  return isRecord(format) && format["type"] === "json_schema" ? ["jsonSchema"] : ["responseFormat"]
}

const featuresOfMessages = (messages: unknown): ReadonlyArray<Feature> =>
  (Array.isArray(messages) ? messages : []).flatMap((message): ReadonlyArray<Feature> => {
    const content: unknown = isRecord(message) ? message["content"] : undefined
    return Array.isArray(content) ? content.flatMap((part) => isRecord(part) ? featuresOfPart(part) : []) : []
  })

const featuresOfPart = (part: Readonly<Record<string, unknown>>): ReadonlyArray<Feature> => [
  ...(part["cache_control"] === undefined ? [] : ["promptCache"] as const),
  ...(part["type"] === "image_url" ? ["images"] as const : []),
  ...(part["type"] === "input_audio" ? ["audio"] as const : []),
  ...(part["type"] === "file" ? ["files"] as const : [])
]
