/**
 * What a prediction tells of the reply that it was read from.
 */
import * as Content from "../../lm/LMContent.ts"
import type * as LMResponse from "../../lm/LMResponse.ts"

/** The details of a completion; `content` are its contents, in which tool calls have the ids of the run. */
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
