/**
 * The predictor: one signature, one question to the language model, one typed answer.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Adapter from "../adapter/Adapter.ts"
import type { AdapterParseError } from "../adapter/AdapterParseError.ts"
import type { LM } from "../lm/LM.ts"
import type { LMError } from "../lm/LMError.ts"
import { type GenerationConfig, type LMRequest, mergeConfig } from "../lm/LMRequest.ts"
import * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { combinator, given } from "../text/options.ts"
import type { InputError } from "./InputError.ts"
import * as Ask from "./internal/ask.ts"
import { config } from "./internal/checkedConfig.ts"
import { checkCitations } from "./internal/cited.ts"
import { encodedDemos, encodeDemos } from "./internal/demos.ts"
import { fromSettings } from "./internal/predictor.ts"
import { predictorOptions } from "./internal/predictorOptions.ts"
import * as Module from "./Module.ts"
import type * as Prediction from "./Prediction.ts"

// Models

/** What can go wrong in a predictor: the inputs, the language model, or reading its reply. */
export type PredictError = InputError | LMError | AdapterParseError

/**
 * A module of one signature, which is its own only predictor. It has one call signature: with a module's beside it, the compiler
 * would answer a wrong call with a list of overloads, and not with what is wrong.
 */
export interface Predict<S extends Signature.Any> extends Module.Members<{ readonly self: S }> {
  (
    input: Signature.Input<S>,
    options?: CallOptions
  ): Effect.Effect<Prediction.Prediction<Signature.Output<S>>, PredictError, LM>
  readonly signature: S
  readonly settings: Settings
}

/** A predictor of any signature, for functions that do not ask for its fields. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one signature whose inputs every predictor takes
export interface Any extends Predict<any> {}

/** Options of one call of a predictor: beside the settings, what makes it a part of a longer conversation. */
export interface CallOptions extends Module.CallOptions {
  /** What has followed the inputs so far, oldest first; the model answers to the last of it. */
  readonly turns?: ReadonlyArray<Adapter.Turn> | undefined
  /** What followed each question of the history before its answer. See `AdapterCall`. */
  readonly earlier?: ReadonlyArray<ReadonlyArray<Adapter.Turn>> | undefined
  /**
   * What the conversation asks for later: no input, note or tool result is written so that it looks like one of its fields. See
   * `AdapterCall`.
   */
  readonly later?: Signature.Any | undefined
  /** A request that the call goes on with: its messages are sent again as they were, before the inputs. See {@link prepare}. */
  readonly after?: LMRequest | undefined
  /** Tools that the model may call natively; `Prediction.details` has its calls. The reply has the fields all the same. */
  readonly tools?: LMRequest["tools"]
  readonly toolChoice?: LMRequest["toolChoice"]
}

/**
 * An example of the task, which may be incomplete: its fields side by side, or its inputs and outputs apart, as it has to be
 * where the signature itself has a field `inputs` or `outputs`.
 *
 * @example
 * Predict.make("question -> answer", { demos: [{ question: "2 + 2?", answer: "4" }] })
 */
export type Demo<S extends Signature.Any> =
  | { readonly inputs: Partial<Signature.Input<S>>; readonly outputs: Partial<Signature.Output<S>> }
  | ([Extract<Signature.FieldName<S>, "inputs" | "outputs">] extends [never]
    ? Partial<Signature.Input<S> & Signature.Output<S>>
    : never)

/** Options of {@link make}: generation settings stand beside them, or in `config`. Beside them they win. */
export interface Options<S extends Signature.Any> extends GenerationConfig {
  /** What status messages and errors call it; `Predict` by default. */
  readonly name?: string | undefined
  /** What the model is asked to do, in the place of the signature's instructions. */
  readonly instructions?: string | undefined
  /** Generation settings of every call, for those who have them as a value. */
  readonly config?: GenerationConfig | undefined
  /** Examples of the task, shown to the model before the question. */
  readonly demos?: ReadonlyArray<Demo<S>> | undefined
  /**
   * How often the model is shown what was wrong with the values of a readable reply and asked again; 1 by default.
   */
  readonly maxRepairs?: number | undefined
  /**
   * How a model is asked for the output that is `ToolCalls`: `native` by its provider's function calling; `text` by the adapter's
   * form, which every model can do; `auto`, the default, natively where the language model says that it can and each other output
   * is a text or may be left out.
   */
  readonly toolCalls?: "auto" | "native" | "text" | undefined
}

/** The options with their defaults, demos encoded. */
export interface Settings {
  readonly name: string
  readonly config: GenerationConfig
  readonly demos: ReadonlyArray<Adapter.Demo>
  /** Chooses the demos of one call that follow the others: see {@link withDemosFor}. */
  readonly demosFor?: ChooseDemos | undefined
  readonly maxRepairs: number
  /** `auto` if left out. */
  readonly toolCalls?: "auto" | "native" | "text" | undefined
}

/** Chooses demos for the inputs of one call, and encodes them. */
export type ChooseDemos = (
  inputs: Readonly<Record<string, unknown>>
) => Effect.Effect<ReadonlyArray<Adapter.Demo>, InputError | LMError>

// Constructors

/**
 * Makes a predictor from a signature, or from a string that is typed as it reads. Demos that are not of the signature's
 * types throw an {@link InputError}, unknown options and settings that cannot be meant a `TypeError`, citations without documents a
 * `SignatureError`.
 *
 * @example
 * const qa = Predict.make("question -> answer", { instructions: "Answer in one word.", temperature: 0 })
 * const answer = qa({ question: "What is the capital of France?" }) // Effect<Prediction<{ answer: string }>, PredictError, LM>
 */
export const make = <const Spec>(
  spec: Signature.Arg<Spec>,
  options: Options<NoInfer<Signature.From<Spec>>> = {}
): Predict<Signature.From<Spec>> => fromSignature(Signature.from(spec) as Signature.From<Spec>, options)

/** {@link make} for code that is generic in its signature. */
export const fromSignature = <S extends Signature.Any>(signature: S, options: Options<S> = {}): Predict<S> => {
  const { config, demos, instructions, maxRepairs = 1, name = "Predict", toolCalls, ...settings } = predictorOptions(
    options
  )
  const known = Signature.from(signature) as S // as it is; plain JavaScript may give its text
  checkCitations(known)
  return fromSettings(
    instructions === undefined ? known : Signature.withInstructions(known, instructions),
    {
      name,
      config: { ...config, ...settings },
      demos: encodeDemos(name, known, demos ?? []),
      maxRepairs,
      ...(toolCalls === undefined ? undefined : { toolCalls })
    }
  )
}

// Requests

/**
 * The request that a call would send first, without sending it: for a test, a dry run, or a conversation that goes on
 * with it. What chooses demos for the call ({@link withDemosFor}) is asked, and may fail with an `LMError`.
 *
 * @example
 * const request = yield* Predict.prepare(qa, { question: "Why?" }) // { messages: [...], config, ... }
 */
export const prepare = <S extends Signature.Any>(
  self: Predict<S>,
  input: Signature.Input<S>,
  options: CallOptions = {}
): Effect.Effect<LMRequest, InputError | LMError> => {
  given("Predict.prepare", { self: predictor }, [self])
  return Effect.flatMap(
    Module.validInputs(self.settings.name, self.signature, input),
    (inputs) =>
      Effect.flatMap(
        Ask.withChosenDemos(self.settings, inputs),
        (settings) =>
          Effect.contextWith((context: Context.Context<never>) => {
            const { adapter, format } = Ask.prepare(context, { signature: self.signature, settings, inputs, options })
            return Effect.succeed(format(adapter))
          })
      )
  )
}

// Combinators

const predictor = Kinds.make(
  "a predictor, as Predict.make(\"question -> answer\") gives one",
  (value) => Module.isModule(value) && "settings" in value
)

/** A signature, or the text of one. */
const aSignature: Kinds.Kind = (_, value) => Signature.from(value)

/** The same predictor with other instructions. */
export const withInstructions: {
  (instructions: string): <S extends Signature.Any>(self: Predict<S>) => Predict<S>
  <S extends Signature.Any>(self: Predict<S>, instructions: string): Predict<S>
} = combinator(
  "Predict.withInstructions",
  { self: predictor, instructions: Kinds.text },
  <S extends Signature.Any>(self: Predict<S>, instructions: string): Predict<S> =>
    fromSettings(Signature.withInstructions(self.signature, instructions) as S, self.settings)
)

/** The same predictor, with its settings, of another signature. Demos show what the signature has of their fields. */
export const withSignature: {
  <S extends Signature.Any>(signature: S): (self: Any) => Predict<S>
  <S extends Signature.Any>(self: Any, signature: S): Predict<S>
} = combinator(
  "Predict.withSignature",
  { self: predictor, signature: aSignature },
  <S extends Signature.Any>(self: Any, signature: S): Predict<S> =>
    fromSettings(Signature.from(signature) as S, self.settings)
)

/** The same predictor with generation settings over its own. */
export const withConfig: {
  (config: GenerationConfig): <S extends Signature.Any>(self: Predict<S>) => Predict<S>
  <S extends Signature.Any>(self: Predict<S>, config: GenerationConfig): Predict<S>
} = combinator(
  "Predict.withConfig",
  { self: predictor, config },
  <S extends Signature.Any>(self: Predict<S>, config: GenerationConfig): Predict<S> =>
    fromSettings(self.signature, { ...self.settings, config: mergeConfig(self.settings.config, config) })
)

/** The same predictor with these demos in place of its own. */
export const withDemos: {
  <S extends Signature.Any>(demos: ReadonlyArray<Demo<NoInfer<S>>>): (self: Predict<S>) => Predict<S>
  <S extends Signature.Any>(self: Predict<S>, demos: ReadonlyArray<Demo<NoInfer<S>>>): Predict<S>
} = combinator(
  "Predict.withDemos",
  { self: predictor, demos: Kinds.list("examples") },
  <S extends Signature.Any>(self: Predict<S>, demos: ReadonlyArray<Demo<S>>): Predict<S> =>
    fromSettings(self.signature, {
      ...self.settings,
      demos: encodeDemos(self.settings.name, self.signature, demos)
    })
)

/**
 * The same predictor, which is shown more demos in each call: those that `choose` gives for the call's inputs follow its own. A
 * demo that is not of the signature's types is an {@link InputError} of the call. What is chosen is no part of a saved state.
 *
 * @example
 * const similar = Predict.withDemosFor(qa, ({ question }) => search(question, { limit: 3 }))
 */
export const withDemosFor: {
  <S extends Signature.Any>(choose: Choose<NoInfer<S>>): (self: Predict<S>) => Predict<S>
  <S extends Signature.Any>(self: Predict<S>, choose: Choose<NoInfer<S>>): Predict<S>
} = combinator(
  "Predict.withDemosFor",
  { self: predictor, choose: Kinds.fn("a function of inputs that gives an Effect of demos") },
  <S extends Signature.Any>(self: Predict<S>, choose: Choose<S>): Predict<S> =>
    fromSettings(self.signature, {
      ...self.settings,
      demosFor: (inputs) =>
        Effect.flatMap(choose(inputs), (demos) => encodedDemos(self.settings.name, self.signature, demos))
    })
)

/** Chooses demos for the inputs of one call. */
export type Choose<S extends Signature.Any> = (
  inputs: S["input"]["Type"]
) => Effect.Effect<ReadonlyArray<Demo<S>>, LMError>
