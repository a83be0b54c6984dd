/**
 * A predictor that reasons before it answers.
 */
import * as Schema from "effect/Schema"
import * as Signature from "../signature/Signature.ts"
import { predictorOptions } from "./internal/predictorOptions.ts"
import * as Predict from "./Predict.ts"

// Models

/** The signature with an output `reasoning` before its own. */
export type WithReasoning<S extends Signature.Any> = Signature.Shown<
  Signature.WithOutput<S, "reasoning", Schema.String>
>

/** The parameter type of {@link make}: the signature or its string, or what is wrong with it. */
export type Arg<Spec> = [Signature.From<Spec>] extends [never] ? Signature.Arg<Spec>
  : string extends Signature.FieldName<Signature.From<Spec>> ? Signature.Arg<Spec>
  : "reasoning" extends Signature.FieldName<Signature.From<Spec>> ? Signature.ParseError<
      "the signature has a field 'reasoning' already: use Predict.make, or give the field another name"
    >
  : Signature.Arg<Spec>

// Constructors

/**
 * Makes a predictor with an output field `reasoning` before the signature's own. A model that thinks natively fills it with what it
 * thought; others write it. Its name is `ChainOfThought` unless given; the other options are those of `Predict.make`. A signature
 * that has a field `reasoning` already does not compile; one that only run time knows throws a `SignatureError`.
 *
 * @example
 * const qa = ChainOfThought.make("question -> answer")
 * const answer = qa({ question: "Why?" }) // Effect<Prediction<{ reasoning: string; answer: string }>, PredictError, LM>
 */
export const make = <const Spec>(
  spec: Arg<Spec>,
  options: Predict.Options<WithReasoning<NoInfer<Signature.From<Spec>>>> = {}
): Predict.Predict<WithReasoning<Signature.From<Spec>>> =>
  fromSignature(Signature.from(spec) as Signature.From<Spec>, options)

/** {@link make} for code that is generic in its signature. */
export const fromSignature = <S extends Signature.Any>(
  signature: S,
  options: Predict.Options<WithReasoning<S>> = {}
): Predict.Predict<WithReasoning<S>> => {
  const { name = "ChainOfThought", ...others } = predictorOptions(options)
  return Predict.fromSignature(
    // What is not known of a generic signature is whether it has a `reasoning` already: then this throws.
    Signature.prependOutput(Signature.from(signature), "reasoning", Schema.String, {
      description: "thoughts that lead to the answer"
    }) as WithReasoning<S>,
    { ...others, name }
  )
}
