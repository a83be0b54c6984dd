/**
 * What happens between the iterations of an agent: whether it goes on, and how the next one is prepared.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { LM } from "../../lm/LM.ts"
import type { GenerationConfig, LMRequest } from "../../lm/LMRequest.ts"
import { config } from "../../module/internal/checkedConfig.ts"
import * as Layers from "../../module/internal/layers.ts"
import { valueOf } from "../../module/internal/ofFunction.ts"
import type { Run } from "../../run/Call.ts"
import { isRecord } from "../../text/json/values.ts"
import { kindOf } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import { type Names, onlyKnown } from "../../text/options.ts"
import type * as Toolbox from "../../tool/Toolbox.ts"
import type { StopWhen } from "../StopWhen.ts"
import type { Trajectory } from "../Trajectory.ts"

/** Where an agent is, before one of its iterations. */
export interface StepInfo {
  /** The number of the iteration, from 1. */
  readonly iteration: number
  /** What was done before it. */
  readonly trajectory: Trajectory
  /** What the agent was asked, by name. */
  readonly inputs: Readonly<Record<string, unknown>>
}

/** How one iteration differs from the others; what is left out is as always. */
export interface Preparation<E = unknown, R = unknown> {
  /** The names of the tools that are offered; all by default. A call of another one is told to be unknown. */
  readonly tools?: ReadonlyArray<string> | undefined
  /**
   * Whether the model calls a tool: if it likes (`auto`), one at least (`required`), none, or the one that is named. In the text
   * protocol the tools that it is told of are those that it can then choose from.
   */
  readonly toolChoice?: LMRequest["toolChoice"]
  /** Generation settings of the iteration, over all others. */
  readonly config?: GenerationConfig | undefined
  /**
   * What the model is told before the iteration, behind all that was said. It stays there, so that later iterations repeat the
   * same prompt.
   */
  readonly instructions?: string | undefined
  /** The model that is asked in the iteration; built once in a run. It has to call tools in the way of the agent's own. */
  readonly model?: Layer.Layer<LM, E, R> | undefined
}

/**
 * Prepares the iterations of an agent; it may be an Effect, whose errors are the agent's. `undefined` leaves an iteration as it
 * is.
 */
export type PrepareStep<E = never, R = never> = (
  step: StepInfo
) => Preparation<E, R> | undefined | Effect.Effect<Preparation<E, R> | undefined, E, R>

/** The functions of an agent's options. The agent's type tells what they fail with and need. */
export interface Between {
  readonly stopWhen: ReadonlyArray<StopWhen<unknown, unknown>>
  readonly prepareStep:
    | PrepareStep<unknown, unknown>
    | undefined
}

/** How an iteration is made. */
export interface Plan {
  readonly toolbox: Toolbox.Toolbox
  /** Whether `prepareStep` has chosen among the tools; false if left out. */
  readonly isNarrowed?: boolean | undefined
  readonly toolChoice?: Preparation["toolChoice"]
  readonly config?: Preparation["config"]
  readonly instructions?: string | undefined
  /** What stands in the place of the agent's model. */
  readonly services?: Context.Context<never> | undefined
}

/** Whether an iteration is asked in the same protocol as most others are. */
export const isUsual = ({ toolChoice, isNarrowed }: Plan): boolean => toolChoice === undefined && isNarrowed !== true

/** Whether one of the conditions holds. They are asked in their order, until one does. */
export const isStopped = (
  { stopWhen }: Between,
  trajectory: Trajectory
): Effect.Effect<boolean, unknown, unknown> =>
  stopWhen.reduceRight<Effect.Effect<boolean, unknown, unknown>>(
    (others, condition) =>
      Effect.flatMap(
        valueOf("`stopWhen`", () => condition(trajectory)),
        (holds) => {
          if (typeof holds === "boolean") return holds ? Effect.succeed(true) : others
          return Effect.die(new TypeError(`a condition of \`stopWhen\` gave ${kindOf(holds)}: it is true or false`))
        }
      ),
    Effect.succeed(false)
  )

/** The plan of the next iteration. */
export const plan = Effect.fnUntraced(function*(
  { prepareStep }: Between,
  step: StepInfo,
  toolbox: Toolbox.Toolbox,
  run: Run
): Effect.fn.Return<Plan, unknown, unknown> {
  const preparation = prepareStep && (yield* valueOf("`prepareStep`", () => prepareStep(step)))
  if (preparation === undefined) return { toolbox }
  const { model, tools, ...others } = onlyKnown("what `prepareStep` gives", preparation, names)
  const unknown = tools?.find((name) => !toolbox.names.includes(name))
  if (unknown !== undefined) {
    return yield* Effect.die(
      new TypeError(`\`prepareStep\` offers '${unknown}', which is no tool: there are ${toolbox.names.join(", ")}`)
    )
  }
  const offered = tools === undefined ? toolbox : toolbox.only(tools)
  const problem = choiceProblem(others.toolChoice, offered.names)
  if (problem !== undefined) return yield* Effect.die(new TypeError(problem))
  return {
    ...others,
    toolbox: offered,
    isNarrowed: tools !== undefined,
    services: model && (yield* Layers.build(model, run))
  }
})

/** Why a model cannot call what it is to call: providers refuse such a request. */
const choiceProblem = (toolChoice: Preparation["toolChoice"], offered: ReadonlyArray<string>): string | undefined => {
  if (toolChoice === "required" && offered.length === 0) {
    return "`toolChoice` of `prepareStep` is \"required\", and no tool is offered"
  }
  if (typeof toolChoice !== "object" || offered.includes(toolChoice.name)) return undefined
  return `\`toolChoice\` of \`prepareStep\` names '${toolChoice.name}', which is not offered: ` +
    (offered.length === 0 ? "no tool is" : `there are ${offered.join(", ")}`)
}

const names: Names<Preparation> = {
  tools: Kinds.texts,
  toolChoice: Kinds.make(
    "\"auto\", \"required\", \"none\" or { name: \"search\" }",
    (value) =>
      value === "auto" || value === "required" || value === "none" ||
      (isRecord(value) && typeof value["name"] === "string")
  ),
  config,
  instructions: Kinds.text,
  model: Kinds.layer
}
