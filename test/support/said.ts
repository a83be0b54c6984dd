/** What is said, in the rows that tests compare: who says it, in what words, and beside which calls. */
import * as LMContent from "effect-lm/lm/LMContent"
import type { LMEvent } from "effect-lm/lm/LMEvent"
import { type LMRequest, type Message, textOf, toolCallsOf } from "effect-lm/lm/LMRequest"
import * as LMResponse from "effect-lm/lm/LMResponse"

/** Each message: who says it, and its text. */
export const rows = (
  messages: LMRequest["messages"]
): ReadonlyArray<readonly [role: Message["role"], text: string]> =>
  messages.map((message) => [message.role, textOf(message)])

/** The text of the message at this place, from the end if it is negative; empty where there is none. */
export const textAt = (request: Pick<LMRequest, "messages"> | undefined, at: number): string => {
  const message = request?.messages.at(at)
  return message === undefined ? "" : textOf(message)
}

/** The tools that messages call. */
export const calledIn = (messages: LMRequest["messages"]) => messages.flatMap(toolCallsOf)

/** What came of tool calls: the id of each, and the text. */
export const resultsIn = (
  messages: LMRequest["messages"]
): ReadonlyArray<readonly [toolCallId: string, text: string]> =>
  messages.flatMap((message) =>
    message.role === "tool"
      ? message.content.map(({ content, toolCallId }) => [toolCallId, LMContent.textOf(content)] as const)
      : []
  )

/** A completion: its text, its thoughts and its calls apart, and how it ended. */
export const said = (completion: LMResponse.Completion) => {
  const { detail, finish, index } = completion
  return {
    index,
    text: LMResponse.textOf(completion),
    reasoning: LMResponse.reasoningOf(completion),
    toolCalls: LMResponse.toolCallsOf(completion).map(({ _tag, ...call }) => call),
    ...(finish !== undefined && { finish }),
    ...(detail !== undefined && { detail })
  }
}

/** A completion as {@link said} tells it. */
export type Said = ReturnType<typeof said>

/** What the provider wants back with the thoughts of a completion. */
export const besideThoughts = ({ content }: LMResponse.Completion) =>
  content.flatMap((part) => part._tag === "Reasoning" && part.providerData !== undefined ? [part.providerData] : [])

/** The text that came, in whatever pieces. */
export const textIn = (events: ReadonlyArray<LMEvent>): string =>
  events.map((event) => event._tag === "TextDelta" ? event.text : "").join("")

/** The text of the first completion of a response; nothing where there is none. */
export const textOfFirst = ({ completions: [first] }: LMResponse.LMResponse): string | undefined =>
  first === undefined ? undefined : LMResponse.textOf(first)
