/**
 * What a program takes and gives: named, typed inputs and outputs, and instructions.
 */
import type { Pipeable } from "effect/Pipeable"
import type * as Schema from "effect/Schema"
import type { Field, Fields } from "./Field.ts"

export const TypeId = "~effect-lm/signature/Signature" as const

/** An immutable signature. `toString()` is its short form, `question -> answer`. */
export interface Signature<I extends Fields, O extends Fields> extends Pipeable {
  readonly [TypeId]: typeof TypeId
  readonly instructions: string
  readonly input: Schema.Struct<I>
  readonly output: Schema.Struct<O>
  readonly inputFields: ReadonlyArray<Field>
  readonly outputFields: ReadonlyArray<Field>
}

/** Any signature. */
export type Any = Signature<Fields, Fields>

/** What a call takes: fields with a default may be left out. */
export type Input<S extends Any> = S["input"]["~type.make.in"]

/** What a call gives. */
export type Output<S extends Any> = S["output"]["Type"]
