/**
 * A recursive language model: it works on inputs that are too long to be read. They are variables of a sandbox, and the model is told
 * only what each is, how long it is and how it begins. In each turn it writes JavaScript that looks into them, and asks language
 * models about parts of them (`llmQuery`, `llmQueryBatched`); it is told what the code printed. It ends its work by `submit`, which
 * checks the outputs; what does not fit is told to it.
 *
 * Each turn is a call of the predictor `generate_action`, in the adapter's form; what code asks is a call of `llm_query`. Where all
 * turns are used up, `extract` writes the outputs, after all that was said before. Pictures, sounds, files and a `History` among the
 * inputs are sent to the model as they are. Whatever goes wrong in the code, calls of `llm_query` included, is told to the model;
 * errors of its turns end the run, with the trajectory and the usage so far.
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { LM } from "../lm/LM.ts"
import type { GenerationConfig } from "../lm/LMRequest.ts"
import { config, configNames } from "../module/internal/checkedConfig.ts"
import { aKeep } from "../module/internal/keeping.ts"
import * as Layers from "../module/internal/layers.ts"
import type { Keep } from "../module/Keep.ts"
import * as Module from "../module/Module.ts"
import * as Predict from "../module/Predict.ts"
import { limitNames } from "../sandbox/internal/limits.ts"
import type * as Sandbox from "../sandbox/Sandbox.ts"
import type { SandboxError } from "../sandbox/SandboxError.ts"
import * as Code from "../signature/Code.ts"
import type * as Field from "../signature/Field.ts"
import * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import { bounded } from "../tool/internal/text.ts"
import * as Toolbox from "../tool/Toolbox.ts"
import type * as Agent from "./internal/agent.ts"
import * as CodeProtocol from "./internal/codeProtocol.ts"
import { fromParts } from "./internal/module.ts"
import { guideOf, ofTools } from "./internal/recursiveGuide.ts"
import { stopping } from "./internal/stopping.ts"
import * as SubCalls from "./internal/subCalls.ts"
import * as Submission from "./internal/submission.ts"
import * as Variables from "./internal/variables.ts"
import * as Workshop from "./internal/workshop.ts"
import type * as ModuleTool from "./ModuleTool.ts"
import type { StopWhen } from "./StopWhen.ts"
import type { Trajectory } from "./Trajectory.ts"

// Models

/** The signature of the predictor `generate_action`: what a turn consists of. Its inputs are told by `variables_info`. */
export type ActionSignature = Signature.Signature<Field.Fields, typeof turn>

/** The signature of the predictor `llm_query`: what code asks. */
export type QuerySignature = typeof query

/** The predictors of a recursive language model: its own, and those of tools that are modules, as `tools.NAME`. */
export type Signatures<S extends Signature.Any, T extends Toolbox.Input> =
  & { readonly generate_action: ActionSignature; readonly extract: S; readonly llm_query: QuerySignature }
  & ModuleTool.Signatures<T>

/** What it answers: the signature's outputs, and all that it did. */
export type Output<S extends Signature.Any> = Signature.Output<
  Signature.WithOutput<S, "trajectory", Schema.Codec<Trajectory, unknown>>
>

/**
 * A recursive language model. Its errors have the trajectory so far, see `Trajectory.ofError`; each turn calls the tool `javascript`.
 * `E` and `R` are what its `stopWhen` and its `subModel` fail of and need. It fails with a `SandboxError` where there is no sandbox to
 * run code in, and where the inputs do not fit into its memory.
 */
export interface RLM<S extends Signature.Any, T extends Toolbox.Input, E = never, R = never> extends
  Module.Module<
    Signature.Input<S>,
    Output<S>,
    Predict.PredictError | SandboxError | E,
    LM | Toolbox.Services<T> | R,
    Signatures<S, T>
  >
{
  readonly signature: S
}

/**
 * Options of {@link make}: generation settings of `generate_action` and `extract` stand beside them, or in `config`. Beside them they
 * win. How much memory, time and output code may take is as in `Sandbox.open`.
 */
export interface Options<T extends Toolbox.Input, E1 = never, R1 = never, E2 = never, R2 = never>
  extends GenerationConfig, Sandbox.Limits
{
  /** What else the code may call; nothing by default. */
  readonly tools?: T | undefined
  /** The model that `llmQuery` and `llmQueryBatched` ask; that of the turns by default. It is built once in a run. */
  readonly subModel?: Layer.Layer<LM, E2, R2> | undefined
  /** What status messages and errors call it; `RLM` by default. */
  readonly name?: string | undefined
  /** What it is asked to do, in the place of the signature's instructions. */
  readonly instructions?: string | undefined
  /** The most turns before it has to answer; 20 by default. A call may say otherwise. */
  readonly maxIterations?: number | undefined
  /** The most prompts that code may ask in a run, each of a batch counted; 50 by default. */
  readonly maxLLMCalls?: number | undefined
  /** How many of these prompts are asked at the same time; 8 by default. */
  readonly llmConcurrency?: number | "unbounded" | undefined
  /** The most characters of what code printed that the model is told, without notes of ours; 10,000 by default. */
  readonly maxObservationLength?: number | undefined
  /** Which of the iterations are sent again, as for `ReAct`; all by default, until the model's context is full. */
  readonly keep?: Keep | ((trajectory: Trajectory) => Trajectory) | undefined
  /**
   * When the work is over, beside the model's own judgement: a condition, or several of which one has to hold. See `StopWhen`. It is
   * looked at after each turn that has run code; the outputs are then asked for, from what was found.
   */
  readonly stopWhen?: StopWhen<E1, R1> | ReadonlyArray<StopWhen<E1, R1>> | undefined
  /** Generation settings of both predictors, for those who have them as a value. */
  readonly config?: GenerationConfig | undefined
}

// Constructors

const turn = {
  reasoning: Schema.String,
  code: Code.of("javascript")
}

const query = Signature.make("prompt -> response", { instructions: "Do what the prompt says." })

/**
 * Makes a recursive language model. Throws a `TypeError` at tools of the same name, and a `SignatureError` where the signature has an
 * output `trajectory`.
 *
 * @example
 * const reader = RLM.make("log, question -> answer", { subModel: OpenAI.layerModel("openai/gpt-4o-mini") })
 * const { answer, trajectory } = yield* reader({ log: tenMegabytes, question: "What went wrong first?" })
 */
export const make = <
  const Spec,
  const T extends Toolbox.Input = [],
  E1 = never,
  R1 = never,
  E2 = never,
  R2 = never
>(
  spec: Signature.Arg<Spec>,
  options: Options<T, E1, R1, E2, R2> = {}
): RLM<Signature.From<Spec>, T, E1 | E2, R1 | R2> =>
  fromSignature(Signature.from(spec) as Signature.From<Spec>, options)

/** {@link make} for code that is generic in its signature. */
export const fromSignature = <
  S extends Signature.Any,
  T extends Toolbox.Input = [],
  E1 = never,
  R1 = never,
  E2 = never,
  R2 = never
>(
  signature: S,
  options: Options<T, E1, R1, E2, R2> = {}
): RLM<S, T, E1 | E2, R1 | R2> => {
  const {
    config,
    instructions,
    keep,
    llmConcurrency = 8,
    maxIterations = 20,
    maxLLMCalls = 50,
    maxObservationLength = 10_000,
    memory,
    name = "RLM",
    output,
    stopWhen = [],
    subModel,
    time,
    tools = [],
    ...settings
  } = onlyKnown("a recursive language model", options, optionNames)
  Toolbox.check(tools)
  const known = Signature.from(signature)
  const any = instructions === undefined ? known : Signature.withInstructions(known, instructions)
  // Outputs are what it answers beside its trajectory.
  Signature.appendOutput(any, "trajectory", Schema.Unknown)
  const asked = Predict.fromSignature(query)
  return fromParts(name, any, "generate_action", {
    tools,
    maxIterations,
    toolCalls: "text",
    toolConcurrency: 1,
    maxObservationLength,
    asksForOutputs: true,
    stopWhen: typeof stopWhen === "function" ? [stopWhen] : stopWhen,
    prepareStep: undefined,
    keep,
    // A turn that cannot be read is told to the model in the next turn.
    react: Predict.fromSignature(actionSignature(any), { maxRepairs: 0, ...settings, config }),
    extract: Predict.fromSignature(any, { ...settings, config }),
    beside: { [SubCalls.key]: subModel === undefined ? asked : Module.provide(subModel)(asked) },
    acting: acting(
      any,
      { memory, time, output, maxObservationLength },
      { most: maxLLMCalls, concurrency: llmConcurrency },
      subModel
    )
  })
}

// Details

const optionNames: Names<Options<Toolbox.Input>> = {
  // Looked at by the toolbox, which knows what tools are.
  tools: true,
  subModel: Kinds.layer,
  name: Kinds.text,
  instructions: Kinds.text,
  maxIterations: Kinds.countFrom(1),
  maxLLMCalls: Kinds.countFrom(1),
  llmConcurrency: Kinds.concurrency,
  maxObservationLength: Kinds.countFrom(1),
  keep: aKeep,
  stopWhen: stopping,
  ...limitNames,
  config,
  ...configNames
}

/** The session of a run: its variables, and the functions in it. */
const acting = (
  signature: Signature.Any,
  limits: Workshop.Limits,
  queries: SubCalls.Limits,
  subModel: Layer.Layer<LM, unknown, unknown> | undefined
): Agent.Parts["acting"] => {
  const guide = guideOf(signature, queries.most)
  return Effect.fnUntraced(function*(tools, known, { beside, extract, react }, call) {
    // A model that cannot be built ends the run before anything is asked.
    if (subModel !== undefined) yield* Layers.build(subModel, call.run)
    const { made, outputs, submit } = Submission.make(signature)
    const functions = { ...SubCalls.make(beside![SubCalls.key]!, queries), submit }
    const variables = Variables.of(signature, known.inputs, Object.keys(functions))
    const { takeCalls, told, toolbox } = yield* Workshop.open(tools, limits, {
      functions,
      variables: variables.values,
      over: Effect.map(made, (fields) => {
        const json = JSON.stringify(Signature.encodeOutputs(signature, fields))
        return bounded(`The outputs were submitted: ${json}`, limits.maxObservationLength)
      })
    })
    const inputs = Object.fromEntries(
      react.signature.inputFields.flatMap(({ name }) =>
        name === variablesInfo
          ? [[name, variables.info]]
          : Object.hasOwn(known.inputs, name)
          ? [[name, known.inputs[name]]]
          : []
      )
    )
    return {
      toolbox,
      takeCalls,
      outputs,
      last: "This is the last turn: submit the outputs now, from what is known.",
      protocol: CodeProtocol.make({
        key: "generate_action",
        react,
        turn: { thought: "reasoning", code: "code" },
        known: { ...known, inputs },
        told: told === "" ? guide : `${guide}\n\n${ofTools}\n\n${told}`,
        later: extract.signature
      })
    }
  })
}

const variablesInfo = "variables_info"

const actionSignature = (signature: Signature.Any): Signature.Any =>
  CodeProtocol.signatureOf(
    signature.inputFields.filter(Variables.isVariable).reduce<Signature.Any>(
      (self, { name }) => Signature.deleteField(self, name),
      Signature.prependInput(signature, variablesInfo, Schema.String, {
        description: "the variables: what each is, how long it is, and how it begins"
      })
    ),
    signature.instructions,
    {
      reasoning: [turn.reasoning, "what is known, what is still missing, and what to do next"],
      code: [turn.code, "JavaScript that is run now"]
    }
  )
