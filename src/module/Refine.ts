/**
 * A module around any other that makes an attempt, asks what its predictors should do better, and tries again with that advice.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { LM } from "../lm/LM.ts"
import { mergeConfig } from "../lm/LMRequest.ts"
import { CurrentCall, rootPath } from "../run/Call.ts"
import * as Observer from "../run/Observer.ts"
import type * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import type * as BestOfN from "./BestOfN.ts"
import { attemptOptions } from "./internal/attemptOptions.ts"
import { asText, Calls } from "./internal/calls.ts"
import { Choice, scored, settingsOf } from "./internal/choosing.ts"
import { bind, TypeId } from "./internal/invoke.ts"
import * as Module from "./Module.ts"
import * as Predict from "./Predict.ts"
import * as Prediction from "./Prediction.ts"

// Models

/** Options of {@link make}. */
export interface Options<in I, in O, out E, out R, out EA, out RA>
  extends Pick<BestOfN.Options<I, O, E, R>, "n" | "reward" | "temperature">
{
  /** The reward from which on an answer is good enough: no other attempt is made, and no advice asked for. */
  readonly threshold: number
  /** What the reward looks at, in words for the {@link advisor}; it cannot read the function. */
  readonly criterion: string
  /**
   * How many attempts, and questions for advice, may fail. One failure more is the module's error. All attempts but one may by
   * default.
   */
  readonly maxFailures?: number | undefined
  /** Who gives the advice: {@link advisor} by default, which asks the program's own language model. */
  readonly advisor?: Advisor<EA, RA> | undefined
}

/** What gives advice: a program with the inputs and the output of {@link advisor}. */
export type Advisor<E, R> = Module.Module<Question, { readonly advice: Advice }, E, R, Module.Signatures>

/** What an advisor is asked. */
export interface Question {
  /** The program's predictors: their paths, fields and instructions. */
  readonly program: string
  /** The inputs of the program, as JSON. */
  readonly inputs: string
  /** What each predictor was asked and has answered, a call a line. */
  readonly calls: string
  /** What the program has answered, as JSON. */
  readonly outputs: string
  /** What the answers are judged by. */
  readonly criterion: string
  readonly reward: number
  readonly threshold: number
  /** The paths of those that may be given advice. */
  readonly predictors: ReadonlyArray<string>
}

/** Advice by the path of the predictor that it is for. */
export type Advice = Readonly<Record<string, string>>

// Constructors

/**
 * The advisor where none is given: a predictor that says which predictor is to blame, and what it should do next time. With
 * `Module.provide` another language model gives the advice.
 *
 * @example
 * const refined = Refine.make(qa, { ...options, advisor: Refine.advisor.pipe(Module.provide(strongModel)) })
 */
export const advisor: Predict.Predict<
  Signature.From<
    "program, inputs, calls, outputs, criterion, reward: float, threshold: float, predictors: list[str] -> discussion, advice: dict[str, str]"
  >
> = Predict.make(
  "program, inputs, calls, outputs, criterion, reward: float, threshold: float, predictors: list[str] -> discussion, advice: dict[str, str]",
  {
    name: "Advisor",
    instructions:
      "The reward of a program's outputs was below the threshold. Discuss which of its predictors are to blame. " +
      "Then give each of these concrete advice how to act when the program is run again with the same or similar inputs. " +
      "A predictor does not see what it did before: the advice has to say all that it needs. " +
      "Of predictors that are not to blame, give no advice."
  }
)

/**
 * Makes up to `n` attempts, each with a rollout id of its own, and answers the first one whose reward reaches the threshold, or
 * else the best. Between two attempts the advisor is told what the predictors were asked and have answered; what it advises
 * stands below their instructions in the next attempt. A stream shows all attempts, and takes back (`Retracted`) what is not
 * chosen; the advice streams under the path `advice`. What all have used is counted. Where no attempt succeeds, the module fails
 * with the error of the last one.
 *
 * After DSPy's `Refine`.
 *
 * @example
 * const oneWord = Refine.make(qa, {
 *   n: 3,
 *   reward: (_, { answer }) => answer.includes(" ") ? 0 : 1,
 *   threshold: 1,
 *   criterion: "The answer is one word."
 * })
 */
export const make = <
  I extends object,
  O,
  E,
  R,
  S extends Module.Signatures,
  E2 = never,
  R2 = never,
  EA = Predict.PredictError,
  RA = LM
>(
  self: Module.Module<I, O, E, R, S>,
  options: Options<I, O, E2, R2, EA, RA>
): Module.Module<I, O, E | E2 | EA, R | R2 | RA, S> => {
  given("Refine.make", { self: Kinds.program }, [self])
  const known = onlyKnown("Refine.make", options, optionNames)
  const { criterion, maxFailures = Infinity, n, reward, temperature = 1, threshold } = known
  const ask: Advisor<EA, RA> = bind((known.advisor ?? advisor)[TypeId], "advice")
  return Module.wrap(self, "Refine", (inner) => (input: I, callOptions) =>
    Effect.gen(function*() {
      const path = (yield* CurrentCall)?.path ?? rootPath
      const predictors = Object.keys(inner.signatures)
      const choice = new Choice<Prediction.Prediction<O>, E | E2 | EA>(maxFailures)
      let advice: ReadonlyMap<string, string> = new Map()
      for (let index = 0; index < n; index++) {
        const calls = new Calls(path, predictors)
        const config = mergeConfig(callOptions.config ?? {}, settingsOf(index, n, temperature, callOptions.config))
        const attempt = advised(inner, advice)(input, { ...callOptions, config }).pipe(Observer.observe(calls))
        const result = yield* Effect.result(scored(index, input, attempt, reward))
        if (Result.isFailure(result)) {
          yield* choice.failed(result.failure)
          continue
        }
        const { attempt: { value }, reward: reached } = result.success
        yield* choice.take(result.success)
        if (reached >= threshold || index === n - 1) break
        const given = yield* Effect.result(ask({
          program: described(inner),
          inputs: asText(input),
          calls: String(calls),
          outputs: asText(Prediction.fields(value)),
          criterion,
          reward: reached,
          threshold,
          predictors
        }))
        if (Result.isSuccess(given)) advice = adviceIn(given.success.advice)
        else yield* choice.failed(given.failure)
      }
      return yield* choice.chosen
    }))
}

// Details

/** The program whose predictors are given advice; without any, it is what it was. */
const advised = <M extends Module.Any>(inner: M, advice: ReadonlyMap<string, string>): M =>
  bind(
    inner[TypeId].mapPredictors(
      <Sig extends Signature.Any>(predictor: Predict.Predict<Sig>, path: string): Predict.Predict<Sig> => {
        const text = advice.get(path)
        return text === undefined
          ? predictor
          : Predict.withInstructions(
            predictor,
            `${predictor.signature.instructions}\n\nAdvice after an earlier attempt:\n${text}`
          )
      },
      rootPath
    )[TypeId],
    undefined
  )

/** The advice for those predictors that are to blame. For the others models write that there is none. */
const adviceIn = (advice: Advice): ReadonlyMap<string, string> =>
  new Map(Object.entries(advice).filter(([, text]) => !/^\W*(?:none|n\/?a|no advice|)\W*$/i.test(text)))

const described = (program: Module.Any): string =>
  [
    program.name,
    ...Object.entries<Signature.Any>(program.signatures).map(([path, signature]) =>
      `${path}: ${signature}\n${signature.instructions}`
    )
  ].join("\n\n")

const optionNames: Names<Options<never, never, unknown, unknown, unknown, unknown>> = {
  ...attemptOptions,
  threshold: Kinds.needed(Kinds.number),
  criterion: Kinds.needed(Kinds.text),
  advisor: Kinds.program
}
