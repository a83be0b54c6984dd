/**
 * The predictor: one signature, one question to the language model, one typed answer.
 */
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Result from "effect/Result"
import type * as Adapter from "../adapter/Adapter.ts"
import type { AdapterParseError } from "../adapter/AdapterParseError.ts"
import type { LM } from "../lm/LM.ts"
import type { LMError } from "../lm/LMError.ts"
import type { GenerationConfig, LMRequest } from "../lm/LMRequest.ts"
import * as Call from "../run/Call.ts"
import type { Field, FieldIssue } from "../signature/Field.ts"
import * as Signature from "../signature/Signature.ts"
import { count } from "../text/numbers.ts"
import { InputError } from "./InputError.ts"
import * as Ask from "./internal/ask.ts"
import { checkedConfig } from "./internal/checkedConfig.ts"
import * as Module from "./Module.ts"
import type * as Prediction from "./Prediction.ts"

// Models

/** What can go wrong in a predictor: the inputs, the language model, or reading its reply. */
export type PredictError = InputError | LMError | AdapterParseError

/**
 * A module of one signature; its only predictor is itself. It has one call, not a module's beside its own, so that the
 * compiler says of a wrong one what is wrong, and no list of what it has tried.
 */
export interface Predict<S extends Signature.Any> extends Module.Members<{ readonly self: S }> {
  (
    input: Signature.Input<S>,
    options?: CallOptions
  ): Effect.Effect<Prediction.Prediction<Signature.Output<S>>, PredictError, LM>
  readonly signature: S
  readonly settings: Settings
}

/** A predictor of any signature: what takes one, and does not ask for its fields. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one signature whose inputs every predictor takes
export interface Any extends Predict<any> {}

/** Options of one call of a predictor: beside the settings, what makes it a part of a longer conversation. */
export interface CallOptions extends Module.CallOptions {
  /** What has followed the inputs so far, oldest first; the model answers to the last of it. */
  readonly turns?: ReadonlyArray<Adapter.Turn> | undefined
  /** What the conversation asks for later: no input, note or tool result forms one of its fields. See `AdapterCall`. */
  readonly later?: Signature.Any | undefined
  /** A request that the call goes on with: its messages are sent again as they were, before the inputs. See {@link prepare}. */
  readonly after?: LMRequest | undefined
  /** Tools that the model may call natively; `Prediction.details` has its calls. The reply has the fields all the same. */
  readonly tools?: LMRequest["tools"]
  readonly toolChoice?: LMRequest["toolChoice"]
}

/** An example of the task: inputs and outputs that may be incomplete. */
export interface Demo<S extends Signature.Any> {
  readonly inputs: Partial<Signature.Input<S>>
  readonly outputs: Partial<Signature.Output<S>>
}

/** Options of {@link make}. */
export interface Options<S extends Signature.Any> {
  /** What status messages and errors call it; `Predict` by default. */
  readonly name?: string | undefined
  /** Generation settings of every call. */
  readonly config?: GenerationConfig | undefined
  /** Examples of the task, shown to the model before the question. */
  readonly demos?: ReadonlyArray<Demo<S>> | undefined
  /**
   * How often the model is shown what was wrong with the values of a readable reply and asked again; 1 by default.
   */
  readonly maxRepairs?: number | undefined
}

/** The options with their defaults, demos encoded. */
export interface Settings {
  readonly name: string
  readonly config: GenerationConfig
  readonly demos: ReadonlyArray<Adapter.Demo>
  readonly maxRepairs: number
}

// Constructors

/**
 * Makes a predictor from a signature, or from a string that is typed as it reads. Demos that are not of the signature's
 * types throw an {@link InputError}.
 *
 * @example
 * const qa = Predict.make("question -> answer")
 * const answer = qa({ question: "What is the capital of France?" }) // Effect<Prediction<{ answer: string }>, PredictError, LM>
 */
export const make = <const Spec extends string | Signature.Any>(
  spec: Signature.Arg<Spec>,
  options: Options<NoInfer<Signature.From<Spec>>> = {}
): Predict<Signature.From<Spec>> => fromSignature(Signature.from(spec) as Signature.From<Spec>, options)

/** {@link make} for code that is generic in its signature. */
export const fromSignature = <S extends Signature.Any>(signature: S, options: Options<S> = {}): Predict<S> => {
  const name = options.name ?? "Predict"
  return fromSettings(signature, {
    name,
    config: checkedConfig(options.config ?? {}),
    demos: (options.demos ?? []).map((demo) => encodeDemo(name, signature, demo)),
    maxRepairs: count("`maxRepairs`", options.maxRepairs ?? 1, 0)
  })
}

// Requests

/**
 * The request that a call would send first, without sending it: for a test, a dry run, or a conversation that goes on
 * with it.
 *
 * @example
 * const request = yield* Predict.prepare(qa, { question: "Why?" }) // { messages: [...], config, ... }
 */
export const prepare = <S extends Signature.Any>(
  self: Predict<S>,
  input: Signature.Input<S>,
  options: CallOptions = {}
): Effect.Effect<LMRequest, InputError> =>
  Effect.flatMap(
    Module.validInputs(self.settings.name, self.signature, input),
    (valid) =>
      Effect.map(
        Ask.prepare(self.signature, self.settings, valid, options),
        ({ adapter, format }) => format(adapter)
      )
  )

// Combinators

/** The same predictor with other instructions. */
export const withInstructions: {
  (instructions: string): <S extends Signature.Any>(self: Predict<S>) => Predict<S>
  <S extends Signature.Any>(self: Predict<S>, instructions: string): Predict<S>
} = dual(
  2,
  <S extends Signature.Any>(self: Predict<S>, instructions: string): Predict<S> =>
    fromSettings(Signature.withInstructions(self.signature, instructions) as S, self.settings)
)

/** The same predictor, with its settings, of another signature. Demos show what the signature has of their fields. */
export const withSignature: {
  <S extends Signature.Any>(signature: S): (self: Any) => Predict<S>
  <S extends Signature.Any>(self: Any, signature: S): Predict<S>
} = dual(
  2,
  <S extends Signature.Any>(self: Any, signature: S): Predict<S> => fromSettings(signature, self.settings)
)

/** The same predictor with generation settings over its own. */
export const withConfig: {
  (config: GenerationConfig): <S extends Signature.Any>(self: Predict<S>) => Predict<S>
  <S extends Signature.Any>(self: Predict<S>, config: GenerationConfig): Predict<S>
} = dual(
  2,
  <S extends Signature.Any>(self: Predict<S>, config: GenerationConfig): Predict<S> =>
    fromSettings(self.signature, { ...self.settings, config: { ...self.settings.config, ...config } })
)

/** The same predictor with these demos in place of its own. */
export const withDemos: {
  <S extends Signature.Any>(demos: ReadonlyArray<Demo<NoInfer<S>>>): (self: Predict<S>) => Predict<S>
  <S extends Signature.Any>(self: Predict<S>, demos: ReadonlyArray<Demo<NoInfer<S>>>): Predict<S>
} = dual(
  2,
  <S extends Signature.Any>(self: Predict<S>, demos: ReadonlyArray<Demo<S>>): Predict<S> =>
    fromSettings(self.signature, {
      ...self.settings,
      demos: demos.map((demo) => encodeDemo(self.settings.name, self.signature, demo))
    })
)

// Details

const fromSettings = <S extends Signature.Any>(signature: S, settings: Settings): Predict<S> => {
  const self: Predict<S> = Module.fromDefinition({
    name: settings.name,
    signature,
    modules: {},
    signatures: { [Call.rootPath]: signature },
    run: (input, options, call) =>
      Effect.flatMap(
        Module.validInputs(settings.name, signature, input),
        (valid) => Ask.ask(signature, settings, valid, options, call)
      ),
    members: { settings: { value: settings, enumerable: true } },
    mapPredictors: (f, path) => f(self, path)
  })
  return self
}

const encodeDemo = <S extends Signature.Any>(name: string, signature: S, demo: Demo<S>): Adapter.Demo => ({
  inputs: encodeFields(name, signature, signature.inputFields, demo.inputs),
  outputs: encodeFields(name, signature, signature.outputFields, demo.outputs)
})

const encodeFields = (
  name: string,
  signature: Signature.Any,
  fields: ReadonlyArray<Field>,
  values: object
): Adapter.JsonFields => {
  const given = new Map(Object.entries(values))
  const issues: Array<FieldIssue> = []
  const encoded: Array<readonly [string, unknown]> = []
  for (const field of fields) {
    if (!given.has(field.name)) continue
    const result = field.encode(given.get(field.name))
    if (Result.isSuccess(result)) encoded.push([field.name, result.success])
    else issues.push(...result.failure)
    given.delete(field.name)
  }
  for (const extra of given.keys()) issues.push({ path: [extra], message: "the signature has no such field" })
  if (issues.length > 0) throw new InputError({ module: `${name} (a demo)`, signature: String(signature), issues })
  return Object.fromEntries(encoded)
}
