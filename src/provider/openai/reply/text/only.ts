/**
 * Chunks that say nothing but a text, which nearly all do.
 */
import { isPresent, isRecord } from "../../../../text/json/values.ts"
import * as ChatFailure from "../../errors/inChunk.ts"
import * as FinishReasons from "../finishReasons.ts"
import { indexOf } from "../message.ts"

/** What a chunk that is nothing but text says; `undefined` for any other chunk. */
export const onlyText = (chunk: unknown): { readonly index: number; readonly text: string } | undefined => {
  if (
    !isRecord(chunk) || ChatFailure.isError(chunk["error"]) || isPresent(chunk["usage"]) || isPresent(chunk["x_groq"])
  ) {
    return undefined
  }
  const choices = chunk["choices"]
  const choice: unknown = Array.isArray(choices) && choices.length === 1 ? choices[0] : undefined
  if (!isRecord(choice)) return undefined
  const { delta } = choice
  if (
    !isRecord(delta) || isPresent(delta["error"]) || typeof delta["content"] !== "string" || delta["content"] === ""
  ) return undefined
  if (endings.some((name) => isPresent(choice[name]) || isPresent(chunk[name])) || isPresent(delta["finish_reason"])) {
    return undefined
  }
  if (["error", "message", "usage"].some((name) => isPresent(choice[name]))) return undefined
  const more = [
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "refusal",
    "tool_calls",
    "function_call",
    "usage"
  ]
  if (more.some((name) => isPresent(delta[name]) && !isEmptyList(delta[name]))) return undefined
  return { index: indexOf(choice) ?? 0, text: delta["content"] }
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

const endings = ["finish_reason", ...FinishReasons.elsewhere]
