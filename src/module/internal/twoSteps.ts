/**
 * A predictor in two steps: a free answer, at the path `draft` below it, and the fields that are extracted from that.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Adapter from "../../adapter/Adapter.ts"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import * as LM from "../../lm/LM.ts"
import { mergeConfig } from "../../lm/LMRequest.ts"
import * as Call from "../../run/Call.ts"
import type { Field } from "../../signature/Field.ts"
import * as Signature from "../../signature/Signature.ts"
import type { CallOptions, Predict, Settings } from "../Predict.ts"
import * as Prediction from "../Prediction.ts"
import type { Question } from "./ask.ts"
import * as Cited from "./cited.ts"
import { bind, TypeId } from "./invoke.ts"

type Fields = Readonly<Record<string, unknown>>

/** Whether a call stands alone. A part of a conversation, and one that may call tools, keeps to the conversation's form. */
export const standsAlone = ({ after, tools, turns }: CallOptions): boolean =>
  after === undefined && tools === undefined && turns === undefined

/** Makes a predictor. */
type FromSettings = <S extends Signature.Any>(signature: S, settings: Settings) => Predict<S>

/** Asks for a draft, and extracts the fields from it. Of several completions each is a draft. Both are predictors. */
export const ask = Effect.fnUntraced(function*(
  fromSettings: FromSettings,
  { inputs, options: { config }, settings, signature }: Question,
  { adapter, draft: draftAdapter, extractor }: Adapter.TwoStep,
  call: Call.Call
) {
  const name = nameOfDraft(signature)
  const draft = bind<Predict<Signature.Any>>(
    fromSettings(drafted(signature, name), {
      name: "Draft",
      config: settings.config,
      demos: settings.demos.map(({ inputs, outputs }) => ({
        inputs,
        outputs: { [name]: inWords(signature, outputs) }
      })),
      maxRepairs: settings.maxRepairs
    })[TypeId],
    "draft"
  )
  const extract = bind<Predict<Signature.Any>>(
    fromSettings(extracted(signature, name), { ...settings, name: "Extract", demos: [], toolCalls: "text" })[TypeId],
    undefined
  )
  const below = <A, E, R>(self: Effect.Effect<A, E, R>) =>
    self.pipe(Effect.provideService(Call.CurrentCall, call), Cited.within(signature, inputs))
  const free = yield* draft(inputs, { config }).pipe(
    Effect.provideService(CurrentAdapter, draftAdapter),
    below
  )
  const one = mergeConfig(config ?? {}, { n: 1 })
  const results = yield* Effect.forEach(
    Prediction.completions(free).flatMap((completion) => completion === undefined ? [] : [completion]),
    (completion) => Effect.result(extract({ ...completion, ...toolsOf(signature, inputs) }, { config: one })),
    { concurrency: "unbounded" }
  ).pipe(
    (all) => extractor === undefined ? all : Effect.provideService(all, LM.LM, extractor),
    Effect.provideService(CurrentAdapter, adapter),
    below
  )
  const predictions = results.map(Result.getOrUndefined)
  const first = predictions.find((prediction) => prediction !== undefined)
  if (first === undefined) {
    const [failure] = results.flatMap((result) => Result.isFailure(result) ? [result.failure] : [])
    return yield* Effect.fail(failure!)
  }
  return Prediction.make(Prediction.fields(first), {
    ...Prediction.details(first),
    usage: call.usage(),
    completions: predictions.map((prediction) => prediction && Prediction.fields(prediction))
  })
})

// Details

/** A name that no field has. */
const nameOfDraft = ({ inputFields, outputFields }: Signature.Any): string => {
  const names = new Set([...inputFields, ...outputFields].map(({ name }) => name))
  let name = "draft"
  while (names.has(name)) name += "_"
  return name
}

/** The signature of the free answer. */
const drafted = (signature: Signature.Any, name: string): Signature.Any =>
  Signature.fromSchemas({
    inputs: signature.input.fields,
    outputs: { [name]: Schema.String },
    instructions: `${signature.instructions}\n\nAnswer freely, in text. The answer has to tell:\n${
      signature.outputFields.map(told).join("\n")
    }`
  })

const told = ({ constraints, description, name, type }: Field): string =>
  `- ${name} (${type})${description === undefined ? "" : `: ${description}`}${
    constraints.length === 0 ? "" : ` (it has to be: ${constraints.join("; ")})`
  }`

/** The signature of what is extracted. */
const extracted = (signature: Signature.Any, name: string): Signature.Any =>
  Signature.fromSchemas({
    inputs: { [name]: Schema.String, ...toolsOf(signature, signature.input.fields) },
    outputs: signature.output.fields,
    instructions: `\`${name}\` is somebody's answer. Extract the fields from it as they are; add nothing of your own.`
  })

/** What the signature's inputs that hold tools have here: who extracts calls has to know what can be called. */
const toolsOf = <A>(
  { inputFields, outputFields }: Signature.Any,
  values: Readonly<Record<string, A>>
): Readonly<Record<string, A>> =>
  outputFields.some((field) => field.isToolCalls)
    ? Object.fromEntries(
      inputFields.filter((field) => field.holdsTools && Object.hasOwn(values, field.name))
        .map(({ name }) => [name, values[name]!])
    )
    : {}

/** The outputs of an example as a free answer. */
const inWords = ({ outputFields }: Signature.Any, outputs: Fields): string => {
  const known = outputFields.filter(({ name }) => Object.hasOwn(outputs, name))
  return known.map(({ name }) => {
    const value = outputs[name]
    const text = typeof value === "string" ? value : JSON.stringify(value)
    return known.length === 1 ? text : `${name}: ${text}`
  }).join("\n")
}
