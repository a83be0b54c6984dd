/**
 * A module that reasons several times, each time anew, and answers after a look at all of it.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { LM } from "../lm/LM.ts"
import * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import * as ChainOfThought from "./ChainOfThought.ts"
import { attempt } from "./internal/attempt.ts"
import { settingsOf } from "./internal/choosing.ts"
import * as Module from "./Module.ts"
import * as Predict from "./Predict.ts"

// Models

/** Options of {@link make}. */
export interface Options {
  /** How often the model reasons; 3 by default. */
  readonly chains?: number | undefined
  /** The temperature at which it reasons; 0.7 by default. The comparison has that of the call or of the model. */
  readonly temperature?: number | undefined
  /** How many chains run at the same time; all by default. */
  readonly concurrency?: number | "unbounded" | undefined
}

/** The two predictors: one reasons, several times; the other one compares. */
export type Predictors<S extends Signature.Any> = {
  readonly reason: ChainOfThought.WithReasoning<S>
  readonly compare: Signature.WithInput<
    ChainOfThought.WithReasoning<S>,
    "attempts",
    typeof attemptsSchema
  >
}

const attemptsSchema = Schema.Array(Schema.Record(Schema.String, Schema.Json))

// Constructors

/**
 * Makes a module that reasons `chains` times at the same time (each with a rollout id of its own), and then asks the model for
 * one answer, with its reasoning, after a look at these. A chain that fails is left out; where all fail, the module fails with
 * the error of the first of them. A stream shows all chains under the path `reason`, and takes them back (`Retracted`) before the
 * answer under `compare`.
 *
 * After DSPy's `MultiChainComparison`, which is given the chains.
 *
 * @example
 * const qa = MultiChainComparison.make("question -> answer", { chains: 5 })
 * const answer = qa({ question: "Why?" }) // Effect<Prediction<{ reasoning: string; answer: string }>, PredictError, LM>
 */
export const make = <const Spec>(
  spec: ChainOfThought.Arg<Spec>,
  options: Options = {}
): Module.Module<
  Signature.Input<Signature.From<Spec>>,
  Signature.Output<ChainOfThought.WithReasoning<Signature.From<Spec>>>,
  Predict.PredictError,
  LM,
  Predictors<Signature.From<Spec>>
> => fromSignature(Signature.from(spec) as Signature.From<Spec>, options)

/** {@link make} for code that is generic in its signature. */
export const fromSignature = <S extends Signature.Any>(
  signature: S,
  options: Options = {}
): Module.Module<
  Signature.Input<S>,
  Signature.Output<ChainOfThought.WithReasoning<S>>,
  Predict.PredictError,
  LM,
  Predictors<S>
> => {
  const { chains = 3, concurrency = "unbounded", temperature = 0.7 } = onlyKnown(
    "MultiChainComparison.make",
    options,
    optionNames
  )
  const reason: Any = ChainOfThought.fromSignature(signature) as Any
  const program = Module.make(
    "MultiChainComparison",
    { reason, compare: comparing(reason.signatures.self) },
    ({ compare, reason }) => (input: object) =>
      Effect.gen(function*() {
        const [attempts, failures] = yield* Effect.partition(
          Array.from({ length: chains }, (_, index) => index),
          (index) => attempt(reason(input, { config: settingsOf(index, chains, temperature) })),
          { concurrency }
        )
        if (attempts.length === 0) return yield* Effect.fail(failures[0]!)
        yield* Effect.forEach(attempts, ({ discard }) => discard("the chains are compared"), { discard: true })
        return yield* compare({
          ...input,
          attempts: attempts.map(({ value }) => Signature.encodeOutputs(reason.signatures.self, { ...value }))
        })
      })
  )
  return Module.withSignature(program, reason.signatures.self) as never // its types are those of the signature that was given
}

// Details

/** A module whose types its user knows. */
type Any = Module.Module<
  object,
  Readonly<Record<string, unknown>>,
  Predict.PredictError,
  LM,
  { readonly self: Signature.Any }
>

/** The predictor that compares. */
const comparing = (signature: Signature.Any): Any =>
  Predict.fromSignature(
    Signature.withDescriptions(
      Signature.appendInput(
        Signature.appendInstructions(
          signature,
          "You are given attempts at this, of which none, some or all may be right. Compare them, and answer."
        ),
        "attempts",
        attemptsSchema,
        { description: "the attempts, each with its reasoning and its answer" }
      ),
      { reasoning: "what is right and wrong in the attempts, and the reasoning that leads to the answer" }
    ),
    { name: "Compare" }
  ) as Any

const optionNames: Names<Options> = {
  chains: Kinds.wholeFrom(1),
  temperature: Kinds.between(0, Infinity),
  concurrency: Kinds.concurrency
}
