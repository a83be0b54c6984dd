/**
 * The requests of one predictor call: the first, and what is asked after a reply that could not be read.
 */
import type * as Adapter from "../../adapter/Adapter.ts"
import type { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import * as Content from "../../lm/LMContent.ts"
import { assistant, type LMRequest, type Message, spoken, toolResult, user } from "../../lm/LMRequest.ts"
import * as Issues from "../../text/issues.ts"
import type { Prepared } from "./ask.ts"
import { ofTools } from "./toolCalls/turn.ts"

/** One request of a predictor call, and what may still be tried after it. */
export interface Turn {
  /** Its number among the attempts: more than the requests where a reply has begun anew. */
  readonly attempt: number
  readonly requests: number
  readonly adapter: Adapter.Adapter
  readonly request: LMRequest
  readonly repairsLeft: number
  readonly fallbackLeft: boolean
  /** Why the reply before could not be read, where this request is the fallback's. */
  readonly unread?: AdapterParseError | undefined
}

/**
 * A reply that lacks fields is asked for once more through the adapter's fallback; wrong values, or wrong form without a
 * fallback, go back to the model with what is wrong. The messages sent before stay as they were: only new ones follow.
 */
export const nextTurn = (
  turn: Turn,
  error: AdapterParseError,
  format: Prepared["format"],
  said: ReadonlyArray<Content.Said> = []
): Turn | undefined => {
  const fallback = turn.adapter.fallback
  if (error.missing.length > 0 && fallback !== undefined && turn.fallbackLeft) {
    return {
      ...turn,
      attempt: turn.attempt + 1,
      requests: turn.requests + 1,
      adapter: fallback,
      request: format(fallback),
      fallbackLeft: false,
      unread: error
    }
  }
  if (turn.repairsLeft <= 0) return undefined
  return {
    ...turn,
    unread: undefined,
    attempt: turn.attempt + 1,
    requests: turn.requests + 1,
    request: corrected(turn.request, exchangeAbout(turn, error, said)),
    repairsLeft: turn.repairsLeft - 1
  }
}

// Details

/** The reply, and what was wrong with it. Tool calls go back as such, and providers want to be told of each of them. */
const exchangeAbout = (
  { adapter }: Turn,
  error: AdapterParseError,
  said: ReadonlyArray<Content.Said>
): ReadonlyArray<Message> => {
  const calls = Content.toolCallsOf(said)
  if (calls.length === 0) return [spoken(assistant(error.reply)), user(adapter.feedback(error))]
  const issues = Issues.inLines(error.issues, "- ")
  const { content, results } = ofTools(
    said,
    calls.map(({ arguments: text }) => ({ _tag: "Text", text })),
    calls.map((_, at) => ({
      text: at > 0
        ? "This call was not made either."
        : `No call was made, for something is wrong with this reply:\n${issues}\nReply anew, with all calls.`
    }))
  )
  return [assistant(content), ...results.map((result) => toolResult(result))]
}

/** The request with a reply and what was wrong with it: the messages sent before stay as they were. */
const corrected = (request: LMRequest, more: ReadonlyArray<Message>): LMRequest => {
  const { messages, replyShape } = request
  return {
    ...request,
    messages: [...messages, ...more],
    ...(replyShape === undefined ? {} : { replyShape: { ...replyShape, prompt: [...replyShape.prompt, ...more] } })
  }
}
