/**
 * Tool calls by the provider's function calling: several in each iteration, with the thought as the reply's text. A reply that
 * calls none may be the answer, in the form of the adapter.
 */
import * as Effect from "effect/Effect"
import * as Adapter from "../../adapter/Adapter.ts"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import * as PlainAdapter from "../../adapter/PlainAdapter.ts"
import * as LM from "../../lm/LM.ts"
import type { LMError } from "../../lm/LMError.ts"
import type { AskOptions } from "../../module/internal/ask.ts"
import * as Cited from "../../module/internal/cited.ts"
import { bind } from "../../module/internal/invoke.ts"
import * as Refusals from "../../module/internal/toolCalls/refusals.ts"
import * as Turn from "../../module/internal/toolCalls/turn.ts"
import { TypeId } from "../../module/Module.ts"
import * as Predict from "../../module/Predict.ts"
import * as Prediction from "../../module/Prediction.ts"
import * as Call from "../../run/Call.ts"
import * as Signature from "../../signature/Signature.ts"
import { Answering } from "./answering.ts"
import type { Plan } from "./between.ts"
import * as Earlier from "./earlier.ts"
import type { Move, Protocol } from "./protocol.ts"
import { thoughtScanner } from "./turnText.ts"

type AnyPredict = Predict.Predict<Signature.Any>

type Inputs = Readonly<Record<string, unknown>>

/** The predictors of an agent, and whether its outputs are asked for in any case. */
export interface Parts {
  readonly react: AnyPredict
  readonly extract: AnyPredict
  readonly asksForOutputs: boolean
}

/** Makes the protocol of a run: asks the predictor `react` for a thought, and offers it the tools. */
export const of = (parts: Parts) => {
  const thinking = thoughtsOnly(parts.react)
  const answering = answersToo(parts)
  const inTurn = answering && turnAdapters(answering.answer)
  return (
    known: Earlier.Known,
    { toolChoice, toolbox }: Pick<Plan, "toolbox" | "toolChoice">
  ): Effect.Effect<Protocol> =>
    Effect.map(CurrentAdapter, (adapter) => {
      const question: Question = {
        inputs: known.inputs,
        options: {
          earlier: Earlier.asTools(known),
          // Where the outputs are asked for, it is without the inputs: no input is to look like one of them.
          later: parts.extract.signature,
          ...(toolbox.specs.length === 0 ? {} : { tools: toolbox.specs, toolChoice })
        }
      }
      return answering === undefined || inTurn === undefined || !tellsForm(adapter, answering.answer)
        ? thinkingProtocol(thinking, question)
        : answeringProtocol(answering, { adapter, ofTurn: inTurn(adapter) }, question)
    })
}

/** What an iteration is asked with, whatever has happened before it. */
interface Question {
  readonly inputs: Inputs
  readonly options: Pick<Predict.CallOptions, "earlier" | "later" | "tools" | "toolChoice">
}

/** The model is asked for thoughts and calls, and for the outputs in the end. */
const thinkingProtocol = (predict: AnyPredict, { inputs, options }: Question): Protocol => {
  const call = bind<AnyPredict>(predict[TypeId], "react")
  return {
    ask: (turns, config) =>
      call(inputs, { ...options, turns, config }).pipe(
        Effect.map((prediction) => moveOf(prediction, { outputs: { next_thought: prediction["next_thought"] } })),
        orUnreadable,
        plainly
      ),
    prepare: (turns) => Predict.prepare(predict, inputs, { ...options, turns }).pipe(plainly)
  }
}

/** The model is asked to call tools or to answer. */
const answeringProtocol = (
  { answer, extract, predict }: Answers,
  { adapter, ofTurn }: { readonly adapter: Adapter.Adapter; readonly ofTurn: Adapter.Adapter },
  { inputs, options }: Question
): Protocol => {
  const call = bind<Asked>(predict[TypeId], "react")
  const inTurn = Effect.provideService(CurrentAdapter, ofTurn)
  return {
    ask: Effect.fnUntraced(
      function*(turns, config) {
        const lm = yield* LM.LM
        const answering = new Answering({
          key: "extract",
          name: extract.settings.name,
          adapter: Cited.citing(adapter, answer, inputs, yield* Effect.context<never>()),
          signature: answer,
          parent: yield* Call.CurrentCall,
          model: lm.model
        })
        const prediction = yield* call(inputs, { ...options, turns, answering, config })
        const { error } = answering
        return {
          ...moveOf(prediction, error === undefined ? {} : { then: adapter.feedback(error) }),
          answer: answering.answer
        }
      },
      orUnreadable,
      inTurn
    ),
    prepare: (turns) => Predict.prepare(predict, inputs, { ...options, turns }).pipe(inTurn)
  }
}

interface Asked extends Predict.Predict<Signature.Any> {
  (input: Inputs, options: AskOptions): ReturnType<AnyPredict>
}

const plainly = Effect.provideService(CurrentAdapter, PlainAdapter.make())

const orUnreadable = <R>(self: Effect.Effect<Move, Predict.PredictError, R>) =>
  Effect.catchIf(self, Refusals.ofCall, (error) => Effect.succeed(unreadable(error)))

/** Asks as the adapter asks for an answer, and reads the thought before it: the answer itself is read by {@link Answering}. */
const turnAdapter = (adapter: Adapter.Adapter, answer: Signature.Any): Adapter.Adapter => {
  const { name } = adapter
  const format = (call: Adapter.AdapterCall) => adapter.format({ ...call, signature: answer, offersTools: true })
  return { ...Adapter.make({ name, format, scanner: thoughtScanner(adapter, answer) }), format }
}

/** The same, made once for each adapter. */
const turnAdapters = (answer: Signature.Any): (adapter: Adapter.Adapter) => Adapter.Adapter => {
  const known = new WeakMap<Adapter.Adapter, Adapter.Adapter>()
  return (adapter) => {
    let made = known.get(adapter)
    if (made === undefined) known.set(adapter, made = turnAdapter(adapter, answer))
    return made
  }
}

/** Whether the adapter tells the model of a form in which it can answer. */
const tellsForm = ({ form }: Adapter.Adapter, answer: Signature.Any): boolean =>
  form?.reply(answer.outputFields) !== undefined

const moveOf = (
  prediction: Prediction.Prediction<Inputs>,
  closing: Pick<Adapter.ReplyTurn, "outputs" | "then">
): Move => {
  const { content, reply, toolCalls: calls } = Prediction.details(prediction)
  const made = calls.map(({ arguments: text, id, name }) => ({
    id,
    tool: name,
    arguments: { _tag: "Text", text } as const
  }))
  return {
    thought: String(prediction["next_thought"]),
    calls: made,
    isDone: calls.length === 0,
    turn: ({ observations }) => {
      if (calls.length === 0) return { _tag: "Reply", reply, ...closing }
      return Turn.ofTools(content, made.map(({ arguments: args }) => args), observations)
    }
  }
}

/** A call that the provider could not read, and does not show. The model is told what was wrong with it. */
const unreadable = (error: LMError): Move => ({
  thought: error.partial?.["next_thought"] ?? "",
  calls: [],
  isDone: false,
  problem: error.reason.description,
  turn: ({ isLast }) => ({
    _tag: "Reply",
    reply: error.partial?.["next_thought"] ?? "",
    then: isLast
      ? "No turn is left."
      : `Your tool call could not be read: ${error.reason.description}\n\nCall a tool by its name, with arguments that are ` +
        "a JSON object of its schema, or answer without a tool.",
    closing: isLast
  })
})

/** The predictor that has the thought as its only output. Examples of it would show thoughts without calls: there are none. */
const thoughtsOnly = (react: AnyPredict): AnyPredict =>
  withThought(
    react,
    "You work in turns. In each, write what you know and what is missing, and call the tools that help; calls that do not " +
      "need each other's results go together. Once you know enough to answer, say so without calling a tool: you are asked " +
      "for the answer then."
  )

const withThought = (react: AnyPredict, instructions: string): AnyPredict =>
  Predict.withSignature(
    Predict.withDemos(react, []),
    react.signature.outputFields.filter(({ name }) => name !== "next_thought").reduce<Signature.Any>(
      (self, { name }) => Signature.deleteField(self, name),
      Signature.appendInstructions(react.signature, instructions)
    )
  )

/** The predictor of iterations that may be the answer, and the signature of the answer. */
interface Answers {
  readonly predict: AnyPredict
  readonly answer: Signature.Any
  readonly extract: AnyPredict
}

/**
 * Nothing where the outputs have a request of their own: the agent asks for it, or there are examples of outputs, which stand in
 * it.
 */
const answersToo = ({ asksForOutputs, extract, react }: Parts): Answers | undefined => {
  if (asksForOutputs || extract.settings.demos.length > 0) return undefined
  const predict = withThought(
    react,
    "You work in turns. In each, either call the tools that help, with a word on why: calls that do not need each other's " +
      "results go together. Or, once you know enough, answer in the form that you were told, without calling a tool."
  )
  const { instructions } = predict.signature
  const own = extract.signature.instructions
  return {
    predict,
    extract,
    answer: Signature.withInstructions(
      extract.signature,
      instructions.startsWith(own) ? instructions : `${instructions}\n\nFor the answer:\n${own}`
    )
  }
}
