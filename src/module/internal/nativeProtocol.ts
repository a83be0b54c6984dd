/**
 * Tool calls by the provider's function calling: several in each turn, with the thought as the reply's text.
 */
import * as Effect from "effect/Effect"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import * as PlainAdapter from "../../adapter/PlainAdapter.ts"
import type { ToolCall } from "../../lm/LMRequest.ts"
import * as Signature from "../../signature/Signature.ts"
import * as Toolbox from "../../tool/Toolbox.ts"
import { TypeId } from "../Module.ts"
import * as Predict from "../Predict.ts"
import * as Prediction from "../Prediction.ts"
import { bind } from "./invoke.ts"
import { perTools } from "./perTools.ts"
import type { Move, Protocol } from "./protocol.ts"

/** Asks the predictor `react` for a thought, and offers it the tools. */
export const make = (
  react: Predict.Predict<Signature.Any>,
  inputs: Readonly<Record<string, unknown>>,
  toolbox: Toolbox.Toolbox
): Protocol => {
  const { predict } = forTools(react, toolbox)
  const call = bind<Predict.Predict<Signature.Any>>(predict[TypeId], "react")
  const tools = toolbox.specs.length === 0 ? undefined : toolbox.specs
  const plainly = Effect.provideService(CurrentAdapter, PlainAdapter.make())
  return {
    ask: (turns) => call(inputs, { turns, tools }).pipe(Effect.map(moveOf), plainly),
    prepare: (turns) => Predict.prepare(predict, inputs, { turns, tools }).pipe(plainly)
  }
}

const moveOf = (prediction: Prediction.Prediction<Readonly<Record<string, unknown>>>): Move => {
  const { reply, toolCalls } = Prediction.details(prediction)
  const thought = String(prediction["next_thought"])
  const calls = withOwnIds(toolCalls)
  return {
    thought,
    calls: calls.map((call) => ({ id: call.id, tool: call.name, arguments: { _tag: "Text", text: call.arguments } })),
    isDone: calls.length === 0,
    turn: (observations) =>
      calls.length === 0
        ? { _tag: "Reply", reply, outputs: { next_thought: thought } }
        : {
          _tag: "Tools",
          text: thought,
          calls: calls.map(sendable),
          results: calls.map((call, index) => ({
            toolCallId: call.id,
            name: sendable(call).name,
            content: observations[index]!.text
          }))
        }
  }
}

/** Results are told apart by the ids of their calls, which some models give twice. */
const withOwnIds = (calls: ReadonlyArray<ToolCall>): ReadonlyArray<ToolCall> =>
  calls.map((call, index) =>
    calls.findIndex(({ id }) => id === call.id) === index ? call : { ...call, id: `${call.id}_${index + 1}` }
  )

/**
 * A call as it can be sent again: providers refuse names that no tool can have, and arguments that are no JSON object. What
 * the model wrote is in the trajectory, and the observation says what was wrong with it.
 */
const sendable = (call: ToolCall): ToolCall => ({
  id: call.id,
  name: /^[\w-]{1,64}$/.test(call.name) ? call.name : "invalid_tool_name",
  arguments: Toolbox.isSendable(call.arguments) ? call.arguments : "{}"
})

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
