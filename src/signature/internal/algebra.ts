/**
 * Signatures made from signatures. Instructions that were not given are those of the new fields.
 */
import * as Schema from "effect/Schema"
import * as Field from "../Field.ts"
import type { FieldSchema } from "../Field.ts"
import type { Any, FieldOptions } from "../Signature.ts"
import { SignatureError } from "../SignatureError.ts"
import { defaultInstructions, makeChecked, makeUnsafe, type Side } from "./signature.ts"

export const withInstructions = (self: Any, instructions: string): Any =>
  makeUnsafe(self.inputFields, self.outputFields, instructions)

/** Puts a field at the index of a side; an index below 0 counts from behind the last field. */
export const insertAt =
  (side: "input" | "output") =>
  (self: Any, index: number, name: string, schema: FieldSchema, options?: FieldOptions): Any => {
    const fields = side === "input" ? self.inputFields : self.outputFields
    const at = index < 0 ? fields.length + 1 + index : index
    if (!Number.isInteger(at) || at < 0 || at > fields.length) {
      const have = fields.length === 1 ? "there is 1 field" : `there are ${fields.length} fields`
      throw new SignatureError({
        reason: `'${name}' cannot be ${side} ${index}: ${have}`,
        text: String(self)
      })
    }
    const inserted = fields.toSpliced(at, 0, Field.make(name, described(schema, options?.description)))
    return side === "input" ? withSides(self, inserted, self.outputFields) : withSides(self, self.inputFields, inserted)
  }

export const insert =
  (side: "input" | "output", index: number) =>
  (self: Any, name: string, schema: FieldSchema, options?: FieldOptions): Any =>
    insertAt(side)(self, index, name, schema, options)

export const withField = (self: Any, name: string, schema: FieldSchema, options?: FieldOptions): Any =>
  mapField(self, name, () => described(schema, options?.description))

export const withDescriptions = (self: Any, descriptions: Readonly<Record<string, string | undefined>>): Any =>
  Object.entries(descriptions).reduce<Any>(
    (self, [name, description]) => mapField(self, name, (schema) => described(schema, description)),
    self
  )

export const deleteField = (self: Any, name: string): Any => {
  has(self, name)
  const others = (side: Side) => side.filter((field) => field.name !== name)
  return withSides(self, others(self.inputFields), others(self.outputFields))
}

export const equals = (self: Any, that: Any): boolean =>
  self === that || (
    self.instructions === that.instructions &&
    sameFields(self.inputFields, that.inputFields) &&
    sameFields(self.outputFields, that.outputFields)
  )

// Details

const withSides = (self: Any, input: Side, output: Side): Any => {
  const given = self.instructions !== defaultInstructions(self.inputFields, self.outputFields)
  return makeChecked(input, output, given ? self.instructions : undefined)
}

const mapField = (self: Any, name: string, f: (schema: FieldSchema) => FieldSchema): Any => {
  has(self, name)
  const changed = (side: Side) => side.map((field) => field.name === name ? Field.make(name, f(field.schema)) : field)
  return withSides(self, changed(self.inputFields), changed(self.outputFields))
}

const has = (self: Any, name: string): void => {
  const named = (field: Field.Field) => field.name === name
  if (!self.inputFields.some(named) && !self.outputFields.some(named)) {
    throw new SignatureError({ reason: `there is no field '${name}'`, text: String(self) })
  }
}

/** The schema with a description on its key; what the schema says of itself stays below it. */
const described = (schema: FieldSchema, description: string | undefined): FieldSchema => {
  // What is no schema is refused where the field is made of it.
  if (description === undefined || !isSchema(schema)) return schema
  // Every schema has this method; the type of a field's schema leaves it out, so that fitting one compares no methods.
  const { annotateKey } = schema as FieldSchema & { readonly annotateKey: (annotations: object) => FieldSchema }
  return annotateKey.call(schema, { description })
}

const isSchema: (u: unknown) => boolean = Schema.isSchema

const sameFields = (self: Side, that: Side): boolean =>
  self.length === that.length && self.every((field, i) => sameField(field, that[i]!))

const sameField = (self: Field.Field, that: Field.Field): boolean =>
  self.name === that.name && (self.schema === that.schema || shown(self) === shown(that))

/** All that a model is told of a field. */
const shown = ({ constraints, default: value, description, jsonSchema, optional, type }: Field.Field): string =>
  JSON.stringify([type, optional, value, description, constraints, jsonSchema])
