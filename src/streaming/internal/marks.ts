/**
 * Forms of values: JSON in which a record with the key `$` stands for a value that JSON does not have.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import { isRecord, type JsonRecord } from "../../text/json/values.ts"
import type { ErrorClass } from "../EventCodec.ts"

// Models

/** From values to their forms, and back. */
export interface Values {
  /** The form of a value; `within` are the containers that it is in. */
  readonly write: (value: unknown, within?: Set<object>) => unknown
  /** The value of a form, so many levels deep in others. Throws a `TypeError` that says what is wrong where it is none. */
  readonly read: (form: unknown, depth?: number) => unknown
  /** What stands in the place of a value that has no form. */
  readonly lost: (what: string) => unknown
  /** The classes that errors are instances of again, by their identifiers. */
  readonly classes: ReadonlyMap<string, ErrorClass>
  /** Whether the stacks of errors go along. Where they would leave the process, they do not. */
  readonly stacks: boolean
}

/** From values of one known type to JSON, and back. */
export interface Typed {
  readonly encode: (value: unknown) => Result.Result<unknown, unknown>
  readonly decode: (json: unknown) => Result.Result<unknown, unknown>
}

/** A form that says what its value was. */
export interface Marked extends JsonRecord {
  readonly $: string
}

// Guards

export const isMarked = (form: unknown): form is Marked =>
  isRecord(form) && Object.hasOwn(form, "$") && typeof form["$"] === "string"

// Constructors

export const marked = (mark: string, value: unknown): Marked => ({ $: mark, value })

/** The type that a schema describes. */
export const typedOf = (schema: Schema.Constraint): Typed => {
  let typed = known.get(schema)
  if (typed === undefined) {
    // There are no services here: a schema that needs some to encode fails to encode.
    const json = Schema.toCodecJson(schema) as unknown as Schema.Codec<unknown, unknown>
    typed = { encode: SchemaParser.encodeUnknownResult(json), decode: SchemaParser.decodeUnknownResult(json) }
    known.set(schema, typed)
  }
  return typed
}

const known = new WeakMap<Schema.Constraint, Typed>()

// Combinators

/** A value as its type encodes it, or, where that cannot, as a value whose type nobody knows. */
export const writeTyped = (values: Values, { encode }: Typed, value: unknown, within?: Set<object>): unknown => {
  const json = value === undefined ? Result.fail(undefined) : encode(value)
  if (Result.isSuccess(json)) return isMarked(json.success) ? marked("Json", json.success) : json.success
  const form = values.write(value, within)
  return isMarked(form) ? form : marked("Any", form)
}

/** The value of what {@link writeTyped} has made. Throws what is wrong where the type does not take it. */
export const readTyped = (values: Values, { decode }: Typed, form: unknown, depth = 0): unknown => {
  if (!isMarked(form)) return Result.getOrThrow(decode(form))
  return form.$ === "Json" ? Result.getOrThrow(decode(form["value"])) : values.read(form, depth + 1)
}

// Details

/** A key of dollars alone: `$` is the key of a mark, so such a key in a program's record is written with one more. */
const dollars = /^\$+$/

/** The key of a record in its form. */
export const toKey = (name: string): string => dollars.test(name) ? `$${name}` : name

/** The key that a form's key stands for. */
export const fromKey = (key: string): string => dollars.test(key) ? key.slice(1) : key
