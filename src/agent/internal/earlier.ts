/**
 * What an agent did in earlier turns of a conversation, in the protocol of this run. What was sent in the same protocol is sent
 * as it was, so that the provider's prompt cache holds.
 */
import * as Struct from "effect/Struct"
import type * as Adapter from "../../adapter/Adapter.ts"
import * as Content from "../../lm/LMContent.ts"
import { historyName, turnsOf } from "../../module/internal/historyTurns.ts"
import { sendableName } from "../../module/internal/toolCalls/turn.ts"
import { type History, turnsKey } from "../../signature/History.ts"
import type * as Signature from "../../signature/Signature.ts"
import { isRecord } from "../../text/json/values.ts"
import * as Toolbox from "../../tool/Toolbox.ts"

type Inputs = Readonly<Record<string, unknown>>

type Turns = ReadonlyArray<Adapter.Turn>

/** The inputs of an agent, and what followed each question of their history. */
export interface Known {
  /** The history among them has questions and answers alone. */
  readonly inputs: Inputs
  /** Each turn's, in the order of the history's messages. */
  readonly earlier: ReadonlyArray<Turns>
}

/** Takes what was done out of a history. The inputs are those of a call, which were checked when it began. */
export const of = (signature: Signature.Any, inputs: Inputs): Known => {
  const name = historyName(signature)
  const history = name === undefined ? undefined : inputs[name] as History | undefined
  if (name === undefined || history === undefined) return { inputs, earlier: [] }
  const earlier = history.messages.map(turnsOf)
  if (earlier.every((turns) => turns.length === 0)) return { inputs, earlier: [] }
  const messages = history.messages.map((message) => Struct.omit(message, [turnsKey]))
  return { inputs: { ...inputs, [name]: { messages } }, earlier }
}

/** The ids of the tool calls, which no later call may have. */
export const idsOf = ({ earlier }: Known): ReadonlyArray<string> =>
  earlier.flatMap((turns) =>
    turns.flatMap((turn) => turn._tag === "Tools" ? Content.toolCallsOf(turn.content).map(({ id }) => id) : [])
  )

/** In the text protocol, what a model is told after it has ended its work. */
export const noMoreTools = "No more tools are used."

/** What was done, as native calls. An iteration of the text protocol that called no tool is left out. */
export const asTools = ({ earlier }: Known): ReadonlyArray<Turns> =>
  earlier.map((turns, message) =>
    turns.flatMap((turn, at): Turns => {
      if (turn._tag !== "Reply" || turn.outputs === undefined) return [turn]
      const { next_thought: thought, next_tool_args: args, next_tool_name: tool } = turn.outputs
      if (typeof tool !== "string" || !isRecord(turn.then)) return [turn]
      if (turn.then["observation"] === noMoreTools) return []
      const id = `earlier_${message + 1}_${at + 1}`
      const name = sendableName(tool)
      return [{
        _tag: "Tools",
        content: [
          ...(typeof thought === "string" && thought !== "" ? [Content.text(thought)] : []),
          { _tag: "ToolCall", id, name, arguments: Toolbox.sendableText({ _tag: "Json", value: args }) }
        ],
        results: [{
          _tag: "ToolResult",
          toolCallId: id,
          name,
          content: [Content.text(String(turn.then["observation"] ?? "")), ...turn.parts ?? []]
        }]
      }]
    })
  )

/** What was done, in the form of the text protocol, which has one call in an iteration. */
export const asText = (known: Known): ReadonlyArray<Turns> =>
  asReplies(known, (next_thought, next_tool_name, next_tool_args) => ({ next_thought, next_tool_name, next_tool_args }))

/** What was done, as replies; a native call is one with these outputs. */
export const asReplies = (
  { earlier }: Known,
  outputsOf: (thought: string, tool: string, args: unknown) => Readonly<Record<string, unknown>>
): ReadonlyArray<Turns> =>
  earlier.map((turns) =>
    turns.flatMap((turn): Turns => {
      if (turn._tag !== "Tools") return [turn]
      const thought = Content.textOf(turn.content)
      return Content.toolCallsOf(turn.content).map(({ arguments: text, name }, at): Adapter.Turn => {
        const { content } = turn.results[at]! // each call has its result
        return {
          _tag: "Reply",
          reply: "",
          outputs: outputsOf(at === 0 ? thought : "", name, Toolbox.sendable({ _tag: "Text", text })),
          then: { observation: Content.textOf(content) },
          parts: content.filter(Content.isMedia)
        }
      })
    })
  )
