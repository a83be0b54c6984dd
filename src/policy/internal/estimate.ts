/**
 * How many tokens a request has, before its provider has counted them: a token is about four characters.
 */
import { isMedia, type Part, textOf } from "../../lm/LMContent.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"

/** The tokens of what is sent. Pictures, sounds and files are not counted: their size says nothing of it. */
export const input = ({ messages, tools }: LMRequest): number => {
  let characters = tools === undefined ? 0 : JSON.stringify(tools).length
  for (const { content } of messages) for (const part of content) characters += charactersOf(part)
  return Math.ceil(characters / 4)
}

/** The same with the most that may be answered, where the request says that. */
export const whole = (request: LMRequest): number => {
  const { maxTokens = 0, n = 1 } = request.config
  return input(request) + maxTokens * n
}

const charactersOf = (part: Part): number => {
  if (isMedia(part)) return 0
  switch (part._tag) {
    case "ToolCall":
      return part.name.length + part.arguments.length
    case "ToolResult":
      return textOf([part]).length
    default:
      return part.text.length
  }
}
