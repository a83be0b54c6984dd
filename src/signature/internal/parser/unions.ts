/**
 * What a type in a signature's text means: a union in its normal form, and the schema that is built of it.
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { FieldSchema } from "../../Field.ts"

// Models

/** A union in its normal form: literals, other members, and whether `null` is in it. */
export interface Union {
  readonly literals: ReadonlyArray<string | number | boolean>
  readonly members: ReadonlyArray<FieldSchema>
  readonly nullable: boolean
}

// Constructors

/** A union of one member. */
export const one = (member: FieldSchema): Union => ({ literals: [], members: [member], nullable: false })

/** A union of one literal. */
export const literal = (value: string | number | boolean): Union => ({
  literals: [value],
  members: [],
  nullable: false
})

// Guards

/** Whether the union is `str` alone. */
export const isString = (type: Union): boolean =>
  type.literals.length === 0 && !type.nullable && type.members.length === 1 && type.members[0] === Schema.String

// Combinators

/** All members of all unions. */
export const merge = (types: ReadonlyArray<Union>): Union => ({
  literals: [...new Set(types.flatMap((type) => type.literals))],
  members: types.flatMap((type) => type.members),
  nullable: types.some((type) => type.nullable)
})

// Schemas

/** The schema of a union. */
export const build = ({ literals, members, nullable }: Union): FieldSchema => {
  const all = literals.length === 0 ? members : [Schema.Literals(literals), ...members]
  if (all.length === 0) return Schema.Null
  if (all.length === 1) return nullable ? Schema.NullOr(all[0]!) : all[0]!
  const ordered = [0, 1, 2].flatMap((breadth) => all.filter((member) => breadthOf(member) === breadth))
  return Schema.Union(nullable ? [...ordered, Schema.Null] : ordered)
}

/** The first member of a union that takes a value is what it is: records take any object, and objects take dates and sets. */
const breadthOf = (schema: FieldSchema): number =>
  Predicate.hasProperty(schema, "key") ? 2 : Predicate.hasProperty(schema, "fields") ? 1 : 0
