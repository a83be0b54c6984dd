/**
 * The loop of an agent: think, call tools, tell the model what they answered; at the end, extract the outputs.
 */
import * as Effect from "effect/Effect"
import * as CallFacts from "../../lm/CallFacts.ts"
import * as LM from "../../lm/LM.ts"
import type { LMError } from "../../lm/LMError.ts"
import * as Call from "../../run/Call.ts"
import * as Signature from "../../signature/Signature.ts"
import * as Toolbox from "../../tool/Toolbox.ts"
import { TypeId } from "../Module.ts"
import * as Predict from "../Predict.ts"
import * as Prediction from "../Prediction.ts"
import type { Step } from "../Trajectory.ts"
import * as Contents from "./contents.ts"
import * as Conversation from "./conversation.ts"
import { bind } from "./invoke.ts"
import * as NativeProtocol from "./nativeProtocol.ts"
import type { Move, Protocol } from "./protocol.ts"
import * as Refusals from "./refusals.ts"
import * as TextProtocol from "./textProtocol.ts"

type Fields = Readonly<Record<string, unknown>>

type AnyPredict = Predict.Predict<Signature.Any>

/** What an agent is made of. */
export interface Parts {
  readonly tools: Toolbox.Input
  readonly maxIterations: number
  readonly toolCalls: "auto" | "native" | "text"
  readonly toolConcurrency: number | "unbounded"
  readonly maxObservationLength: number
  readonly react: AnyPredict
  readonly extract: AnyPredict
  /** Whether the outputs are asked for by themselves, even where a turn could be the answer. */
  readonly asksForOutputs: boolean
}

/** The agent that these parts make. What does not change from run to run is made here. */
export const make = (parts: Parts) => {
  const made: Made = {
    extract: bind<AnyPredict>(outputsAlone(parts.extract)[TypeId], "extract"),
    native: NativeProtocol.of(parts)
  }
  return (inputs: Fields, maxIterations: number, call: Call.Call) => run(parts, made, inputs, maxIterations, call)
}

interface Made {
  readonly extract: AnyPredict
  readonly native: ReturnType<typeof NativeProtocol.of>
}

const run = Effect.fnUntraced(function*(
  parts: Parts,
  made: Made,
  inputs: Fields,
  maxIterations: number,
  call: Call.Call
) {
  const toolbox = yield* Toolbox.resolve(parts.tools, { maxTextLength: parts.maxObservationLength })
  const conversation = Conversation.make(call)
  const lm = yield* LM.LM
  const steps: Array<Step> = []
  const inTurn = <A, R>(iteration: number, self: Effect.Effect<A, Predict.PredictError, R>) =>
    self.pipe(
      Effect.mapError(ofRun(steps, call)),
      Effect.provideService(Call.CurrentCall, Call.inIteration(call, iteration))
    )

  const said = ({ prepare }: Protocol) =>
    Effect.map(Effect.orDie(conversation.fitting(prepare)), ({ messages }) => messages)

  const concluded = (prediction: Prediction.Prediction<Fields>, endReason: Prediction.EndReason) => {
    const withSteps = (fields: Fields) => ({ ...fields, trajectory: steps })
    return Prediction.make(withSteps(Prediction.fields(prediction)), {
      ...Prediction.details(prediction),
      completions: Prediction.completions(prediction).map((fields) => fields && withSteps(fields)),
      usage: call.usage(),
      endReason
    })
  }

  let protocol = yield* protocolOf(parts, made, inputs, toolbox)
  let endReason: Prediction.EndReason = "maxIterations"
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const asked = parts.toolCalls === "auto" && iteration === 1
      ? Effect.catchIf(conversation.fitting(protocol.ask), Refusals.ofTools, (error) => {
        protocol = TextProtocol.make(parts.react, inputs, toolbox, parts.extract.signature)
        return Effect.andThen(noteRefusal(error), conversation.fitting(protocol.ask))
      })
      : conversation.fitting(protocol.ask)
    const move = yield* inTurn(iteration, asked)
    const ids = move.calls.map(({ id }, index) => id ?? ownId(call, `turn_${iteration}_${index + 1}`))
    const observations = yield* inTurn(
      iteration,
      Effect.forEach(
        move.calls,
        ({ arguments: args, tool }, index) =>
          toolbox.call({ name: tool, arguments: args, toolCallId: ids[index], messages: said(protocol) }),
        { concurrency: parts.toolConcurrency }
      )
    )
    steps.push(stepOf(iteration, move, ids, observations))
    if (move.answer !== undefined) return concluded(move.answer, "answered")
    const told = observations.map((observation) => Contents.asTaken(observation, lm))
    conversation.add(iteration, move.turn(told, move.isDone || iteration === maxIterations))
    if (move.isDone) {
      endReason = "finished"
      break
    }
  }

  const prediction = yield* inTurn(
    steps.length + 1,
    conversation.fitting((turns) =>
      Effect.flatMap(protocol.prepare(turns), (after) => {
        const alone = made.extract({}, { after })
        // The tools are sent again, for they are a part of the prefix that a provider may have cached. Some models call one
        // all the same, and some providers refuse that.
        return after.tools === undefined ? alone : Effect.catchIf(
          made.extract({}, { after, tools: after.tools, toolChoice: "none" }),
          (error) => Refusals.ofCall(error) && Object.keys(error.partial ?? {}).length === 0,
          () => alone
        )
      })
    )
  )
  return concluded(prediction, endReason)
})

const protocolOf = Effect.fnUntraced(
  function*({ extract, react, toolCalls }: Parts, made: Made, inputs: Fields, toolbox: Toolbox.Toolbox) {
    const lm = yield* LM.LM
    const isNative = toolCalls === "native" || (toolCalls === "auto" && lm.capabilities.tools && !refusing.has(lm))
    return isNative
      ? yield* made.native(inputs, toolbox)
      : TextProtocol.make(react, inputs, toolbox, extract.signature)
  }
)

/** What a provider can do, not each of its models can: those that have said so are not asked again. */
const refusing = new WeakSet<LM.Service>()

const noteRefusal = (error: LMError) =>
  Effect.flatMap(LM.LM, (lm) => {
    refusing.add(lm)
    return Effect.logWarning(
      `${lm.model} takes no tools natively; it is told of them in text (${error.reason.description})`
    )
  })

/** The inputs were said at the beginning: the question at the end asks for outputs only. */
const outputsAlone = (extract: AnyPredict): AnyPredict =>
  Predict.withSignature(
    extract,
    Signature.withInstructions(
      extract.signature.inputFields.reduce<Signature.Any>(
        (self, { name }) => Signature.deleteField(self, name),
        extract.signature
      ),
      `${extract.signature.instructions}\n\nThe work is over: answer now, from what was found.`
    )
  )

/** The id of a tool call to which the model gives none: the same in every process, as the agent's place is. */
const ownId = (call: Call.Call, id: string): string => call.parent === undefined ? id : `${call.place}>${id}`

const stepOf = (
  iteration: number,
  move: Move,
  ids: ReadonlyArray<string>,
  observations: ReadonlyArray<Toolbox.Observation>
): Step => ({
  iteration,
  thought: move.thought,
  calls: observations.map((observation, index) => {
    const { arguments: args, tool } = move.calls[index]!
    const parts = Contents.partsOf(observation)
    return {
      id: ids[index]!,
      tool,
      arguments: Toolbox.shown(args),
      ...(observation.arguments === undefined ? {} : { changedTo: observation.arguments }),
      observation: observation.text,
      ...(parts.length === 0 ? {} : { parts }),
      isFailure: observation._tag === "Failure"
    }
  }),
  ...(move.problem === undefined ? {} : { problem: move.problem })
})

/** The error, with what the whole run has done and used before it. */
const ofRun = (steps: ReadonlyArray<Step>, call: Call.Call) => (error: Predict.PredictError): Predict.PredictError =>
  error._tag === "InputError" ? error : CallFacts.add(error, { usage: call.usage(), trajectory: [...steps] })
