/**
 * Signatures made from signatures, as types: what comes out, and what is refused.
 */
import type { Fields, FieldSchema } from "../Field.ts"
import type { Any, FieldName, Shown, WithInput, WithOutput } from "../Signature.ts"
import type { ParseError } from "./grammar/text.ts"

// What comes out

export type With<F extends Fields, N extends string, T extends FieldSchema> = Shown<
  { readonly [K in N | keyof F]: K extends N ? T : F[K] }
>
export type Changed<F extends Fields, N extends string, T extends FieldSchema> = Shown<
  { readonly [K in keyof F]: K extends N ? T : F[K] }
>
export type Without<F extends Fields, N extends string> = Shown<{ readonly [K in keyof F as Exclude<K, N>]: F[K] }>

// What is refused

/** A new field's name, unless the signature is known to have it. */
export type New<S extends Any, N extends string> = string extends FieldName<S> ? N
  : N extends FieldName<S> ? ParseError<`the field '${N}' is there twice`>
  : N

/** The signature, unless it is known to have the field. */
export type Lacking<S extends Any, N extends string> = string extends FieldName<S> ? S
  : N extends FieldName<S> ? ParseError<`the field '${N}' is there twice`>
  : S

/** The signature, unless it is known not to have the fields. */
export type Having<S extends Any, N extends string> = [N] extends [FieldName<S>] ? S
  : ParseError<`there is no field '${Exclude<N, FieldName<S>>}'`>

export type WithNew<Side, S extends Any, N extends string, T extends FieldSchema> = Side extends "input" ?
  WithInput<S, N, T>
  : WithOutput<S, N, T>
