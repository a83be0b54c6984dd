/**
 * The loop of an agent: think, call tools, tell the model what they answered; at the end, extract the outputs.
 */
import * as Effect from "effect/Effect"
import type * as Adapter from "../../adapter/Adapter.ts"
import { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import * as CallFacts from "../../lm/CallFacts.ts"
import { model } from "../../lm/internal/model.ts"
import * as LM from "../../lm/LM.ts"
import { LMError } from "../../lm/LMError.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"
import * as CallIds from "../../module/internal/callIds.ts"
import * as Contents from "../../module/internal/contents.ts"
import { bind } from "../../module/internal/invoke.ts"
import { withChosenDemos } from "../../module/internal/predictor.ts"
import { TypeId } from "../../module/Module.ts"
import * as Predict from "../../module/Predict.ts"
import * as Prediction from "../../module/Prediction.ts"
import * as Call from "../../run/Call.ts"
import * as Signature from "../../signature/Signature.ts"
import * as Toolbox from "../../tool/Toolbox.ts"
import type { Step } from "../Trajectory.ts"
import * as Between from "./between.ts"
import * as Conversation from "./conversation.ts"
import * as Earlier from "./earlier.ts"
import * as NativeProtocol from "./nativeProtocol.ts"
import type { Move, Protocol } from "./protocol.ts"
import * as Refusals from "./refusals.ts"
import * as TextProtocol from "./textProtocol.ts"

type Fields = Readonly<Record<string, unknown>>

type AnyPredict = Predict.Predict<Signature.Any>

/** What an agent is made of. */
export interface Parts extends Between.Between {
  readonly tools: Toolbox.Input
  readonly maxIterations: number
  readonly toolCalls: "auto" | "native" | "text"
  readonly toolConcurrency: number | "unbounded"
  readonly maxObservationLength: number
  readonly react: AnyPredict
  readonly extract: AnyPredict
  /** Whether the outputs are asked for by themselves, even where a turn could be the answer. */
  readonly asksForOutputs: boolean
  /** Which iterations are sent again; all where there is no rule. */
  readonly keep: Conversation.Rule | undefined
}

/** The agent that these parts make. What does not change from run to run is made here. */
export const make = (parts: Parts) => {
  const made = madeOf(parts)
  return Effect.fnUntraced(function*(inputs: Fields, maxIterations: number, call: Call.Call) {
    const chosen = yield* chosenFor(parts, inputs, call)
    return yield* run(chosen, chosen === parts ? made : madeOf(chosen), inputs, maxIterations, call)
  })
}

const madeOf = (parts: Parts): Made => ({
  extract: bind<AnyPredict>(outputsAlone(parts.extract)[TypeId], "extract"),
  native: NativeProtocol.of(parts)
})

/** Demos are chosen once, for the agent's inputs: what was sent in one turn is sent again in the next as it was. */
const chosenFor = (parts: Parts, inputs: Fields, call: Call.Call): Effect.Effect<Parts, Predict.PredictError> =>
  parts.react.settings.demosFor === undefined && parts.extract.settings.demosFor === undefined
    ? Effect.succeed(parts)
    : Effect.all({ react: withChosenDemos(parts.react, inputs), extract: withChosenDemos(parts.extract, inputs) }).pipe(
      Effect.map((chosen) => ({ ...parts, ...chosen })),
      Effect.mapError(ofRun([], call)),
      Effect.provideService(Call.CurrentCall, call)
    )

interface Made {
  readonly extract: AnyPredict
  readonly native: ReturnType<typeof NativeProtocol.of>
}

/** What an agent's own functions fail of and need is told by its type. */
const run = Effect.fnUntraced(function*(
  parts: Parts,
  made: Made,
  inputs: Fields,
  maxIterations: number,
  call: Call.Call
): Effect.fn.Return<Prediction.Prediction<Fields>, unknown, unknown> {
  const toolbox = yield* Toolbox.resolve(parts.tools, { maxTextLength: parts.maxObservationLength })
  const known = Earlier.of(parts.react.signature, inputs)
  for (const id of Earlier.idsOf(known)) CallIds.claim(call, id)
  const conversation = Conversation.make(call, parts.keep)
  const lm = yield* model
  const steps: Array<Step> = []
  const inTurn = <A, E, R>(iteration: number, self: Effect.Effect<A, E, R>) =>
    self.pipe(
      Effect.mapError(ofRun(steps, call)),
      Effect.provideService(Call.CurrentCall, Call.inIteration(call, iteration))
    )
  const said = ({ prepare }: Protocol) =>
    Effect.map(Effect.orDie(conversation.fitting(prepare)), ({ messages }) => messages)

  let speak = speaking(parts, made, known, lm)
  let usual = yield* speak({ toolbox })
  let protocol = usual
  let endReason: Prediction.EndReason = "maxIterations"
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const step = { iteration, trajectory: [...steps], inputs }
    const plan = yield* inTurn(iteration, Between.plan(parts, step, toolbox, call.run))
    if (plan.instructions !== undefined) conversation.note(plan.instructions)
    protocol = Between.isUsual(plan) ? usual : yield* speak(plan)

    const asking = Effect.suspend(() => conversation.fitting((turns) => protocol.ask(turns, plan.config)))
    const asked = parts.toolCalls !== "auto" || iteration > 1 ? asking : Effect.catchIf(
      asking,
      Refusals.ofTools,
      Effect.fnUntraced(function*(error) {
        speak = inText(parts, known)
        usual = yield* speak({ toolbox })
        protocol = yield* speak(plan)
        yield* noteRefusal(error)
        return yield* asking
      })
    )
    const move = yield* inTurn(
      iteration,
      plan.services === undefined ? asked : Effect.provideContext(asked, plan.services)
    )
    const ids = move.calls.map(({ id }, index) => id ?? ownId(call, `turn_${iteration}_${index + 1}`))
    const observations = yield* inTurn(
      iteration,
      Effect.forEach(
        move.calls,
        ({ arguments: args, tool }, index) =>
          plan.toolbox.call({ name: tool, arguments: args, toolCallId: ids[index], messages: said(protocol) }),
        { concurrency: parts.toolConcurrency }
      )
    )
    const done = stepOf(iteration, move, ids, observations)
    steps.push(done)
    if (move.answer !== undefined) return concluded(move.answer, steps, conversation, call, "answered")
    if (move.isDone) endReason = "finished"
    else if (move.calls.length > 0 && (yield* inTurn(iteration, Between.isStopped(parts, [...steps])))) {
      endReason = "stopped"
    }
    const isOver = endReason !== "maxIterations"
    const told = observations.map((observation) => Contents.asTaken(observation, lm))
    conversation.add(done, move.turn(told, isOver || iteration === maxIterations))
    if (isOver) break
  }
  const outputs = conversation.fitting((turns) => Effect.flatMap(usual.prepare(turns), askForOutputs(made.extract)))
  return concluded(yield* inTurn(steps.length + 1, outputs), steps, conversation, call, endReason)
})

/** Asks for the outputs after all that was said. */
const askForOutputs = (extract: AnyPredict) => (after: LMRequest) => {
  const alone = extract({}, { after })
  // The tools are sent again, for they are a part of the prefix that a provider may have cached. Some models call one
  // all the same, and some providers refuse that.
  return after.tools === undefined ? alone : Effect.catchIf(
    extract({}, { after, tools: after.tools, toolChoice: "none" }),
    (error) => Refusals.ofCall(error) && Object.keys(error.partial ?? {}).length === 0,
    () => alone
  )
}

const concluded = (
  prediction: Prediction.Prediction<Fields>,
  steps: ReadonlyArray<Step>,
  conversation: Conversation.Conversation,
  call: Call.Call,
  endReason: Prediction.EndReason
): Prediction.Prediction<Fields> => {
  const withSteps = (fields: Fields) => ({ ...fields, trajectory: steps })
  return Prediction.make(withSteps(Prediction.fields(prediction)), {
    ...Prediction.details(prediction),
    completions: Prediction.completions(prediction).map((fields) => fields && withSteps(fields)),
    usage: call.usage(),
    turns: steps.some(({ calls }) => calls.length > 0) ? beforeAnswer(conversation.turns()) : [],
    endReason
  })
}

/** What stands before the answer: a last reply after which the model was told nothing gives way to it. */
const beforeAnswer = (turns: ReadonlyArray<Adapter.Turn>): ReadonlyArray<Adapter.Turn> => {
  const last = turns.at(-1)
  return last?._tag === "Reply" && last.then === undefined ? turns.slice(0, -1) : turns
}

/** Makes the protocol of a turn. */
type Speak = (plan: Between.Plan) => Effect.Effect<Protocol>

const speaking = ({ toolCalls, ...parts }: Parts, made: Made, known: Earlier.Known, lm: LM.Service): Speak =>
  toolCalls === "native" || (toolCalls === "auto" && lm.capabilities.tools && !refusing.has(lm))
    ? ({ toolChoice, toolbox }) => made.native(known, toolbox, toolChoice)
    : inText(parts, known)

const inText = ({ extract, react }: Pick<Parts, "extract" | "react">, known: Earlier.Known): Speak => (plan) =>
  Effect.sync(() => TextProtocol.make(react, known, plan.toolbox, extract.signature, plan.toolChoice))

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
const ofRun = (steps: ReadonlyArray<Step>, call: Call.Call) => <E>(error: E) =>
  error instanceof LMError || error instanceof AdapterParseError
    ? CallFacts.add(error, { usage: call.usage(), trajectory: [...steps] })
    : error
