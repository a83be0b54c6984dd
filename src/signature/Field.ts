/**
 * One named input or output of a signature: its schema, and everything that is derived from the schema once.
 */
import type * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { kindOf } from "../text/kind.ts"
import { mayHoldCitations } from "./internal/citations.ts"
import { codeOf } from "./internal/code.ts"
import * as Codec from "./internal/codec.ts"
import { constraintsOf, descriptionOf } from "./internal/constraints.ts"
import { defaultOf } from "./internal/defaults.ts"
import { mayHoldDocuments } from "./internal/documents.ts"
import { isHistory } from "./internal/history.ts"
import { jsonSchemaOf } from "./internal/jsonSchema.ts"
import { isReasoning } from "./internal/reasoning.ts"
import { type Shape, shapeOf } from "./internal/shape.ts"
import { holdsTools, isToolCalls } from "./internal/tools.ts"
import { SignatureError } from "./SignatureError.ts"

// Models

/** A schema that a field may have: it decodes and encodes without services, and at once. */
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
   * How the field is written in a reply. `text`: the encoded value is free text (a string, or a string or null). `json`:
   * everything else, literals included.
   */
  readonly kind: "text" | "json"
  /**
   * How the field streams. `text`: as it comes, since the text is the value. `json`: as it comes, as JSON of the objects and
   * arrays that it always is (or null). `whole`: in one piece at its end, because a part of it would say something else: a
   * string from which the schema makes another one or which is one of a few, a number, a choice of types. Strings stream as
   * themselves, everything else as JSON.
   */
  readonly streaming: "text" | "json" | "whole"
  /** The field may be left out (`Schema.optionalKey`, a default). */
  readonly optional: boolean
  /** The JSON that an optional field stands for where it is left out, as far as its schema says; undefined if it does not. */
  readonly default: unknown
  /** The encoded value may be `null`. */
  readonly nullable: boolean
  /** The allowed values, where the schema is a literal or a union of literals. */
  readonly literals: ReadonlyArray<string | number | boolean> | undefined
  readonly description: string | undefined
  /** The field is code (see `Code`), in this language if one is told: it streams without the fence around it. */
  readonly code: { readonly language: string | undefined } | undefined
  /** The field is the thoughts that lead to the answer (see `Reasoning`): a model's own fill it. */
  readonly isReasoning: boolean
  /** The field is the conversation so far (see `History`): adapters write it as turns. */
  readonly isHistory: boolean
  /** The field is the tool calls that a model asks for (see `ToolCalls`). */
  readonly isToolCalls: boolean
  /** The field's values may have tools in them (see `Tool.Tool`). */
  readonly holdsTools: boolean
  /**
   * The kinds of content that the field's values may have in them (see `Image`, `Audio`, `File`); nearly all fields have
   * none.
   */
  readonly contents: ReadonlyArray<"Image" | "Audio" | "File">
  /** The field's values may have documents in them (see `Document`): adapters write each as text, under its number. */
  readonly hasDocuments: boolean
  /** The field's values may have citations in them (see `Citations`), which are looked for in the documents of the call. */
  readonly hasCitations: boolean
  /**
   * The type of the encoded value in TypeScript's spelling, as prompts show it: `string`, `Array<number>`, `"a" | "b"`; whole
   * numbers are `integer`, and content is `Image`, `Audio` or `File`, a document `Document`.
   */
  readonly type: string
  /** The schema's checks in words: `greater than 0`, `at most 5 items`. */
  readonly constraints: ReadonlyArray<string>
  /** Draft 2020-12, self-contained (no `$ref` to the outside). */
  readonly jsonSchema: Readonly<Record<string, unknown>>
  /** From the JSON value to the field's value; checks are applied. */
  readonly decode: (json: unknown) => Result.Result<unknown, ReadonlyArray<FieldIssue>>
  /** From the field's value to its JSON value. */
  readonly encode: (value: unknown) => Result.Result<unknown, ReadonlyArray<FieldIssue>>
  /** The field's value as a caller gave it, checked, with the defaults of what is inside it. */
  readonly validate: (value: unknown) => Result.Result<unknown, ReadonlyArray<FieldIssue>>
  /**
   * What the field becomes where JSON does not have it: its default, nothing if it is optional, `null` if it may be that;
   * otherwise an issue.
   */
  readonly decodeAbsent: () => Result.Result<Option.Option<unknown>, ReadonlyArray<FieldIssue>>
  /** What the field becomes where a caller did not give it: its default, or nothing if it is optional; otherwise an issue. */
  readonly validateAbsent: () => Result.Result<Option.Option<unknown>, ReadonlyArray<FieldIssue>>
}

// Constructors

/**
 * Builds a field. What is derived from the schema is computed when it is first asked for. A schema of another library, which
 * plain JavaScript lets through, throws a {@link SignatureError}.
 */
export const make = (name: string, schema: FieldSchema): Field => {
  if (typeof name === "string" && Schema.isSchema(schema)) return new FieldImpl(name, schema)
  if (typeof name !== "string") {
    throw new SignatureError({ reason: `a field's name is a string, and not ${kindOf(name)}`, text: String(name) })
  }
  throw new SignatureError({
    reason: `the type of '${name}' is a schema of effect, as Schema.String is one, and not ${kindOf(schema)}`,
    text: name
  })
}

class FieldImpl implements Field {
  readonly name: string
  readonly schema: FieldSchema
  #shape: Shape | undefined
  #hasDocuments: boolean | undefined
  #hasCitations: boolean | undefined
  #holdsTools: boolean | undefined
  #constraints: ReadonlyArray<string> | undefined
  #jsonSchema: Readonly<Record<string, unknown>> | undefined
  #decode: Field["decode"] | undefined
  #encode: Field["encode"] | undefined
  #validate: Field["validate"] | undefined
  #decodeAbsent: Field["decodeAbsent"] | undefined
  #validateAbsent: Field["validateAbsent"] | undefined

  constructor(name: string, schema: FieldSchema) {
    this.name = name
    this.schema = schema
  }

  get #known(): Shape {
    return this.#shape ??= shapeOf(this.schema)
  }

  get kind(): "text" | "json" {
    return this.#known.kind
  }

  get streaming(): "text" | "json" | "whole" {
    return this.#known.streaming
  }

  get optional(): boolean {
    return this.#known.optional
  }

  get default(): unknown {
    const known = defaultOf(this.schema)
    return known === undefined ? undefined : Result.getOrUndefined(this.encode(known.value))
  }

  get nullable(): boolean {
    return this.#known.nullable
  }

  get literals(): ReadonlyArray<string | number | boolean> | undefined {
    return this.#known.literals
  }

  get contents(): Field["contents"] {
    return this.#known.contents
  }

  get type(): string {
    return this.#known.type
  }

  get hasDocuments(): boolean {
    return this.#hasDocuments ??= mayHoldDocuments(this.schema)
  }

  get hasCitations(): boolean {
    return this.#hasCitations ??= mayHoldCitations(this.schema)
  }

  get description(): string | undefined {
    return descriptionOf(this.schema)
  }

  get code(): Field["code"] {
    return codeOf(this.schema.ast)
  }

  get isReasoning(): boolean {
    return isReasoning(this.schema.ast)
  }

  get isHistory(): boolean {
    return isHistory(this.schema)
  }

  get isToolCalls(): boolean {
    return isToolCalls(this.schema)
  }

  get holdsTools(): boolean {
    return this.#holdsTools ??= holdsTools(this.schema)
  }

  get constraints(): ReadonlyArray<string> {
    return this.#constraints ??= constraintsOf(this.schema)
  }

  get jsonSchema(): Readonly<Record<string, unknown>> {
    return this.#jsonSchema ??= jsonSchemaOf(this.schema, this.description)
  }

  get decode(): Field["decode"] {
    return this.#decode ??= Codec.decoder(this.name, this.schema)
  }

  get encode(): Field["encode"] {
    return this.#encode ??= Codec.encoder(this.name, this.schema)
  }

  get validate(): Field["validate"] {
    return this.#validate ??= Codec.validator(this.name, this.schema)
  }

  get decodeAbsent(): Field["decodeAbsent"] {
    return this.#decodeAbsent ??= Codec.absentDecoder(this.name, this.schema, this.nullable)
  }

  get validateAbsent(): Field["validateAbsent"] {
    return this.#validateAbsent ??= Codec.absentValidator(this.name, this.schema)
  }
}
