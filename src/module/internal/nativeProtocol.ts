/**
 * Tool calls by the provider's function calling: several in each turn, with the thought as the reply's text.
 */
import * as Effect from "effect/Effect"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import * as PlainAdapter from "../../adapter/PlainAdapter.ts"
import * as Content from "../../lm/LMContent.ts"
import type { LMError } from "../../lm/LMError.ts"
import * as Signature from "../../signature/Signature.ts"
import * as Toolbox from "../../tool/Toolbox.ts"
import { TypeId } from "../Module.ts"
import * as Predict from "../Predict.ts"
import * as Prediction from "../Prediction.ts"
import * as Contents from "./contents.ts"
import { bind } from "./invoke.ts"
import { perTools } from "./perTools.ts"
import type { Move, Protocol } from "./protocol.ts"
import * as Refusals from "./refusals.ts"

/** Asks the predictor `react` for a thought, and offers it the tools. */
export const make = (
  react: Predict.Predict<Signature.Any>,
  inputs: Readonly<Record<string, unknown>>,
  toolbox: Toolbox.Toolbox,
  later: Signature.Any
): Protocol => {
  const { predict } = forTools(react, toolbox)
  const call = bind<Predict.Predict<Signature.Any>>(predict[TypeId], "react")
  const tools = toolbox.specs.length === 0 ? undefined : toolbox.specs
  return {
    ask: (turns) =>
      call(inputs, { turns, tools, later }).pipe(
        Effect.map(moveOf),
        Effect.catchIf(Refusals.ofCall, (error) => Effect.succeed(unreadable(error))),
        plainly
      ),
    prepare: (turns) => Predict.prepare(predict, inputs, { turns, tools, later }).pipe(plainly)
  }
}

const plainly = Effect.provideService(CurrentAdapter, PlainAdapter.make())

const moveOf = (prediction: Prediction.Prediction<Readonly<Record<string, unknown>>>): Move => {
  const { content, reply, toolCalls: calls } = Prediction.details(prediction)
  const thought = String(prediction["next_thought"])
  const made = calls.map(({ arguments: text, id, name }) => ({
    id,
    tool: name,
    arguments: { _tag: "Text", text } as const
  }))
  return {
    thought,
    calls: made,
    isDone: calls.length === 0,
    turn: (observations) => {
      if (calls.length === 0) return { _tag: "Reply", reply, outputs: { next_thought: thought } }
      let at = 0
      return {
        _tag: "Tools",
        content: content.map((part) => part._tag === "ToolCall" ? sendable(part, made[at++]!.arguments) : part),
        results: calls.map(({ id, name }, index) => ({
          _tag: "ToolResult",
          toolCallId: id,
          name: sendableName(name),
          content: [Content.text(observations[index]!.text), ...Contents.partsOf(observations[index])]
        }))
      }
    }
  }
}

/** A call that the provider could not read, and has kept to itself: the model is told what was wrong with it. */
const unreadable = (error: LMError): Move => ({
  thought: error.partial?.["next_thought"] ?? "",
  calls: [],
  isDone: false,
  problem: error.reason.description,
  turn: (_, closing) => ({
    _tag: "Reply",
    reply: error.partial?.["next_thought"] ?? "",
    then: closing
      ? "No turn is left."
      : `Your tool call could not be read: ${error.reason.description}\n\nCall a tool by its name, with arguments that are ` +
        "a JSON object of its schema, or answer without a tool.",
    closing
  })
})

/**
 * A call as it can be sent again: providers refuse names that no tool can have, and arguments that are no JSON object:
 * those are sent as what they were read as. What the model wrote is in the trajectory, and the observation says what was wrong
 * with it.
 */
const sendable = (call: Content.ToolCall, args: Toolbox.Arguments): Content.ToolCall => ({
  ...call,
  name: sendableName(call.name),
  arguments: Toolbox.sendableText(args)
})

const sendableName = (name: string): string => /^[\w-]{1,64}$/.test(name) ? name : "invalid_tool_name"

/** The predictor that has the thought as its only output. Examples of it would show thoughts without calls: there are none. */
const forTools = perTools((react) => ({
  predict: Predict.withSignature(
    Predict.withDemos(react, []),
    react.signature.outputFields.filter(({ name }) => name !== "next_thought").reduce<Signature.Any>(
      (self, { name }) => Signature.deleteField(self, name),
      Signature.appendInstructions(
        react.signature,
        "You work in turns. In each, write what you know and what is missing, and call the tools that help; calls that do not " +
          "need each other's results go together. Once you know enough to answer, say so without calling a tool."
      )
    )
  )
}))
