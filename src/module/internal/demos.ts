/**
 * Examples as their author writes them, made JSON once for every prompt.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Adapter from "../../adapter/Adapter.ts"
import type { Field, FieldIssue } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"
import * as Kinds from "../../text/kinds.ts"
import { InputError } from "../InputError.ts"

type Values = Readonly<Record<string, unknown>>

/** The examples of a predictor called `name`. What is not of the signature's types throws an {@link InputError}. */
export const encodeDemos = (name: string, signature: Signature.Any, demos: unknown): ReadonlyArray<Adapter.Demo> => {
  if (!Array.isArray(demos)) throw new TypeError(`${name}: \`demos\` is a list of examples`)
  return demos.map((demo: unknown, at) => {
    const issues: Array<FieldIssue> = []
    const { inputs, outputs } = sides(signature, demo, issues)
    const known = [...signature.inputFields, ...signature.outputFields].map((field) => field.name).join(", ")
    const encoded: Adapter.Demo = {
      inputs: encodeFields(signature.inputFields, inputs, known, issues),
      outputs: encodeFields(signature.outputFields, outputs, known, issues)
    }
    if (issues.length > 0) throw new InputError({ module: name, signature: String(signature), issues, demo: at })
    return encoded
  })
}

/** The same, where what is not of the signature's types is an error of a call. */
export const encodedDemos = (
  name: string,
  signature: Signature.Any,
  demos: unknown
): Effect.Effect<ReadonlyArray<Adapter.Demo>, InputError> => {
  const encoded = Result.try(() => encodeDemos(name, signature, demos))
  if (Result.isSuccess(encoded)) return Effect.succeed(encoded.success)
  return encoded.failure instanceof InputError ? Effect.fail(encoded.failure) : Effect.die(encoded.failure)
}

// Details

/** The inputs and the outputs of a demo. Fields under `inputs` or `outputs` belong there; others belong where the signature has them. */
const sides = (signature: Signature.Any, demo: unknown, issues: Array<FieldIssue>) => {
  const { inputs, outputs, ...beside } = record(demo, [], issues)
  const names = new Set(signature.outputFields.map((field) => field.name))
  const others = Object.entries(beside)
  return {
    inputs: new Map([
      ...Object.entries(record(inputs ?? {}, ["inputs"], issues)),
      ...others.filter(([name]) => !names.has(name))
    ]),
    outputs: new Map([
      ...Object.entries(record(outputs ?? {}, ["outputs"], issues)),
      ...others.filter(([name]) => names.has(name))
    ])
  }
}

const record = (values: unknown, path: FieldIssue["path"], issues: Array<FieldIssue>): Values => {
  if (Kinds.isObject(values)) return values
  issues.push({ path, message: `expected an object of fields${Kinds.ofEntries(values)}` })
  return {}
}

const encodeFields = (
  fields: ReadonlyArray<Field>,
  values: Map<string, unknown>,
  known: string,
  issues: Array<FieldIssue>
): Adapter.JsonFields => {
  const encoded: Array<readonly [string, unknown]> = []
  for (const field of fields) {
    const value = values.get(field.name)
    values.delete(field.name)
    // A key that is there without a value counts as left out, as in the inputs of a call.
    if (value === undefined) continue
    const result = field.encode(value)
    if (Result.isSuccess(result)) encoded.push([field.name, result.success])
    else issues.push(...result.failure)
  }
  for (const extra of values.keys()) {
    issues.push({ path: [extra], message: `the signature has no such field; there are: ${known}` })
  }
  return Object.fromEntries(encoded)
}
