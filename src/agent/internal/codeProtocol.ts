/**
 * Code as an output field, in the adapter's form: one piece in each turn, with any language model.
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Adapter from "../../adapter/Adapter.ts"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import { bind } from "../../module/internal/invoke.ts"
import { TypeId } from "../../module/Module.ts"
import * as Predict from "../../module/Predict.ts"
import * as Prediction from "../../module/Prediction.ts"
import * as Signature from "../../signature/Signature.ts"
import * as Earlier from "./earlier.ts"
import { perOffer } from "./perTools.ts"
import type { Move, Protocol } from "./protocol.ts"
import { replySignature, unreadable } from "./textProtocol.ts"
import { codeTool } from "./workshop.ts"

// Models

type Outputs = Readonly<Record<string, unknown>>

/** The names of the fields of a turn. */
export interface Turn {
  readonly thought: string
  readonly code: string
  /** The field that says that the code is the last; code that ends the work by itself has none. */
  readonly finished?: string
}

/** What a turn is asked with. */
export interface Asked {
  /** The predictor of turns, and what it is called below the agent. */
  readonly react: Predict.Predict<Signature.Any>
  readonly key: string
  readonly turn: Turn
  readonly known: Earlier.Known
  /** What code can use, in words. */
  readonly told: string
  /** The signature of what is asked for in the end. */
  readonly later: Signature.Any
}

// Constructors

/** The signature with the fields of a turn in the place of its outputs. */
export const signatureOf = (
  signature: Signature.Any,
  instructions: string,
  fields: Readonly<Record<string, readonly [schema: Schema.ConstraintCodec<unknown, unknown>, description: string]>>
): Signature.Any =>
  signature.outputFields.reduce(
    (self, { name }) => Signature.deleteField(self, name),
    Object.entries(fields).reduce<Signature.Any>(
      (self, [name, [schema, description]]) => Signature.appendOutput(self, name, schema, { description }),
      Signature.withInstructions(signature, instructions)
    )
  )

/** Asks the predictor for a thought and code. */
export const make = ({ key, known, later, react, told, turn }: Asked): Protocol => {
  const { inputs } = known
  const { predict, read } = forCode(react, { told })
  const call = bind<Predict.Predict<Signature.Any>>(predict[TypeId], key)
  const inForm = Effect.updateService(CurrentAdapter, (adapter) => reading(adapter, read))
  const earlier = Earlier.asReplies(known, (thought, tool, args) => ({
    [turn.thought]: thought,
    [turn.code]: `await ${tool}(${JSON.stringify(args)})`,
    ...(turn.finished === undefined ? {} : { [turn.finished]: false })
  }))
  return {
    ask: (turns, config) =>
      call(inputs, { turns, earlier, later, config }).pipe(
        Effect.map((prediction) => moveOf(Prediction.fields(prediction), Prediction.details(prediction).reply, turn)),
        Effect.catchTag("AdapterParseError", (error) =>
          Effect.map(CurrentAdapter, (adapter) => unreadable(adapter, error))),
        inForm
      ),
    prepare: (turns) => inForm(Predict.prepare(predict, inputs, { turns, earlier, later }))
  }
}

// Details

/** The predictor that knows what code can use, and how its replies are read. */
const forCode = perOffer((react, { told }: { readonly told: string }) => {
  const predict = Predict.withSignature(react, Signature.appendInstructions(react.signature, told))
  return { predict, read: replySignature(predict.signature) }
}, ({ told }) => told)

/** The adapter, which reads replies so that one which plays the next turn too ends where that begins. */
const reading = (adapter: Adapter.Adapter, read: Signature.Any): Adapter.Adapter => ({
  ...adapter,
  decoder: () => adapter.decoder(read),
  fallback: adapter.fallback && reading(adapter.fallback, read)
})

const moveOf = (outputs: Outputs, reply: string, turn: Turn): Move => {
  const code = String(outputs[turn.code])
  const isDone = turn.finished !== undefined && outputs[turn.finished] === true
  return {
    thought: String(outputs[turn.thought]),
    calls: isDone && code.trim() === "" ? [] : [{ tool: codeTool, arguments: { _tag: "Json", value: { code } } }],
    isDone,
    turn: ({ isLast, observations: [observation] }) => ({
      _tag: "Reply",
      reply,
      outputs,
      then: { observation: observation?.text ?? "No more code is run." },
      closing: isLast
    })
  }
}
