/**
 * The loop of an agent: think, call tools, tell the model what they answered; at the end, extract the outputs.
 */
import * as Effect from "effect/Effect"
import type * as Adapter from "../../adapter/Adapter.ts"
import { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import * as CallFacts from "../../lm/CallFacts.ts"
import { model } from "../../lm/internal/model.ts"
import { LMError } from "../../lm/LMError.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"
import * as CallIds from "../../module/internal/callIds.ts"
import * as Cited from "../../module/internal/cited.ts"
import * as Contents from "../../module/internal/contents.ts"
import { bind } from "../../module/internal/invoke.ts"
import { withChosenDemos } from "../../module/internal/predictor.ts"
import * as Refusals from "../../module/internal/toolCalls/refusals.ts"
import * as Module from "../../module/Module.ts"
import * as Predict from "../../module/Predict.ts"
import * as Prediction from "../../module/Prediction.ts"
import * as Call from "../../run/Call.ts"
import { Concluding } from "../../run/Step.ts"
import * as Signature from "../../signature/Signature.ts"
import * as Toolbox from "../../tool/Toolbox.ts"
import type { Step, StepCall } from "../Trajectory.ts"
import * as Between from "./between.ts"
import * as Conversation from "./conversation.ts"
import * as Earlier from "./earlier.ts"
import * as NativeProtocol from "./nativeProtocol.ts"
import type { Move, MoveCall, Protocol } from "./protocol.ts"
import * as Speaking from "./speaking.ts"

type Fields = Readonly<Record<string, unknown>>

type AnyPredict = Predict.Predict<Signature.Any>

/** What an agent is made of. */
export interface Parts extends Between.Between {
  readonly tools: Toolbox.Input
  readonly maxIterations: number
  readonly toolCalls: "auto" | "native" | "text"
  readonly toolConcurrency: number | "unbounded"
  readonly maxObservationLength: number
  /** The predictor of its iterations. */
  readonly react: AnyPredict
  readonly extract: AnyPredict
  /** Whether the outputs are asked for by themselves, even where an iteration could be the answer. */
  readonly asksForOutputs: boolean
  /** Which iterations are sent again; all where there is no rule. */
  readonly keep: Conversation.Rule | undefined
  /** Further modules that are a part of it, by their key below it. */
  readonly beside?: Module.Modules | undefined
  /** How a model acts that calls no tools itself, but writes code that does; it calls them itself where this is left out. */
  readonly acting?: Acting | undefined
}

/** Makes ready for a run what code needs; `tools` are those that it may call. */
export type Acting = (
  tools: Toolbox.Toolbox,
  known: Earlier.Known,
  parts: Parts,
  call: Call.Call
) => Effect.Effect<Acts, unknown, unknown>

/** How the model of one run acts. */
export interface Acts {
  /** What an iteration calls: it runs the code. */
  readonly toolbox: Toolbox.Toolbox
  readonly protocol: Protocol
  /** The calls of tools that code has made, those that were not given yet. */
  readonly takeCalls: () => ReadonlyArray<StepCall>
  /** The outputs, where code itself has given them. */
  readonly outputs?: () => Fields | undefined
  /** What the model is told before its last turn. */
  readonly last?: string
}

/** The agent that these parts make. What does not change from run to run is made here. */
export const make = (parts: Parts) => {
  const made = madeOf(parts)
  return Effect.fnUntraced(function*(inputs: Fields, maxIterations: number, call: Call.Call) {
    const chosen = yield* chosenFor(parts, inputs, call)
    const running = run(chosen === parts ? made : madeOf(chosen), inputs, maxIterations, call).pipe(
      Cited.within(parts.extract.signature, inputs)
    )
    return yield* parts.acting === undefined ? running : Effect.scoped(running)
  })
}

interface Made {
  readonly parts: Parts
  readonly extract: AnyPredict
  readonly native: ReturnType<typeof NativeProtocol.of> | undefined
}

const madeOf = (parts: Parts): Made => ({
  parts,
  extract: bind<AnyPredict>(outputsAlone(parts.extract)[Module.TypeId], "extract"),
  native: parts.acting === undefined ? NativeProtocol.of(parts) : undefined
})

/** Demos are chosen once, for the agent's inputs: what was sent in one iteration is sent again in the next as it was. */
const chosenFor = (parts: Parts, inputs: Fields, call: Call.Call): Effect.Effect<Parts, Predict.PredictError> =>
  parts.react.settings.demosFor === undefined && parts.extract.settings.demosFor === undefined
    ? Effect.succeed(parts)
    : Effect.all({ react: withChosenDemos(parts.react, inputs), extract: withChosenDemos(parts.extract, inputs) }).pipe(
      Effect.map((chosen) => ({ ...parts, ...chosen })),
      Effect.mapError(ofRun([], call)),
      Effect.provideService(Call.CurrentCall, call)
    )

/** The agent's type tells what its own functions fail with and need. */
const run = Effect.fnUntraced(function*(
  { extract, native, parts }: Made,
  inputs: Fields,
  maxIterations: number,
  call: Call.Call
): Effect.fn.Return<Prediction.Prediction<Fields>, unknown, unknown> {
  const tools = yield* Toolbox.resolve(parts.tools, { maxTextLength: parts.maxObservationLength })
  const known = Earlier.of(parts.react.signature, inputs)
  for (const id of Earlier.idsOf(known)) CallIds.claim(call, id)
  const acts = parts.acting && (yield* parts.acting(tools, known, parts, call))
  const toolbox = acts?.toolbox ?? tools
  const lm = yield* model
  const speaking = yield* Speaking.make({ parts, native, own: acts?.protocol, known, toolbox, lm })
  const conversation = Conversation.make(call, parts.keep)
  const steps: Array<Step> = []
  const work: Work = { call, conversation, steps }

  let endReason: Prediction.EndReason = "maxIterations"
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const inside = inIteration(work, iteration)
    const plan = yield* inside(Between.plan(parts, { iteration, trajectory: [...steps], inputs }, toolbox, call.run))
    if (plan.instructions !== undefined) conversation.note(plan.instructions)
    if (acts?.last !== undefined && iteration === maxIterations) conversation.note(acts.last)
    const asking = speaking.ask(plan, conversation)
    const asked = yield* inside(
      plan.services === undefined ? asking : Effect.provideContext(asking, plan.services)
    ).pipe(Effect.catchIf(Refusals.ofBudget, () => Effect.undefined))
    if (asked === undefined) {
      endReason = "budget"
      break
    }
    const { move, protocol } = asked
    const ids = move.calls.map(({ id }, index) => id ?? ownId(call, `turn_${iteration}_${index + 1}`))
    const messages = said(conversation, protocol)
    const observations = yield* inside(
      Effect.forEach(
        move.calls,
        ({ arguments: args, tool }, index) =>
          plan.toolbox.call({ name: tool, arguments: args, toolCallId: ids[index], messages }),
        { concurrency: parts.toolConcurrency }
      )
    )
    const step = stepOf(move, { iteration, ids, observations, made: acts?.takeCalls() ?? [] })
    steps.push(step)
    const given = acts?.outputs?.()
    const answer = given === undefined ? move.answer : Prediction.make(given)
    if (answer !== undefined) return concluded(work, answer, "answered")
    // Code that was to be the last, and has failed, is not.
    if (move.isDone && observations.every(({ _tag }) => _tag === "Success")) endReason = "finished"
    else if (move.calls.length > 0 && (yield* inside(Between.isStopped(parts, [...steps])))) endReason = "stopped"
    const isOver = endReason !== "maxIterations"
    const told = observations.map((observation) => Contents.asTaken(observation, lm))
    conversation.add(step, move.turn({ observations: told, isLast: isOver || iteration === maxIterations }))
    if (isOver) break
  }
  const outputs = conversation.fitting((turns) => Effect.flatMap(speaking.prepare(turns), askForOutputs(extract)))
  const concluding = Effect.provideService(outputs, Concluding, true)
  return concluded(work, yield* inIteration(work, steps.length + 1)(concluding), endReason)
})

/** What a run has done so far. */
interface Work {
  readonly call: Call.Call
  readonly conversation: Conversation.Conversation
  readonly steps: ReadonlyArray<Step>
}

const inIteration =
  ({ call, steps }: Work, iteration: number) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    self.pipe(
      Effect.mapError(ofRun(steps, call)),
      Effect.provideService(Call.CurrentCall, Call.inIteration(call, iteration))
    )

/** The messages so far, for tools that ask for them. */
const said = (conversation: Conversation.Conversation, { prepare }: Protocol) =>
  Effect.map(Effect.orDie(conversation.fitting(prepare)), ({ messages }) => messages)

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
  { call, conversation, steps }: Work,
  prediction: Prediction.Prediction<Fields>,
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

/**
 * What stands before the answer. A last reply after which the model was told nothing is left out: the answer stands in its place.
 */
const beforeAnswer = (turns: ReadonlyArray<Adapter.Turn>): ReadonlyArray<Adapter.Turn> => {
  const last = turns.at(-1)
  return last?._tag === "Reply" && last.then === undefined ? turns.slice(0, -1) : turns
}

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

/** The id of a tool call where the model gives none. It is made of the agent's place, so it is the same in every process. */
const ownId = (call: Call.Call, id: string): string => call.parent === undefined ? id : `${call.place}>${id}`

/** What came of a move: what its calls answered, by their ids, and the calls that code has made. */
interface Outcome {
  readonly iteration: number
  readonly ids: ReadonlyArray<string>
  readonly observations: ReadonlyArray<Toolbox.Observation>
  readonly made: ReadonlyArray<StepCall>
}

const stepOf = (move: Move, { ids, iteration, made, observations }: Outcome): Step => ({
  iteration,
  thought: move.thought,
  calls: observations.map((observation, index) => ({
    ...stepCallOf(ids[index]!, move.calls[index]!, observation),
    ...(made.length === 0 ? {} : { calls: made })
  })),
  ...(move.problem === undefined ? {} : { problem: move.problem })
})

/** A call, and what came of it. */
export const stepCallOf = (
  id: string,
  { arguments: args, tool }: MoveCall,
  observation: Toolbox.Observation
): StepCall => {
  const parts = Contents.partsOf(observation)
  return {
    id,
    tool,
    arguments: Toolbox.shown(args),
    ...(observation.arguments === undefined ? {} : { changedTo: observation.arguments }),
    observation: observation.text,
    ...(parts.length === 0 ? {} : { parts }),
    isFailure: observation._tag === "Failure",
    ...(observation._tag === "Success" && observation.givenAgain === true ? { givenAgain: true } : {})
  }
}

/** The error, with what the whole run has done and used before it. */
const ofRun = (steps: ReadonlyArray<Step>, call: Call.Call) => <E>(error: E) =>
  error instanceof LMError || error instanceof AdapterParseError
    ? CallFacts.add(error, { usage: call.usage(), trajectory: [...steps] })
    : error
