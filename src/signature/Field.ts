/**
 * One named input or output of a signature: its schema, and everything that is derived from the schema once.
 */
import type * as Result from "effect/Result"
import type * as Schema from "effect/Schema"

/** A schema that a field may have: it needs no services to decode or encode. */
export type FieldSchema = Schema.ConstraintCodec<unknown, unknown>

/** The fields of one side of a signature, in the order in which they are shown and generated. */
export type Fields = { readonly [name: string]: FieldSchema }

/** One thing wrong with a value: where (`path` starts with the field's name), and what, in words for a model or a person. */
export interface FieldIssue {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** One field, with what adapters, command lines and forms need to know of it. Built once per signature. */
export interface Field {
  readonly name: string
  readonly schema: FieldSchema
  /**
   * How the field is written in a reply. `text`: the encoded value is free text (a string, or a string or null), and
   * streams as itself. `json`: everything else, literals included; streams as text that parses to the value.
   */
  readonly kind: "text" | "json"
  /** The field may be left out (`Schema.optionalKey`, a default). */
  readonly optional: boolean
  /** The encoded value may be `null`. */
  readonly nullable: boolean
  /** The allowed values, where the schema is a literal or a union of literals. */
  readonly literals: ReadonlyArray<string | number | boolean> | undefined
  readonly description: string | undefined
  /** The type in TypeScript's spelling, as prompts show it: `string`, `Array<number>`, `"a" | "b"`. */
  readonly type: string
  /** The schema's checks in words: `greater than 0`, `at most 5 items`. */
  readonly constraints: ReadonlyArray<string>
  /** Draft 2020-12, self-contained (no `$ref` to the outside). */
  readonly jsonSchema: Readonly<Record<string, unknown>>
  /** From the JSON value to the field's value; checks are applied. */
  readonly decode: (json: unknown) => Result.Result<unknown, ReadonlyArray<FieldIssue>>
  /** From the field's value to its JSON value. */
  readonly encode: (value: unknown) => Result.Result<unknown, ReadonlyArray<FieldIssue>>
}
