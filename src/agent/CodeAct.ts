/**
 * An agent that acts by code: in each iteration it writes JavaScript, in which its tools are functions, and is told what the code
 * printed or what went wrong. So it calls many tools in one iteration, in loops and at the same time, and looks at what they give
 * before it is told of it. The code runs in a `Sandbox`.
 *
 * Each iteration is a call of the predictor `codeact`, in the adapter's form; variables and functions stay from one to the next.
 * At the end the predictor `extract` writes the outputs, after all that was said before. Whatever goes wrong in the code is told
 * to the model; errors of the language model end the run, with the trajectory and the usage so far.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { LM } from "../lm/LM.ts"
import type { GenerationConfig } from "../lm/LMRequest.ts"
import * as ChainOfThought from "../module/ChainOfThought.ts"
import { config, configNames } from "../module/internal/checkedConfig.ts"
import { aKeep } from "../module/internal/keeping.ts"
import type { Keep } from "../module/Keep.ts"
import type * as Module from "../module/Module.ts"
import * as Predict from "../module/Predict.ts"
import { limitNames } from "../sandbox/internal/limits.ts"
import type * as Sandbox from "../sandbox/Sandbox.ts"
import type { SandboxError } from "../sandbox/SandboxError.ts"
import * as Code from "../signature/Code.ts"
import * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import * as Toolbox from "../tool/Toolbox.ts"
import type * as Agent from "./internal/agent.ts"
import * as CodeProtocol from "./internal/codeProtocol.ts"
import { fromParts } from "./internal/module.ts"
import { stopping } from "./internal/stopping.ts"
import * as Workshop from "./internal/workshop.ts"
import type * as ModuleTool from "./ModuleTool.ts"
import type { ExtractSignature, Output } from "./ReAct.ts"
import type { StopWhen } from "./StopWhen.ts"
import type { Trajectory } from "./Trajectory.ts"

// Models

/** The signature of the predictor `codeact`: what an iteration consists of. */
export type CodeActSignature<S extends Signature.Any> = Signature.Signature<
  S["input"]["fields"],
  typeof turn
>

/** The predictors of an agent: its own, and those of tools that are modules, as `tools.NAME`. */
export type Signatures<S extends Signature.Any, T extends Toolbox.Input> =
  & { readonly codeact: CodeActSignature<S>; readonly extract: ExtractSignature<S> }
  & ModuleTool.Signatures<T>

/**
 * An agent that acts by code. Its errors have the trajectory so far, see `Trajectory.ofError`; each iteration calls the tool
 * `javascript`, whose `calls` are those of the code. `E` and `R` are what its `stopWhen` fails of and needs. It fails with a
 * `SandboxError` where there is no sandbox to run code in.
 */
export interface CodeAct<S extends Signature.Any, T extends Toolbox.Input, E = never, R = never> extends
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
 * Options of {@link make}: generation settings of both predictors stand beside them, or in `config`. Beside them they win. How much
 * memory, time and output code may take is as in `Sandbox.open`.
 */
export interface Options<T extends Toolbox.Input, E = never, R = never> extends GenerationConfig, Sandbox.Limits {
  /** What the code may call: tools, an `effect/ai` toolkit (whose handlers it then requires), or the `ToolRegistry`. */
  readonly tools: T
  /** What status messages and errors call it; `CodeAct` by default. */
  readonly name?: string | undefined
  /** What the agent is asked to do, in the place of the signature's instructions. */
  readonly instructions?: string | undefined
  /** The most iterations before the agent has to answer; 5 by default. A call may say otherwise. */
  readonly maxIterations?: number | undefined
  /**
   * When the work is over, beside the model's own judgement: a condition, or several of which one has to hold. See `StopWhen`. It
   * is looked at after each iteration that has run code; the agent then answers from what it has.
   */
  readonly stopWhen?: StopWhen<E, R> | ReadonlyArray<StopWhen<E, R>> | undefined
  /** The most characters of what code printed that the model is told, without notes of ours; 20,000 by default. */
  readonly maxObservationLength?: number | undefined
  /** Which of the agent's iterations are sent again, as for `ReAct`; all by default, until the model's context is full. */
  readonly keep?: Keep | ((trajectory: Trajectory) => Trajectory) | undefined
  /** Generation settings of both predictors, for those who have them as a value. */
  readonly config?: GenerationConfig | undefined
}

// Constructors

const turn = {
  next_thought: Schema.String,
  generated_code: Code.of("javascript"),
  finished: Schema.Boolean
}

/**
 * Makes an agent that acts by code. Throws a `TypeError` at tools of the same name, and a `SignatureError` where the signature
 * has an output `trajectory`. A field `reasoning` does not compile: the agent has one.
 *
 * @example
 * const agent = CodeAct.make("question -> answer", { tools: [search] })
 * const { answer, trajectory } = yield* agent({ question: "Which of the ten largest cities has the most museums?" })
 */
export const make = <const Spec, const T extends Toolbox.Input, E = never, R = never>(
  spec: ChainOfThought.Arg<Spec>,
  options: Options<T, E, R>
): CodeAct<Signature.From<Spec>, T, E, R> => fromSignature(Signature.from(spec) as Signature.From<Spec>, options)

/** {@link make} for code that is generic in its signature. */
export const fromSignature = <S extends Signature.Any, T extends Toolbox.Input, E = never, R = never>(
  signature: S,
  options: Options<T, E, R>
): CodeAct<S, T, E, R> => {
  const {
    config,
    instructions,
    keep,
    maxIterations = 5,
    maxObservationLength = 20_000,
    memory,
    name = "CodeAct",
    output,
    stopWhen = [],
    time,
    tools,
    ...settings
  } = onlyKnown("an agent", options, optionNames)
  Toolbox.check(tools)
  const known = Signature.from(signature)
  const any = instructions === undefined ? known : Signature.withInstructions(known, instructions)
  // Outputs are what the agent answers beside its trajectory.
  Signature.appendOutput(any, "trajectory", Schema.Unknown)
  return fromParts(name, any, "codeact", {
    tools,
    maxIterations,
    toolCalls: "text",
    toolConcurrency: 1,
    maxObservationLength,
    asksForOutputs: true,
    stopWhen: typeof stopWhen === "function" ? [stopWhen] : stopWhen,
    prepareStep: undefined,
    keep,
    // A reply that cannot be read is told to the model in the next iteration.
    react: Predict.fromSignature(codeactSignature(any), { maxRepairs: 0, ...settings, config }),
    extract: ChainOfThought.fromSignature(any, { ...settings, config }),
    acting: acting({ memory, time, output, maxObservationLength })
  })
}

// Details

const optionNames: Names<Options<Toolbox.Input>> = {
  // Looked at by the toolbox, which knows what tools are.
  tools: true,
  name: Kinds.text,
  instructions: Kinds.text,
  maxIterations: Kinds.countFrom(1),
  maxObservationLength: Kinds.countFrom(1),
  keep: aKeep,
  stopWhen: stopping,
  ...limitNames,
  config,
  ...configNames
}

const codeactSignature = (signature: Signature.Any): Signature.Any =>
  CodeProtocol.signatureOf(
    signature,
    `${signature.instructions}\n\nFind out what is needed for ${
      signature.outputFields.map(({ name }) => `\`${name}\``).join(", ")
    }.`,
    {
      next_thought: [turn.next_thought, "what is known, and what is still missing"],
      generated_code: [turn.generated_code, "JavaScript that is run now"],
      finished: [turn.finished, "whether the code is the last: all that is needed is known then"]
    }
  )

const acting = (limits: Workshop.Limits): Agent.Parts["acting"] => (tools, known, { extract, react }) =>
  Effect.map(Workshop.open(tools, limits), ({ takeCalls, toolbox, told }) => ({
    toolbox,
    takeCalls,
    protocol: CodeProtocol.make({
      key: "codeact",
      react,
      turn: { thought: "next_thought", code: "generated_code", finished: "finished" },
      known,
      told: toldOf(told),
      later: extract.signature
    })
  }))

const toldOf = (functions: string): string =>
  "You work in turns. In each you write a thought and JavaScript, which is run; then you are told what it printed with " +
  "`console.log`, and the value of its last line. Variables and functions stay for later turns. `await` works everywhere. " +
  "There are no modules, no files, no network and no timers" +
  (functions === ""
    ? "."
    : `, but these functions. Each takes one object, and gives a promise: await it.\n\n${functions}`)
