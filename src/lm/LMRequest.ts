/**
 * A request to a language model, as data with a Schema: the cache key, the cassette key and the test assertion are one thing.
 */
import * as Schema from "effect/Schema"
import { ToolSpec } from "../signature/ToolSpec.ts"
import * as Content from "./LMContent.ts"

// Models

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

/** What the model is told to be and to do. */
export const SystemMessage = Schema.Struct({ role: Schema.Literal("system"), content: Schema.Array(Content.Text) })
export interface SystemMessage extends Schema.Schema.Type<typeof SystemMessage> {}

/** What the model is asked. */
export const UserMessage = Schema.Struct({ role: Schema.Literal("user"), content: Schema.Array(Content.Given) })
export interface UserMessage extends Schema.Schema.Type<typeof UserMessage> {}

/** What the model has said and thought, and the tools that it called, in its order. */
export const AssistantMessage = Schema.Struct({
  role: Schema.Literal("assistant"),
  content: Schema.Array(Content.Said)
})
export interface AssistantMessage extends Schema.Schema.Type<typeof AssistantMessage> {}

/** What came of tool calls. */
export const ToolMessage = Schema.Struct({ role: Schema.Literal("tool"), content: Schema.Array(Content.ToolResult) })
export interface ToolMessage extends Schema.Schema.Type<typeof ToolMessage> {}

/** One message of the log. */
export const Message: Schema.Codec<Message> = Schema.Union([SystemMessage, UserMessage, AssistantMessage, ToolMessage])
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage

export { ToolSpec }

/** What only one provider knows: members of the body and headers, which win over ours. */
export const ProviderOptions = Schema.Struct({
  body: Schema.optional(JsonObject),
  headers: Schema.optional(Schema.Record(Schema.String, Schema.String))
})
export interface ProviderOptions extends Schema.Schema.Type<typeof ProviderOptions> {}

/**
 * How to generate. What is left out is the provider's default; what a provider does not have, it does not get, unless
 * a comment says otherwise.
 */
export const GenerationConfig = Schema.Struct({
  temperature: Schema.optional(Schema.Finite),
  topP: Schema.optional(Schema.Finite),
  /** Only the likeliest tokens, so many of them. */
  topK: Schema.optional(Schema.Finite),
  /** The most tokens that one completion may have. */
  maxTokens: Schema.optional(Schema.Finite),
  /** How many completions; 1 if left out. */
  n: Schema.optional(Schema.Finite),
  seed: Schema.optional(Schema.Finite),
  stop: Schema.optional(Schema.Array(Schema.String)),
  reasoningEffort: Schema.optional(Schema.Literals(["none", "minimal", "low", "medium", "high", "xhigh", "max"])),
  /** Whether the model may ask for several tools at once. */
  parallelToolCalls: Schema.optional(Schema.Boolean),
  /** The log probability of each token of the text, and so many alternatives to it: `0` for none. Read on the prediction. */
  logprobs: Schema.optional(Schema.Finite),
  /** Who asks, as your own application names them, for the provider's abuse detection. */
  user: Schema.optional(Schema.String),
  /** Labels that the provider keeps with the request. */
  metadata: Schema.optional(Schema.Record(Schema.String, Schema.String)),
  /** `auto`, `default`, `flex`, `priority`: what the provider has. */
  serviceTier: Schema.optional(Schema.String),
  /**
   * How long the provider is asked to keep what it has read, up to the last message, for requests that begin alike. Many keep it
   * unasked; this marks the messages for those that want a mark (Anthropic's models: 5 minutes or 1 hour).
   */
  promptCache: Schema.optional(Schema.Literals(["5m", "1h"])),
  /** What only one provider knows, by its name (`openrouter`): see {@link ProviderOptions}. Other providers do not see it. */
  providerOptions: Schema.optional(Schema.Record(Schema.String, ProviderOptions)),
  /** Tells equal requests apart (it is part of the cache key), and is never sent to a provider. */
  rolloutId: Schema.optional(Schema.Finite)
})
export interface GenerationConfig extends Schema.Schema.Type<typeof GenerationConfig> {}

/**
 * What form the provider is asked to hold the reply to. `schema` is a JSON schema (draft 2020-12). Text may be asked to begin
 * with `opening`: a tag that stands there is no sign of a thought.
 */
export const ResponseFormat = Schema.Union([
  Schema.TaggedStruct("Text", { opening: Schema.optionalKey(Schema.String) }),
  Schema.TaggedStruct("Json", {}),
  Schema.TaggedStruct("JsonSchema", { name: Schema.String, schema: JsonObject })
])
export type ResponseFormat = typeof ResponseFormat.Type

/** A `Json` piece whose field is empty is an object of all fields. */
export const ReplyPiece = Schema.Union([
  Schema.TaggedStruct("Literal", { text: Schema.String }),
  Schema.TaggedStruct("Text", { field: Schema.String }),
  Schema.TaggedStruct("Json", { field: Schema.String, schema: JsonObject })
])
export type ReplyPiece = typeof ReplyPiece.Type

/**
 * The JSON of `field` has a schema of its own for each text that the field `on`, which comes before it, may be: arguments, of
 * the tool that was named. For another text it has the schema of its piece.
 */
export const Dependence = Schema.Struct({
  field: Schema.String,
  on: Schema.String,
  schemas: Schema.Record(Schema.String, JsonObject)
})
export interface Dependence extends Schema.Schema.Type<typeof Dependence> {}

/**
 * What the adapter expects of the reply, for a model that can be held to it token by token (`LM.Capabilities.replyShape`).
 * `pieces` in order make the reply: fixed text, free text that ends where the next piece begins, or JSON of a schema. `prompt` is
 * the request in plain words, without the reply format: what a small model understands best when the form is enforced anyway.
 */
export const ReplyShape = Schema.Struct({
  pieces: Schema.Array(ReplyPiece),
  prompt: Schema.Array(Message),
  dependence: Schema.optional(Dependence)
})
export interface ReplyShape extends Schema.Schema.Type<typeof ReplyShape> {}

/** What is sent to a language model. `replyShape` is there for a model that asks for it, and for no other. */
export const LMRequest = Schema.Struct({
  messages: Schema.Array(Message),
  config: GenerationConfig,
  responseFormat: ResponseFormat,
  tools: Schema.optional(Schema.Array(ToolSpec)),
  toolChoice: Schema.optional(Schema.Union([
    Schema.Literals(["auto", "required", "none"]),
    Schema.Struct({ name: Schema.String })
  ])),
  replyShape: Schema.optional(ReplyShape)
})
export interface LMRequest extends Schema.Schema.Type<typeof LMRequest> {}

/** What a request may ask for that not every model has. */
export const Feature = Schema.Literals([
  "tools",
  "images",
  "audio",
  "files",
  "jsonSchema",
  "responseFormat",
  "streamOptions",
  "parallelToolCalls",
  "logprobs",
  "n",
  "seed",
  "stop",
  "temperature",
  "topP",
  "topK",
  "maxTokens",
  "reasoningEffort",
  "promptCache",
  "serviceTier",
  "metadata",
  "user"
])
export type Feature = typeof Feature.Type

// Constructors

/** A message of the system's. */
export const system = (text: string): SystemMessage => ({ role: "system", content: [Content.text(text)] })

/** A message of the user's: text, or parts. */
export const user = (content: string | ReadonlyArray<Content.Given>): UserMessage => ({
  role: "user",
  content: Content.from(content)
})

/** A message of the model's: text, or parts. */
export const assistant = (content: string | ReadonlyArray<Content.Said>): AssistantMessage => ({
  role: "assistant",
  content: Content.from(content)
})

/** What came of a tool call: text, or parts. */
export const toolResult = (
  result: {
    readonly toolCallId: string
    readonly name: string
    readonly content: string | ReadonlyArray<Content.Given>
  }
): ToolMessage => ({
  role: "tool",
  content: [{ _tag: "ToolResult", ...result, content: Content.from(result.content) }]
})

// Destructors

/** The text of a message, without its thoughts. */
export const textOf = (message: Message): string => Content.textOf(message.content)

/** The tools that a message calls. */
export const toolCallsOf = (message: Message): ReadonlyArray<Content.ToolCall> =>
  message.role === "assistant" ? Content.toolCallsOf(message.content) : []

// Combinators

/** Settings over others: what a provider alone knows is merged, the rest is replaced. */
export const mergeConfig = (self: GenerationConfig, over: GenerationConfig | undefined): GenerationConfig => {
  if (over === undefined) return self
  const { providerOptions: below } = self
  const { providerOptions: above } = over
  if (below === undefined || above === undefined) return { ...self, ...over }
  const providers = new Set([...Object.keys(below), ...Object.keys(above)])
  return {
    ...self,
    ...over,
    providerOptions: Object.fromEntries(Array.from(providers, (name) => [name, {
      body: { ...below[name]?.body, ...above[name]?.body },
      headers: { ...below[name]?.headers, ...above[name]?.headers }
    }]))
  }
}

/** The message with more text behind its own, after an empty line. */
export const withText = <M extends Message>(message: M, text: string): M => {
  const last = message.content.at(-1)
  const added = last?._tag === "Text"
    ? { ...last, text: `${last.text}\n\n${text}` }
    : last?._tag === "ToolResult"
    ? { ...last, content: [...last.content.slice(0, -1), ...behind(last.content.at(-1), text)] }
    : Content.text(text)
  const kept = last?._tag === "Text" || last?._tag === "ToolResult" ? message.content.slice(0, -1) : message.content
  return { ...message, content: [...kept, added] } as M // each kind of message may end in what it ended in, or in text
}

const behind = (last: Content.Given | undefined, text: string): ReadonlyArray<Content.Given> =>
  last?._tag === "Text"
    ? [{ ...last, text: `${last.text}\n\n${text}` }]
    : [...(last === undefined ? [] : [last]), Content.text(text)]

/**
 * The message; one that says nothing tells so, since providers refuse empty messages. Beside tool calls, pictures and the like
 * no text is needed.
 */
export const spoken = (message: Message): Message => {
  if (message.role === "tool") {
    return message.content.every(({ content }) => content.some(says))
      ? message
      : {
        role: "tool",
        content: message.content.map((result) =>
          result.content.some(says) ? result : { ...result, content: [Content.text("(an empty result)")] }
        )
      }
  }
  return message.content.some(says) ? message : { ...message, content: [Content.text(nothing[message.role])] }
}

/** Whether a part is more than white space; thoughts alone are no message. */
const says = (part: Content.Part): boolean => part._tag === "Text" ? part.text.trim() !== "" : part._tag !== "Reasoning"

const nothing = {
  system: "(no instructions)",
  user: "(an empty message)",
  assistant: "(an empty reply)"
}
