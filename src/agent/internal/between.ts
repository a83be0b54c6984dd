/**
 * What happens between the turns of an agent: whether it goes on, and how its next turn is prepared.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { config } from "../../module/internal/checkedConfig.ts"
import * as Layers from "../../module/internal/layers.ts"
import { valueOf } from "../../module/internal/ofFunction.ts"
import type { Run } from "../../run/Call.ts"
import { isRecord } from "../../text/json/values.ts"
import { kindOf } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import { type Names, onlyKnown } from "../../text/options.ts"
import type * as Toolbox from "../../tool/Toolbox.ts"
import type { Preparation, StepInfo } from "../ReAct.ts"
import type { StopWhen } from "../StopWhen.ts"
import type { Trajectory } from "../Trajectory.ts"

/** The functions of an agent's options; what they fail of and need is told by the agent's type. */
export interface Between {
  readonly stopWhen: ReadonlyArray<StopWhen<unknown, unknown>>
  readonly prepareStep:
    | ((step: StepInfo) => Preparation | undefined | Effect.Effect<Preparation | undefined, unknown, unknown>)
    | undefined
}

/** How a turn is made. */
export interface Plan {
  readonly toolbox: Toolbox.Toolbox
  /** Some tools were left out; false if left out. */
  readonly isNarrowed?: boolean | undefined
  readonly toolChoice?: Preparation["toolChoice"]
  readonly config?: Preparation["config"]
  readonly instructions?: string | undefined
  /** What stands in the place of the agent's model. */
  readonly services?: Context.Context<never> | undefined
}

/** Whether a turn is as all others are, as far as the protocol knows. */
export const isUsual = ({ toolChoice, isNarrowed }: Plan): boolean => toolChoice === undefined && isNarrowed !== true

/** Whether one of the conditions holds; the first that does is the last that is asked. */
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

/** The plan of the next turn. */
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
  return {
    ...others,
    toolbox: tools === undefined ? toolbox : toolbox.only(tools),
    isNarrowed: tools !== undefined,
    services: model && (yield* Layers.build(model, run))
  }
})

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
