/**
 * The one place where signatures are put together.
 */
import * as Inspectable from "effect/Inspectable"
import * as Pipeable from "effect/Pipeable"
import * as Schema from "effect/Schema"
import * as Field from "../Field.ts"
import type { FieldSchema } from "../Field.ts"
import type * as Signature from "../Signature.ts"
import { SignatureError } from "../SignatureError.ts"
import { historyProblem } from "./history.ts"
import { beside, nameProblem } from "./names.ts"

/** The property by which a signature is told from any other object. */
export const TypeId = "~effect-lm/signature/Signature" as const

/** The fields of one side, in order. */
export type Side = ReadonlyArray<Field.Field>

/** Makes a signature of fields whose names were checked. Without instructions it has the default ones. */
export const makeUnsafe = (inputFields: Side, outputFields: Side, instructions?: string): Signature.Any => {
  const self: Signature.Any = Object.create(Proto)
  return Object.assign(self, {
    instructions: instructions ?? defaultInstructions(inputFields, outputFields),
    input: structOf(inputFields),
    output: structOf(outputFields),
    inputFields,
    outputFields
  })
}

/**
 * Makes a signature; throws a {@link SignatureError} at names that fields cannot have, where there is no output, and at a history
 * that is an output or the second one.
 */
export const makeChecked = (inputFields: Side, outputFields: Side, instructions?: string): Signature.Any => {
  const text = shortForm(inputFields, outputFields)
  const besideOthers = beside()
  for (const { name } of [...inputFields, ...outputFields]) {
    const reason = nameProblem(name) ?? besideOthers(name)
    if (reason !== undefined) throw new SignatureError({ reason, text })
  }
  if (outputFields.length === 0) throw new SignatureError({ reason: "a signature has at least one output field", text })
  const reason = historyProblem(inputFields, outputFields)
  if (reason !== undefined) throw new SignatureError({ reason, text })
  return makeUnsafe(inputFields, outputFields, instructions)
}

export const fieldsOf = (side: ReadonlyMap<string, FieldSchema>): Side =>
  Array.from(side, ([name, schema]) => Field.make(name, schema))

/** What a signature without instructions asks for. */
export const defaultInstructions = (inputs: Side, outputs: Side): string => {
  const given = inputs.filter((field) => !field.isHistory)
  return given.length === 0 ? `Produce ${list(outputs)}.` : `Given ${list(given)}, produce ${list(outputs)}.`
}

const list = (side: Side): string => {
  const names = side.map(({ name }) => `\`${name}\``)
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
}

export const shortForm = (inputs: Side, outputs: Side): string => {
  const names = (side: Side) => side.map((field) => field.name).join(", ")
  return `${names(inputs)} -> ${names(outputs)}`.trimStart()
}

const structOf = (side: Side): Schema.Struct<Field.Fields> =>
  Schema.Struct(Object.fromEntries(side.map(({ name, schema }) => [name, schema])))

const Proto = {
  ...Pipeable.Prototype,
  ...Inspectable.BaseProto,
  [TypeId]: TypeId,
  toString(this: Signature.Any) {
    return shortForm(this.inputFields, this.outputFields)
  },
  toJSON(this: Signature.Any) {
    return { _id: "Signature", fields: this.toString(), instructions: this.instructions }
  }
}
