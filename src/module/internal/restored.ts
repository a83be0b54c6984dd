/**
 * A predictor with the state that was saved of it.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import type * as Adapter from "../../adapter/Adapter.ts"
import type { GenerationConfig } from "../../lm/LMRequest.ts"
import type { Field, FieldIssue } from "../../signature/Field.ts"
import * as Signature from "../../signature/Signature.ts"
import { inWords } from "../../text/failure.ts"
import type { Any as Predictor } from "../Predict.ts"
import type * as State from "../State.ts"
import { checkedConfig } from "./checkedConfig.ts"
import { fromSettings } from "./predictor.ts"
import * as Misfit from "./stateMisfit.ts"

type Path = FieldIssue["path"]

/** The predictor with its saved state, or what is wrong with the state. The signature that was saved has the predictor's fields. */
export const restored = (
  self: Predictor,
  saved: State.Predictor,
  path: Path
): Result.Result<Predictor, ReadonlyArray<FieldIssue>> => {
  const issues: Array<FieldIssue> = []
  const settings = {
    ...self.settings,
    demos: demosOf(self.signature, saved.demos, [...path, "demos"], issues),
    config: configOf(saved.config, [...path, "config"], issues)
  }
  const described = describedAs(self.signature, saved.descriptions ?? {}, [...path, "descriptions"], issues)
  return issues.length === 0
    ? Result.succeed(fromSettings(Signature.withInstructions(described, saved.instructions), settings))
    : Result.fail(issues)
}

// Details

const demosOf = (
  signature: Signature.Any,
  saved: ReadonlyArray<State.Demo>,
  path: Path,
  issues: Array<FieldIssue>
): ReadonlyArray<Adapter.Demo> => {
  const inputs = readerOf(signature.inputFields)
  const outputs = readerOf(signature.outputFields)
  const demos: Array<Adapter.Demo> = []
  for (const [index, demo] of saved.entries()) {
    if (issues.length > Misfit.mostIssues) break
    demos.push({
      inputs: inputs(demo.inputs, [...path, index, "inputs"], issues),
      outputs: outputs(demo.outputs, [...path, index, "outputs"], issues)
    })
  }
  return demos
}

/**
 * Values are read as those of a reply are, and written again, so that they have the one form that prompts show. Of each value the
 * first fault is told.
 */
const readerOf = (fields: ReadonlyArray<Field>) => {
  const decoders = fields.map(({ name, schema }) =>
    SchemaParser.decodeUnknownResult(Schema.toCodecJson(Schema.Struct({ [name]: schema })))
  )
  const known = new Set(fields.map(({ name }) => name))
  return (saved: State.Demo["inputs"], path: Path, issues: Array<FieldIssue>): Adapter.JsonFields => {
    const values: Array<readonly [string, unknown]> = []
    for (const [i, field] of fields.entries()) {
      const { name } = field
      if (!Object.hasOwn(saved, name)) continue
      const decoded = decoders[i]!({ [name]: saved[name] })
      const value = Result.isFailure(decoded)
        ? Result.fail(Misfit.issuesOf(decoded.failure, []))
        : field.encode(decoded.success[name])
      if (Result.isSuccess(value)) values.push([name, value.success])
      else issues.push(...value.failure.map(({ message, path: inner }) => ({ path: [...path, ...inner], message })))
    }
    const other = Object.keys(saved).find((name) => !known.has(name))
    if (other !== undefined) issues.push({ path: [...path, other], message: noField(fields) })
    return Object.fromEntries(values)
  }
}

const configOf = (saved: GenerationConfig, path: Path, issues: Array<FieldIssue>): GenerationConfig => {
  const config = Result.try(() => checkedConfig(saved))
  if (Result.isFailure(config)) {
    const { failure } = config
    issues.push({ path, message: inWords(failure) })
  }
  for (const [provider, { headers }] of Object.entries(saved.providerOptions ?? {})) {
    for (const name of Object.keys(headers ?? {}).filter(isSecret).slice(0, Misfit.mostIssues)) {
      issues.push({
        path: [...path, "providerOptions", provider, "headers", name],
        message: "would be a secret in a file: give it to the layer of the model, or with Module.withConfig"
      })
    }
  }
  return saved
}

/** Headers with credentials. */
const isSecret = (header: string): boolean =>
  /^cookie$|authorization$|(api|subscription)-?key$|token$|secret|credential/i.test(header)

/** The signature with the saved descriptions of its fields, where they differ from its own. */
const describedAs = (
  signature: Signature.Any,
  saved: NonNullable<State.Predictor["descriptions"]>,
  path: Path,
  issues: Array<FieldIssue>
): Signature.Any => {
  const fields = [...signature.inputFields, ...signature.outputFields]
  const known = new Map(fields.map((field) => [field.name, field.description]))
  const entries = Object.entries(saved)
  const none = entries.find(([name]) => !known.has(name))
  if (none !== undefined) issues.push({ path: [...path, none[0]], message: noField(fields) })
  const others = none === undefined ? entries.filter(([name, about]) => known.get(name) !== about) : []
  return others.length === 0 ? signature : Signature.withDescriptions(signature, Object.fromEntries(others))
}

const noField = (fields: ReadonlyArray<Field>): string =>
  fields.length === 0
    ? "is no field: there are none"
    : `is no field; there are: ${fields.map(({ name }) => name).join(", ")}`
