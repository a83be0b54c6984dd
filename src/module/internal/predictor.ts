/**
 * Makes a predictor of a signature and settings, as every constructor and combinator of predictors does in the end.
 */
import * as Effect from "effect/Effect"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import type { LMError } from "../../lm/LMError.ts"
import * as Call from "../../run/Call.ts"
import type * as Signature from "../../signature/Signature.ts"
import type { InputError } from "../InputError.ts"
import type { Predict, Settings } from "../Predict.ts"
import * as Ask from "./ask.ts"
import { checkOutputs } from "./contents.ts"
import { bind } from "./invoke.ts"
import * as ToolFields from "./toolCalls/fields.ts"
import * as TwoSteps from "./twoSteps.ts"
import { validInputs } from "./validInputs.ts"

/** The predictor. Throws a `SignatureError` where an output is content. */
export const fromSettings = <S extends Signature.Any>(signature: S, settings: Settings): Predict<S> => {
  checkOutputs(signature)
  ToolFields.check(signature)
  const self: Predict<S> = bind({
    name: settings.name,
    signature,
    modules: {},
    signatures: { [Call.rootPath]: signature },
    run: (input, options, call) =>
      Effect.flatMap(
        validInputs(settings.name, signature, input),
        (inputs) =>
          Effect.withFiber((fiber) => {
            const { twoStep } = fiber.getRef(CurrentAdapter)
            const question: Ask.Question = { signature, settings, inputs, options }
            return twoStep !== undefined && TwoSteps.standsAlone(options)
              ? Effect.flatMap(
                Ask.chosenIn(call, question),
                (chosen) => TwoSteps.ask(fromSettings, chosen, twoStep, call)
              )
              : Ask.ask(question, call)
          })
      ),
    members: { settings: { value: settings, enumerable: true } },
    mapPredictors: (f, path) => f(self, path)
  }, settings.name)
  return self
}

/** The predictor as it is for these inputs: with the demos that are chosen for them as its own. */
export const withChosenDemos = <S extends Signature.Any>(
  self: Predict<S>,
  inputs: Readonly<Record<string, unknown>>
): Effect.Effect<Predict<S>, InputError | LMError> =>
  Effect.map(
    Ask.withChosenDemos(self.settings, inputs),
    (settings) => settings === self.settings ? self : fromSettings(self.signature, settings)
  )
