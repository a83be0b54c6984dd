/**
 * The module that an agent is.
 */
import * as Effect from "effect/Effect"
import * as Record from "effect/Record"
import { CurrentMaxIterations } from "../../module/CurrentMaxIterations.ts"
import { callOptions } from "../../module/internal/callOptions.ts"
import { configured } from "../../module/internal/checkedConfig.ts"
import * as Module from "../../module/Module.ts"
import * as Call from "../../run/Call.ts"
import type * as Signature from "../../signature/Signature.ts"
import { count } from "../../text/numbers.ts"
import * as ModuleTool from "../ModuleTool.ts"
import * as Agent from "./agent.ts"

/** The agent that these parts make; `key` is what the predictor of its turns is called below it. */
export const fromParts = <M extends Module.Any>(
  name: string,
  signature: Signature.Any,
  key: string,
  parts: Agent.Parts
): M => {
  const modules: Module.Modules = {
    [key]: parts.react,
    extract: parts.extract,
    ...parts.beside,
    ...ModuleTool.modulesOf(parts.tools)
  }
  const run = Agent.make(parts)
  return Module.fromDefinition({
    name,
    signature,
    modules,
    signatures: Module.signaturesOf(modules),
    isAgent: true,
    run: (input, given: Module.CallOptions, call) =>
      Effect.gen(function*() {
        const options = callOptions(name, given)
        const valid = yield* Module.validInputs(name, signature, input)
        const most = count(
          "`maxIterations`",
          options.maxIterations ?? (yield* CurrentMaxIterations) ?? parts.maxIterations
        )
        return yield* run(valid, most, call).pipe(
          configured(options.config),
          Effect.provideService(Call.CurrentCall, call)
        )
      }),
    mapPredictors: (f, path) => {
      const below = (key: string) => Call.below(path, key)
      return fromParts(name, signature, key, {
        ...parts,
        react: f(parts.react, below(key)),
        extract: f(parts.extract, below("extract")),
        beside: parts.beside &&
          Record.map(parts.beside, (module, key) => module[Module.TypeId].mapPredictors(f, below(key))),
        tools: ModuleTool.mapPredictors(parts.tools, f, below)
      })
    }
  })
}
