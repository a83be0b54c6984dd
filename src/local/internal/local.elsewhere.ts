/**
 * What is in the place of `local.ts` where there is no Node.
 */
import * as Effect from "effect/Effect"
import * as LMError from "../../lm/LMError.ts"
import type * as OnNode from "./local.ts"

export const open: typeof OnNode.open = ({ model = "the embedded model" }) =>
  Effect.fail(
    new LMError.LMError({
      model,
      reason: new LMError.UnsupportedModel({
        description:
          "local models run on Node only: name a model of a service (OpenAI.layerModel), or of a server that " +
          "runs models on this machine (OpenAI.layer with its baseUrl)"
      })
    })
  )
