/**
 * The tool calls that a model asks for, as an output of a predictor: chosen by the model, made by the program.
 *
 * A signature with `ToolCalls` among its outputs has tools among its inputs. The model chooses; nothing is executed. The calls
 * of the prediction are of tools that there are, with arguments that these take.
 *
 * @example
 * const choose = Predict.make("question, tools: list[Tool] -> calls: ToolCalls, answer: str | None")
 * const chosen = yield* choose({ question: "Is it warm in Paris?", tools: [weather] })
 * const observations = yield* ToolCalls.execute(chosen.calls, [weather])
 * const { answer } = yield* choose(
 *   { question: "Is it warm in Paris?", tools: [weather] },
 *   { turns: [ToolCalls.turn(chosen, observations)] }
 * )
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Adapter from "../adapter/Adapter.ts"
import type { ToolCall, ToolCalls } from "../signature/ToolCall.ts"
import * as Kinds from "../text/kinds.ts"
import { given, onlyKnown } from "../text/options.ts"
import * as Toolbox from "../tool/Toolbox.ts"
import { partsOf } from "./internal/contents.ts"
import * as Turn from "./internal/toolCalls/turn.ts"
import * as Prediction from "./Prediction.ts"

// Models

export { ToolCall, ToolCalls } from "../signature/ToolCall.ts"
export type { Tool } from "../signature/ToolSpec.ts"

/** Options of {@link execute}. */
export interface Options extends Toolbox.Options {
  /** How many calls run at the same time; all of them by default. */
  readonly concurrency?: number | "unbounded" | undefined
}

/** A call with what came of it, as JSON: an item of a turn in a `History`. */
export type Answered = {
  readonly id: string
  readonly name: string
  readonly args: Schema.JsonObject
  readonly result: string
}

// Constructors

/**
 * Calls as a model could have asked for them, for examples and tests: their ids are `call_1`, `call_2` and so on, where none is given.
 *
 * @example
 * const demos = [{ question: "Warm in Rome?", calls: ToolCalls.make([{ name: "weather", args: { city: "Rome" } }]) }]
 */
export const make = (
  calls: ReadonlyArray<{ readonly name: string; readonly args?: Schema.JsonObject; readonly id?: string }>
): ToolCalls => {
  given("ToolCalls.make", { calls: someCalls }, [calls])
  return calls.map(({ args = {}, id, name }, at) => ({ id: id ?? `call_${at + 1}`, name, args }))
}

const aCall = Kinds.make(
  "a call, as { name: \"weather\", args: { city: \"Rome\" } } is one",
  (value) => Kinds.isObject(value) && typeof value["name"] === "string"
)
const someCalls = Kinds.listOf("calls", aCall)

// Combinators

/**
 * Makes the calls, at the same time, and gives what came of each, in their order. Each call takes the way of a tool that an agent
 * calls: its arguments are checked, its approval is asked for, its limits are kept, and observers see it under the call's id. It does
 * not fail: what goes wrong is a `Failure` with its `ToolError`, in the place of a result.
 *
 * @example
 * const [first] = yield* ToolCalls.execute(calls, [weather])
 * const text = first?._tag === "Success" ? first.text : first?.error.reason._tag
 */
export const execute = <const T extends Toolbox.Input>(
  calls: ReadonlyArray<ToolCall>,
  tools: T,
  options: Options = {}
): Effect.Effect<ReadonlyArray<Toolbox.Observation>, never, Toolbox.Services<T>> => {
  given("ToolCalls.execute", { calls: someCalls }, [calls])
  const { concurrency = "unbounded", ...limits } = onlyKnown("ToolCalls.execute", options, {
    concurrency: Kinds.concurrency,
    maxTextLength: true,
    maxArgumentBytes: true
  })
  return Effect.flatMap(Toolbox.resolve(tools, limits), (toolbox) =>
    Effect.forEach(
      calls,
      ({ args, id, name }) => toolbox.call({ name, arguments: { _tag: "Json", value: args }, toolCallId: id }),
      { concurrency }
    ))
}

/**
 * The reply of a prediction and what came of its calls, as the next call of the predictor takes it among its `turns`: the model goes
 * on from there. What its provider wants back (a signed thought) goes back with it, and so do pictures that tools gave.
 *
 * @example
 * const next = yield* choose(inputs, { turns: [ToolCalls.turn(chosen, observations)] })
 */
export const turn = (
  prediction: Prediction.Prediction<object>,
  observations: ReadonlyArray<Toolbox.Observation>
): Adapter.Turn => {
  given("ToolCalls.turn", { prediction: aPrediction, observations: someObservations }, [prediction, observations])
  const { content, reply, toolCalls } = Prediction.details(prediction)
  if (toolCalls.length > 0) {
    return Turn.ofTools(
      content,
      toolCalls.map(({ arguments: text }) => ({ _tag: "Text", text })),
      toolCalls.map((_, at) => toldOf(observations[at]))
    )
  }
  const parts = observations.flatMap(partsOf)
  return {
    _tag: "Reply",
    reply,
    then: { results: observations.map(({ text }) => text) },
    ...(parts.length === 0 ? {} : { parts })
  }
}

/**
 * The calls with what came of them, as JSON: in a turn of a `History` they stand in the place of the calls.
 *
 * @example
 * const history = History.append(History.empty, {
 *   question,
 *   calls: ToolCalls.answered(calls, observations)
 * })
 */
export const answered = (
  calls: ReadonlyArray<ToolCall>,
  observations: ReadonlyArray<Toolbox.Observation>
): ReadonlyArray<Answered> => {
  given("ToolCalls.answered", { calls: someCalls, observations: someObservations }, [calls, observations])
  return calls.map((call, at) => ({ ...call, result: toldOf(observations[at]).text }))
}

// Details

const aPrediction = Kinds.make("a prediction, as a call of a program comes to one", Prediction.isPrediction)
const someObservations = Kinds.list("observations, as ToolCalls.execute gives one for each call")

const toldOf = (observation: Toolbox.Observation | undefined): Turn.Told =>
  observation === undefined
    ? { text: "The call was not made." }
    : { text: observation.text, parts: partsOf(observation) }
