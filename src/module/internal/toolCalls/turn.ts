/**
 * A native reply that called tools, and what came of the calls, as they go back to a model.
 */
import type * as Adapter from "../../../adapter/Adapter.ts"
import * as Content from "../../../lm/LMContent.ts"
import * as Toolbox from "../../../tool/Toolbox.ts"

/** What a model is told of a call. */
export interface Told {
  readonly text: string
  readonly parts?: ReadonlyArray<Content.Media> | undefined
}

/** The turn of a reply: what it said, the arguments of its calls as they were read, and what is told of each. */
export const ofTools = (
  content: ReadonlyArray<Content.Said>,
  args: ReadonlyArray<Toolbox.Arguments>,
  told: ReadonlyArray<Told>
): Adapter.ToolTurn => {
  let at = 0
  return {
    _tag: "Tools",
    content: content.map((part) => part._tag === "ToolCall" ? sendable(part, args[at++]!) : part),
    results: Content.toolCallsOf(content).map(({ id, name }, index) => ({
      _tag: "ToolResult",
      toolCallId: id,
      name: sendableName(name),
      content: [Content.text(told[index]!.text), ...told[index]!.parts ?? []]
    }))
  }
}

/** Providers refuse names that no tool can have. */
export const sendableName = (name: string): string => /^[\w-]{1,64}$/.test(name) ? name : "invalid_tool_name"

// Details

/**
 * A call as it can be sent again. Providers refuse names that no tool can have, and arguments that are no JSON object, so the
 * arguments are sent as they were read. What the model is told of the call says what was wrong with it.
 */
const sendable = (call: Content.ToolCall, args: Toolbox.Arguments): Content.ToolCall => ({
  ...call,
  name: sendableName(call.name),
  arguments: Toolbox.sendableText(args)
})
