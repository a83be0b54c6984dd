/**
 * The check of a call's inputs, and the way of inputs and outputs to JSON and back.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { kindOf } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import type { Field, FieldIssue } from "../Field.ts"
import type * as Signature from "../Signature.ts"

type Issues = ReadonlyArray<FieldIssue>
type Values = Readonly<Record<string, unknown>>

/** How one field is read: from a caller's values, or from JSON. */
interface Reader {
  readonly present: (field: Field) => Field["decode"]
  readonly absent: (field: Field) => Field["decodeAbsent"]
  /** How a history of these turns is written. */
  readonly history: (turns: string) => string
}

const ofCaller: Reader = {
  present: (field) => field.validate,
  absent: (field) => field.validateAbsent,
  history: (turns) => `History.make(${turns})`
}
const ofJson: Reader = {
  present: (field) => field.decode,
  absent: (field) => field.decodeAbsent,
  history: (turns) => `{ "messages": ${turns} }`
}

export const decodeInputs = (signature: Signature.Any, inputs: unknown): Result.Result<Values, Issues> =>
  read(signature, inputs, ofCaller)

/** The inputs of JSON. Those that are `known` are values already, and are taken as they are. */
export const decodeJsonInputs = (
  signature: Signature.Any,
  json: unknown,
  known?: ReadonlyMap<string, unknown>
): Result.Result<Values, Issues> => read(signature, json, ofJson, known)

/** The JSON values of the fields that have one. */
export const encode = (fields: ReadonlyArray<Field>, values: Values): Result.Result<Values, Issues> => {
  const issues: Array<FieldIssue> = []
  const json: Record<string, unknown> = {}
  for (const field of fields) {
    if (!Object.hasOwn(values, field.name)) continue
    const result = field.encode(values[field.name])
    if (Result.isSuccess(result)) json[field.name] = result.success
    else issues.push(...result.failure)
  }
  return issues.length === 0 ? Result.succeed(json) : Result.fail(issues)
}

/** Every field in order, then everything that is no field: all that is wrong is told at once. */
const read = (
  signature: Signature.Any,
  from: unknown,
  reader: Reader,
  taken?: ReadonlyMap<string, unknown>
): Result.Result<Values, Issues> => {
  const fields = signature.inputFields
  if (!Kinds.isObject(from)) {
    const wanted = `expected an object with the inputs ${names(fields)}`
    return Result.fail([{ path: [], message: `${wanted}, not ${kindOf(from)}${Kinds.ofEntries(from)}` }])
  }
  const issues: Array<FieldIssue> = []
  // Fields' names are checked when a signature is made: none of them reaches a prototype.
  const values: Record<string, unknown> = {}
  let known = 0
  for (const field of fields) {
    const { name } = field
    const given = Object.hasOwn(from, name)
    if (given) known++
    if (taken?.has(name) === true) {
      values[name] = taken.get(name)
      continue
    }
    const value = given ? from[name] : undefined
    if (isLater(value)) {
      issues.push({ path: [name], message: `is ${kindOf(value)}: give what it comes to` })
      continue
    }
    const result = given ? reader.present(field)(value) : undefined
    if (result !== undefined && Result.isSuccess(result)) {
      values[name] = result.success
      continue
    }
    // A key that is there without a value counts as left out, unless the field takes undefined.
    if (result !== undefined && value !== undefined) {
      if (field.isHistory && !(Kinds.isObject(value) && Array.isArray(value["messages"]))) {
        const turn = [...fields, ...signature.outputFields].filter((field) => !field.isHistory)
        const written = reader.history(`[{ ${turn.map(({ name }) => `"${name}": ...`).join(", ")} }]`)
        issues.push({ path: [name], message: `is ${kindOf(value)} and no history: write ${written}` })
      } else issues.push(...result.failure)
      continue
    }
    const absent = reader.absent(field)()
    if (Result.isFailure(absent)) issues.push(...absent.failure)
    else if (Option.isSome(absent.success)) values[name] = absent.success.value
  }
  if (known < Object.keys(from).length) issues.push(...extras(fields, from))
  return issues.length === 0 ? Result.succeed(values) : Result.fail(issues)
}

/** A value that is not there yet, such as a promise. No field's schema means one, but some would take it. */
const isLater = (value: unknown): boolean => Predicate.isPromiseLike(value) || Effect.isEffect(value)

const extras = (fields: ReadonlyArray<Field>, from: object): Issues => {
  const known = new Set(fields.map((field) => field.name))
  return Object.keys(from).filter((name) => !known.has(name)).map((name) => ({
    path: [name],
    message: fields.length === 0 ? "is not an input: there are none" : `is not an input; there are: ${names(fields)}`
  }))
}

const names = (fields: ReadonlyArray<Field>): string => fields.map((field) => field.name).join(", ")
