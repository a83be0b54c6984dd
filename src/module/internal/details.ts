/**
 * What a prediction tells of the reply that it was read from.
 */
import * as Content from "../../lm/LMContent.ts"
import type * as LMResponse from "../../lm/LMResponse.ts"

/** What is known of a completion beside its fields; `content` is what it holds, with the ids that a run gives its calls. */
export const detailsOf = (
  { completions, givenAgain, headers, model, requestId }: LMResponse.LMResponse,
  at: number,
  content: ReadonlyArray<Content.Said>
) => ({
  model,
  reply: Content.textOf(content),
  toolCalls: Content.toolCallsOf(content),
  reasoning: Content.reasoningOf(content),
  content,
  logprobs: completions[at]?.logprobs,
  requestId,
  headers,
  givenAgain
})
