/**
 * A predictor with what was saved of one.
 */
import * as Result from "effect/Result"
import type * as Adapter from "../../adapter/Adapter.ts"
import type { GenerationConfig } from "../../lm/LMRequest.ts"
import type { Field, FieldIssue } from "../../signature/Field.ts"
import * as Signature from "../../signature/Signature.ts"
import type { Any as Predictor } from "../Predict.ts"
import type * as State from "../State.ts"
import { checkedConfig } from "./checkedConfig.ts"
import { fromSettings } from "./predictor.ts"

type Path = FieldIssue["path"]

/** The predictor, which has the signature that was saved, or everything that is wrong with what was saved. */
export const restored = (
  self: Predictor,
  saved: State.Predictor,
  path: Path
): Result.Result<Predictor, ReadonlyArray<FieldIssue>> => {
  const issues: Array<FieldIssue> = []
  const settings = {
    ...self.settings,
    demos: saved.demos.map((demo, index) => demoOf(self.signature, demo, [...path, "demos", index], issues)),
    config: configOf(saved.config, [...path, "config"], issues)
  }
  const described = describedAs(self.signature, saved.descriptions ?? {}, [...path, "descriptions"], issues)
  return issues.length === 0
    ? Result.succeed(fromSettings(Signature.withInstructions(described, saved.instructions), settings))
    : Result.fail(issues)
}

// Details

const demoOf = (
  { inputFields, outputFields }: Signature.Any,
  { inputs, outputs }: State.Demo,
  path: Path,
  issues: Array<FieldIssue>
): Adapter.Demo => ({
  inputs: valuesOf(inputFields, inputs, [...path, "inputs"], issues),
  outputs: valuesOf(outputFields, outputs, [...path, "outputs"], issues)
})

/** Values are read as a call's are, and written again: what JSON may have in several forms, has the one that prompts show. */
const valuesOf = (
  fields: ReadonlyArray<Field>,
  saved: State.Demo["inputs"],
  path: Path,
  issues: Array<FieldIssue>
): Adapter.JsonFields => {
  const values = new Map<string, unknown>(Object.entries(saved))
  const known: Array<readonly [string, unknown]> = []
  for (const field of fields) {
    if (!values.has(field.name)) continue
    const value = Result.flatMap(field.decode(values.get(field.name)), field.encode)
    if (Result.isSuccess(value)) known.push([field.name, value.success])
    else issues.push(...value.failure.map(({ message, path: inner }) => ({ path: [...path, ...inner], message })))
    values.delete(field.name)
  }
  for (const name of values.keys()) issues.push({ path: [...path, name], message: noField(fields) })
  return Object.fromEntries(known)
}

const configOf = (saved: GenerationConfig, path: Path, issues: Array<FieldIssue>): GenerationConfig => {
  const config = Result.try(() => checkedConfig(saved))
  if (Result.isFailure(config)) {
    const { failure } = config
    issues.push({ path, message: failure instanceof Error ? failure.message : String(failure) })
  }
  for (const [provider, { headers }] of Object.entries(saved.providerOptions ?? {})) {
    for (const name of Object.keys(headers ?? {}).filter(isSecret)) {
      issues.push({
        path: [...path, "providerOptions", provider, "headers", name],
        message: "would be a secret in a file: give it to the layer of the model, or with Module.withConfig"
      })
    }
  }
  return saved
}

/** Headers that say who asks. */
const isSecret = (header: string): boolean =>
  /^cookie$|authorization$|(api|subscription)-?key$|token$|secret|credential/i.test(header)

/** The signature with what was said of its fields where that differs from what it says itself. */
const describedAs = (
  signature: Signature.Any,
  saved: NonNullable<State.Predictor["descriptions"]>,
  path: Path,
  issues: Array<FieldIssue>
): Signature.Any => {
  const fields = [...signature.inputFields, ...signature.outputFields]
  const others = Object.entries(saved).filter(([name, description]) => {
    const field = fields.find((field) => field.name === name)
    if (field === undefined) issues.push({ path: [...path, name], message: noField(fields) })
    return field !== undefined && field.description !== description
  })
  return others.length === 0 ? signature : Signature.withDescriptions(signature, Object.fromEntries(others))
}

const noField = (fields: ReadonlyArray<Field>): string =>
  fields.length === 0
    ? "is no field: there are none"
    : `is no field; there are: ${fields.map(({ name }) => name).join(", ")}`
