/**
 * A request to a language model, as plain data: the cache key, the cassette key and the test assertion are one thing.
 */

/** One message of the log. A tool result answers the call with the same `toolCallId`. */
export type Message =
  | { readonly role: "system"; readonly content: string }
  | { readonly role: "user"; readonly content: string }
  | AssistantMessage
  | { readonly role: "tool"; readonly content: string; readonly toolCallId: string; readonly name: string }

/** What the model has said, and the tools that it called. */
export interface AssistantMessage {
  readonly role: "assistant"
  readonly content: string
  readonly toolCalls?: ReadonlyArray<ToolCall> | undefined
  /** What it thought before it called the tools. */
  readonly reasoning?: string | undefined
  /**
   * What the provider calls the reasoning. Some providers want it back under that name beside the tool calls that it led to,
   * and others refuse a member that they do not know: without a name it is not sent.
   */
  readonly reasoningField?: ReasoningField | undefined
}

/** What providers call a model's reasoning in a message. */
export type ReasoningField = "reasoning_content" | "reasoning"

/** A call that the model asked for. `arguments` is the JSON text as the model wrote it: untrusted, not yet parsed. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
  /** What the provider has put beside the call and wants back as it came, such as the signature of a thought. */
  readonly extraContent?: Readonly<Record<string, unknown>> | undefined
  /**
   * The thought that led to it and to the calls beside it, in the parts in which its provider has told it and wants it back as
   * it came: signed, or encrypted. The first of the calls has them.
   */
  readonly reasoningDetails?: ReadonlyArray<Readonly<Record<string, unknown>>> | undefined
}

/** A tool that the model may call. `parameters` is a JSON schema (draft 2020-12). */
export interface ToolSpec {
  readonly name: string
  readonly description?: string | undefined
  readonly parameters: Readonly<Record<string, unknown>>
}

/** How to generate. What is left out is the provider's default. */
export interface GenerationConfig {
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  /** The most tokens that one completion may have. */
  readonly maxTokens?: number | undefined
  /** How many completions; 1 if left out. */
  readonly n?: number | undefined
  readonly seed?: number | undefined
  readonly stop?: ReadonlyArray<string> | undefined
  readonly reasoningEffort?: "none" | "minimal" | "low" | "medium" | "high" | undefined
  /** Tells equal requests apart (it is part of the cache key), and is never sent to a provider. */
  readonly rolloutId?: number | undefined
}

/** What form the provider is asked to hold the reply to. `schema` is a JSON schema (draft 2020-12). */
export type ResponseFormat =
  | { readonly _tag: "Text" }
  | { readonly _tag: "Json" }
  | { readonly _tag: "JsonSchema"; readonly name: string; readonly schema: Readonly<Record<string, unknown>> }

/**
 * What the adapter expects of the reply, for a provider that can constrain generation. `pieces` in order make the reply:
 * fixed text, free text that ends where the next piece begins, or JSON of a schema. `prompt` is the request in plain
 * words, without the reply format: what a small model understands best when the format is enforced anyway.
 */
export interface ReplyShape {
  readonly pieces: ReadonlyArray<ReplyPiece>
  readonly prompt: ReadonlyArray<Message>
  readonly dependence?: Dependence | undefined
}

/**
 * The JSON of `field` has a schema of its own for each text that the field `on`, which comes before it, may be: arguments, of
 * the tool that was named. For another text it has the schema of its piece.
 */
export interface Dependence {
  readonly field: string
  readonly on: string
  readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A `Json` piece whose field is empty is an object of all fields. */
export type ReplyPiece =
  | { readonly _tag: "Literal"; readonly text: string }
  | { readonly _tag: "Text"; readonly field: string }
  | { readonly _tag: "Json"; readonly field: string; readonly schema: Readonly<Record<string, unknown>> }

/** What is sent to a language model. */
export interface LMRequest {
  readonly messages: ReadonlyArray<Message>
  readonly config: GenerationConfig
  readonly responseFormat: ResponseFormat
  readonly tools?: ReadonlyArray<ToolSpec> | undefined
  readonly toolChoice?: "auto" | "required" | "none" | { readonly name: string } | undefined
  readonly replyShape?: ReplyShape | undefined
}

/** The message of a reply that goes back to the model. */
export const replied = (text: string): Message => spoken({ role: "assistant", content: text })

/** The message; one without text says so, since providers refuse empty messages. Beside tool calls no text is needed. */
export const spoken = (message: Message): Message =>
  message.content.trim() !== "" || (message.role === "assistant" && (message.toolCalls ?? []).length > 0)
    ? message
    : { ...message, content: nothing[message.role] }

const nothing: Readonly<Record<Message["role"], string>> = {
  system: "(no instructions)",
  user: "(an empty message)",
  assistant: "(an empty reply)",
  tool: "(an empty result)"
}
