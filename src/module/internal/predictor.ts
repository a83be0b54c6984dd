/**
 * Makes a predictor of a signature and settings, as every constructor and combinator of predictors does in the end.
 */
import * as Effect from "effect/Effect"
import * as Call from "../../run/Call.ts"
import type * as Signature from "../../signature/Signature.ts"
import type { Predict, Settings } from "../Predict.ts"
import * as Ask from "./ask.ts"
import { checkOutputs } from "./contents.ts"
import { bind } from "./invoke.ts"
import { validInputs } from "./validInputs.ts"

/** The predictor. Throws a `SignatureError` where an output is content. */
export const fromSettings = <S extends Signature.Any>(signature: S, settings: Settings): Predict<S> => {
  checkOutputs(signature)
  const self: Predict<S> = bind({
    name: settings.name,
    signature,
    modules: {},
    signatures: { [Call.rootPath]: signature },
    run: (input, options, call) =>
      Effect.flatMap(
        validInputs(settings.name, signature, input),
        (valid) => Ask.ask(signature, settings, valid, options, call)
      ),
    members: { settings: { value: settings, enumerable: true } },
    mapPredictors: (f, path) => f(self, path)
  }, settings.name)
  return self
}
