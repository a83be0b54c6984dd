/**
 * All names that leave the process, in one place: the conventions for generative AI are still in motion
 * (open-telemetry/semantic-conventions-genai, status Development). What they do not name begins with `effect_lm`.
 */

/** Attributes of spans and metrics. */
export const Attribute = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  outputType: "gen_ai.output.type",
  workflow: "gen_ai.workflow.name",
  agent: "gen_ai.agent.name",
  requestModel: "gen_ai.request.model",
  temperature: "gen_ai.request.temperature",
  topP: "gen_ai.request.top_p",
  topK: "gen_ai.request.top_k",
  maxTokens: "gen_ai.request.max_tokens",
  stop: "gen_ai.request.stop_sequences",
  seed: "gen_ai.request.seed",
  choices: "gen_ai.request.choice.count",
  responseId: "gen_ai.response.id",
  responseModel: "gen_ai.response.model",
  finishReasons: "gen_ai.response.finish_reasons",
  timeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cacheReadTokens: "gen_ai.usage.cache_read.input_tokens",
  cacheWriteTokens: "gen_ai.usage.cache_creation.input_tokens",
  reasoningTokens: "gen_ai.usage.reasoning.output_tokens",
  tool: "gen_ai.tool.name",
  toolType: "gen_ai.tool.type",
  toolCallId: "gen_ai.tool.call.id",
  tokenType: "gen_ai.token.type",
  errorType: "error.type",
  // Content, which is recorded where that is asked for.
  systemInstructions: "gen_ai.system_instructions",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  toolDefinitions: "gen_ai.tool.definitions",
  toolArguments: "gen_ai.tool.call.arguments",
  toolResult: "gen_ai.tool.call.result",
  // Of our own.
  path: "effect_lm.path",
  place: "effect_lm.place",
  iteration: "effect_lm.iteration",
  attempt: "effect_lm.attempt",
  retries: "effect_lm.retries",
  givenAgain: "effect_lm.given_again",
  field: "effect_lm.field"
} as const

/** What a span does. */
export const Operation = {
  chat: "chat",
  executeTool: "execute_tool",
  invokeAgent: "invoke_agent",
  invokeWorkflow: "invoke_workflow"
} as const

/** Metrics. */
export const Metric = {
  duration: "gen_ai.client.operation.duration",
  tokens: "gen_ai.client.token.usage",
  timeToFirstChunk: "gen_ai.client.operation.time_to_first_chunk",
  workflowDuration: "gen_ai.workflow.duration",
  agentDuration: "gen_ai.invoke_agent.duration",
  toolDuration: "gen_ai.execute_tool.duration",
  timeToField: "effect_lm.time_to_field",
  retries: "effect_lm.retries",
  givenAgain: "effect_lm.given_again"
} as const

/** What the conventions call a provider, where that is another name than ours. */
const providers: ReadonlyMap<string, string> = new Map([
  ["gemini", "gcp.gemini"],
  ["mistral", "mistral_ai"],
  ["xai", "x_ai"]
])

/** The provider and the model of a model's name: `openai/gpt-4o-mini`. */
export const modelOf = (name: string): { readonly provider: string; readonly model: string } => {
  const slash = name.indexOf("/")
  const provider = slash === -1 ? "_OTHER" : name.slice(0, slash)
  return { provider: providers.get(provider) ?? provider, model: name.slice(slash + 1) }
}
