/**
 * An agent that thinks and acts in iterations: it calls tools until it knows enough, and then answers.
 *
 * Each iteration is a call of the predictor `react`. Where tools are called natively, a reply that calls none and has all
 * outputs, in the adapter's form, is the answer; otherwise the predictor `extract` writes them at the end, after all that was
 * said before. Messages are only ever appended, so a provider's prompt cache holds for the whole run (a reply that has to be
 * asked for through an adapter's fallback is one request beside it). Whatever goes wrong with a tool is told to the model, and so
 * is a call that its provider could not read; other errors of the language model end the run, with the trajectory and the usage
 * so far.
 */
import * as Schema from "effect/Schema"
import type { LM } from "../lm/LM.ts"
import type { GenerationConfig } from "../lm/LMRequest.ts"
import * as ChainOfThought from "../module/ChainOfThought.ts"
import { config, configNames } from "../module/internal/checkedConfig.ts"
import { aKeep } from "../module/internal/keeping.ts"
import type { Keep } from "../module/Keep.ts"
import type * as Module from "../module/Module.ts"
import * as Predict from "../module/Predict.ts"
import * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import * as Toolbox from "../tool/Toolbox.ts"
import type { PrepareStep } from "./internal/between.ts"
import { fromParts } from "./internal/module.ts"
import { stopping } from "./internal/stopping.ts"
import type * as ModuleTool from "./ModuleTool.ts"
import type { StopWhen } from "./StopWhen.ts"
import type { Trajectory } from "./Trajectory.ts"

// Models

/**
 * The signature of the predictor `react`: what an iteration consists of in the text protocol. In native function calling the
 * thought is the reply's text, and the call comes as `ToolCallDelta` events.
 */
export type ReactSignature<S extends Signature.Any> = Signature.Signature<S["input"]["fields"], typeof turn>

/** The signature of the predictor `extract`: the outputs, with the reasoning that leads to them. */
export type ExtractSignature<S extends Signature.Any> = ChainOfThought.WithReasoning<S>

/** The predictors of an agent: its own, and those of tools that are modules, as `tools.NAME`. */
export type Signatures<S extends Signature.Any, T extends Toolbox.Input> =
  & { readonly react: ReactSignature<S>; readonly extract: ExtractSignature<S> }
  & ModuleTool.Signatures<T>

/** What an agent answers: the signature's outputs with their reasoning, and all that it did. */
export type Output<S extends Signature.Any> = Signature.Output<
  Signature.WithOutput<ExtractSignature<S>, "trajectory", Schema.Codec<Trajectory, unknown>>
>

/**
 * An agent. Its errors have the trajectory so far, see `Trajectory.ofError`. `E` and `R` are what its own functions fail with and
 * need: those of `stopWhen` and `prepareStep`.
 */
export interface ReAct<S extends Signature.Any, T extends Toolbox.Input, E = never, R = never> extends
  Module.Module<
    Signature.Input<S>,
    Output<S>,
    Predict.PredictError | E,
    LM | Toolbox.Services<T> | R,
    Signatures<S, T>
  >
{
  readonly signature: S
}

export type { Preparation, PrepareStep, StepInfo } from "./internal/between.ts"

/**
 * Options of {@link make}: generation settings of both predictors stand beside them, or in `config`. Beside them they win.
 */
export interface Options<T extends Toolbox.Input, E1 = never, R1 = never, E2 = never, R2 = never>
  extends GenerationConfig
{
  /** What the agent may call: tools, an `effect/ai` toolkit (whose handlers it then requires), or the `ToolRegistry`. */
  readonly tools: T
  /** What status messages and errors call it; `ReAct` by default. */
  readonly name?: string | undefined
  /** What the agent is asked to do, in the place of the signature's instructions. */
  readonly instructions?: string | undefined
  /** The most iterations before the agent has to answer; 20 by default. A call may say otherwise. */
  readonly maxIterations?: number | undefined
  /**
   * When the work is over, beside the model's own judgement: a condition, or several of which one has to hold. See `StopWhen`. It
   * is looked at after each iteration that has called tools; the agent then answers from what it has.
   */
  readonly stopWhen?: StopWhen<E1, R1> | ReadonlyArray<StopWhen<E1, R1>> | undefined
  /** Called before each iteration: which tools are offered, with which settings, what the model is told, and which model it is. */
  readonly prepareStep?: PrepareStep<E2, R2> | undefined
  /**
   * How tools are called: `native` by the provider's function calling, several at once; `text` by the adapter's form, one an
   * iteration, which every model can do; `auto`, the default, by what the language model says that it can.
   */
  readonly toolCalls?: "auto" | "native" | "text" | undefined
  /** How many calls of one iteration run at the same time; all of them by default. */
  readonly toolConcurrency?: number | "unbounded" | undefined
  /** The most characters of a result that the model is told, without notes of ours; 20,000 by default. */
  readonly maxObservationLength?: number | undefined
  /**
   * Whether the outputs are always asked for by a request of their own, even where a reply without tool calls has them already;
   * false by default.
   */
  readonly extract?: boolean | undefined
  /**
   * Which of the agent's iterations are sent again: a rule (`Keep.last(10)`, `Keep.tokens(50_000)`), or a function that is given
   * the steps that are still sent, and gives those that stay; the newest always does. All by default, until the model's context
   * is full: then the older half is left out. Either is told by the event `StepsDropped`. The prediction's trajectory has all of
   * them.
   */
  readonly keep?: Keep | ((trajectory: Trajectory) => Trajectory) | undefined
  /** Generation settings of both predictors, for those who have them as a value. */
  readonly config?: GenerationConfig | undefined
}

// Constructors

const turn = {
  next_thought: Schema.String,
  next_tool_name: Schema.String,
  next_tool_args: Schema.Record(Schema.String, Schema.Unknown)
}

/**
 * Makes an agent. Throws a `TypeError` at tools of the same name, and a `SignatureError` where the signature has an output
 * `trajectory`. A field `reasoning` does not compile: the agent has one.
 *
 * @example
 * const agent = ReAct.make("question -> answer", { tools: [search, calculate] })
 * const { answer, trajectory } = yield* agent({ question: "How many people live in Tokyo?" })
 */
export const make = <
  const Spec,
  const T extends Toolbox.Input,
  E1 = never,
  R1 = never,
  E2 = never,
  R2 = never
>(
  spec: ChainOfThought.Arg<Spec>,
  options: Options<T, E1, R1, E2, R2>
): ReAct<Signature.From<Spec>, T, E1 | E2, R1 | R2> =>
  fromSignature(Signature.from(spec) as Signature.From<Spec>, options)

/** {@link make} for code that is generic in its signature. */
export const fromSignature = <
  S extends Signature.Any,
  T extends Toolbox.Input,
  E1 = never,
  R1 = never,
  E2 = never,
  R2 = never
>(
  signature: S,
  options: Options<T, E1, R1, E2, R2>
): ReAct<S, T, E1 | E2, R1 | R2> => {
  const {
    config,
    extract: asksForOutputs = false,
    instructions,
    keep,
    maxIterations = 20,
    maxObservationLength = 20_000,
    name = "ReAct",
    prepareStep,
    stopWhen = [],
    toolCalls = "auto",
    toolConcurrency = "unbounded",
    tools,
    ...settings
  } = onlyKnown("an agent", options, optionNames)
  Toolbox.check(tools)
  const known = Signature.from(signature)
  const any = instructions === undefined ? known : Signature.withInstructions(known, instructions)
  // Throws where an output has the name: the agent adds its trajectory to the outputs.
  Signature.appendOutput(any, "trajectory", Schema.Unknown)
  return fromParts(name, any, "react", {
    tools,
    maxIterations,
    toolCalls,
    toolConcurrency,
    maxObservationLength,
    asksForOutputs,
    keep,
    stopWhen: typeof stopWhen === "function" ? [stopWhen] : stopWhen,
    prepareStep,
    // A reply that cannot be read is told to the model in the next iteration.
    react: Predict.fromSignature(reactSignature(any), { maxRepairs: 0, ...settings, config }),
    extract: ChainOfThought.fromSignature(any, { ...settings, config })
  })
}

const optionNames: Names<Options<Toolbox.Input>> = {
  // Looked at by the toolbox, which knows what tools are.
  tools: true,
  name: Kinds.text,
  instructions: Kinds.text,
  maxIterations: Kinds.countFrom(1),
  toolCalls: Kinds.oneOf("auto", "native", "text"),
  toolConcurrency: Kinds.concurrency,
  maxObservationLength: Kinds.countFrom(1),
  extract: Kinds.flag,
  keep: aKeep,
  stopWhen: stopping,
  prepareStep: Kinds.fn("a function of the next iteration, as ({ iteration }) => ({ toolChoice: \"auto\" })"),
  config,
  ...configNames
}

const reactSignature = (signature: Signature.Any): Signature.Any =>
  signature.outputFields.reduce(
    (self, { name }) => Signature.deleteField(self, name),
    Object.entries(turn).reduce<Signature.Any>(
      (self, [name, schema]) => Signature.appendOutput(self, name, schema, { description: descriptions[name] }),
      Signature.withInstructions(
        signature,
        `${signature.instructions}\n\nFind out what is needed for ${
          signature.outputFields.map(({ name }) => `\`${name}\``).join(", ")
        }.`
      )
    )
  )

const descriptions: Readonly<Record<string, string>> = {
  next_thought: "what is known, and what is still missing",
  next_tool_name: "the tool to use now",
  next_tool_args: "its arguments, by name"
}
