/**
 * What a program takes and gives: named, typed inputs and outputs, and instructions.
 */
import type { Pipeable } from "effect/Pipeable"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { inSentence } from "../text/issues.ts"
import { kindOf } from "../text/kind.ts"
import * as Kinds from "../text/kinds.ts"
import { combinator, onlyKnown, optionsOf } from "../text/options.ts"
import type { Field, FieldIssue, Fields, FieldSchema } from "./Field.ts"
import * as Algebra from "./internal/algebra.ts"
import type { Parsed, ParseText } from "./internal/grammar/signature.ts"
import type { ParseError } from "./internal/grammar/text.ts"
import * as Inputs from "./internal/inputs.ts"
import { parseText } from "./internal/parser/signature.ts"
import { sideOf } from "./internal/sides.ts"
import { fieldsOf, makeChecked, makeUnsafe, TypeId } from "./internal/signature.ts"
import { SignatureError } from "./SignatureError.ts"

export type { Parsed, ParseText } from "./internal/grammar/signature.ts"
export type { ParseError } from "./internal/grammar/text.ts"
export { TypeId }

// Models

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

/** The signature that a string means, or what is wrong with the string. */
export type Parse<S extends string> = string extends S
  ? ParseError<"the compiler does not know this text: read it with Signature.parse">
  : ParseText<S> extends infer P ?
    P extends Parsed<infer I extends Fields, infer O extends Fields> ? Signature<I, O> : P
  : never

/** The parameter type of functions that take a signature or its string: `S` itself, or what is wrong with it. */
export type Arg<S> = S extends string ? Parse<S> extends infer P ? P extends ParseError<string> ? P : S : never
  : S extends Any ? S
  : ParseError<"this is no signature: write \"question -> answer\", or Signature.fromSchemas({ inputs, outputs })">

/** The signature that an argument of type `S`, a signature or its string, stands for. */
export type From<S> = S extends string
  ? ParseText<S> extends Parsed<infer I extends Fields, infer O extends Fields> ? Signature<I, O> : never
  : S extends Any ? S
  : never

/** The names of a signature's fields. */
export type FieldName<S extends Any> = (keyof S["input"]["fields"] | keyof S["output"]["fields"]) & string

/** The type as it is. Editors show what an alias around it stands for, and not the alias with its arguments. */
export type Shown<T> = T

/** A signature with one more input. */
export type WithInput<S extends Any, N extends string, T extends FieldSchema> = Shown<
  Signature<With<S["input"]["fields"], N, T>, S["output"]["fields"]>
>

/** A signature with one more output. */
export type WithOutput<S extends Any, N extends string, T extends FieldSchema> = Shown<
  Signature<S["input"]["fields"], With<S["output"]["fields"], N, T>>
>

/** A signature with another schema for one of its fields. */
export type WithField<S extends Any, N extends string, T extends FieldSchema> = Shown<
  Signature<Changed<S["input"]["fields"], N, T>, Changed<S["output"]["fields"], N, T>>
>

/** A signature without one of its fields. */
export type WithoutField<S extends Any, N extends string> = Shown<
  Signature<Without<S["input"]["fields"], N>, Without<S["output"]["fields"], N>>
>

type With<F extends Fields, N extends string, T extends FieldSchema> = Shown<
  { readonly [K in N | keyof F]: K extends N ? T : F[K] }
>
type Changed<F extends Fields, N extends string, T extends FieldSchema> = Shown<
  { readonly [K in keyof F]: K extends N ? T : F[K] }
>
type Without<F extends Fields, N extends string> = Shown<{ readonly [K in keyof F as Exclude<K, N>]: F[K] }>

/** A new field's name, unless the signature is known to have it. */
type New<S extends Any, N extends string> = string extends FieldName<S> ? N
  : N extends FieldName<S> ? ParseError<`the field '${N}' is there twice`>
  : N

/** The signature, unless it is known to have the field. */
type Lacking<S extends Any, N extends string> = string extends FieldName<S> ? S
  : N extends FieldName<S> ? ParseError<`the field '${N}' is there twice`>
  : S

/** The signature, unless it is known not to have the fields. */
type Having<S extends Any, N extends string> = [N] extends [FieldName<S>] ? S
  : ParseError<`there is no field '${Exclude<N, FieldName<S>>}'`>

/** Adds a field, which the signature must not have, at an end of a side. */
export interface AddField<Side extends "input" | "output"> {
  <N extends string, T extends FieldSchema>(
    name: N,
    schema: T,
    options?: FieldOptions
  ): <S extends Any>(self: Lacking<S, N>) => WithNew<Side, S, N, T>
  <S extends Any, N extends string, T extends FieldSchema>(
    self: S,
    name: New<S, N>,
    schema: T,
    options?: FieldOptions
  ): WithNew<Side, S, N, T>
}

/** Adds a field, which the signature must not have, at an index of a side. */
export interface InsertField<Side extends "input" | "output"> {
  <N extends string, T extends FieldSchema>(
    index: number,
    name: N,
    schema: T,
    options?: FieldOptions
  ): <S extends Any>(self: Lacking<S, N>) => WithNew<Side, S, N, T>
  <S extends Any, N extends string, T extends FieldSchema>(
    self: S,
    index: number,
    name: New<S, N>,
    schema: T,
    options?: FieldOptions
  ): WithNew<Side, S, N, T>
}

type WithNew<Side, S extends Any, N extends string, T extends FieldSchema> = Side extends "input" ? WithInput<S, N, T>
  : WithOutput<S, N, T>

// Guards

/** Whether a value is a signature. */
export const isSignature = (u: unknown): u is Any => Predicate.hasProperty(u, TypeId)

const isDataFirst = (args: IArguments): boolean => isSignature(args[0])

// Constructors

/** Options of {@link make}. */
export interface Options<S extends Any> {
  /** What the program does; by default a sentence that names the fields. */
  readonly instructions?: string | undefined
  /** What a field is about, by its name; shown to the model. */
  readonly descriptions?: Descriptions<S> | undefined
}

/** Descriptions of some fields of a signature, by their names. */
export type Descriptions<S extends Any> = { readonly [K in FieldName<S>]?: string }

const descriptions = Kinds.recordOf("an object of texts by the names of fields", Kinds.optional(Kinds.text))

/** Options of a field that is added to a signature. */
export interface FieldOptions {
  /** What the field is about, shown to the model; by default what its schema's annotations say. */
  readonly description?: string | undefined
}

/**
 * Makes a signature from a string, typed as it reads; of a signature, the same with the options. Throws a
 * {@link SignatureError} at what the compiler would reject.
 *
 * @example
 * const qa = Signature.make("question, context: list[str] -> answer, confidence: float")
 */
export const make = <const S>(spec: Arg<S>, options: Options<NoInfer<From<S>>> = {}): From<S> => {
  const { descriptions: about, instructions } = onlyKnown("Signature.make", options, {
    instructions: Kinds.text,
    descriptions
  })
  let self = from(spec)
  if (about !== undefined) self = Algebra.withDescriptions(self, about)
  if (instructions !== undefined) self = Algebra.withInstructions(self, instructions)
  // The grammar of types and the parser are one grammar: what they make of a text is the same signature.
  return self as From<S>
}

/**
 * Reads a signature from a string that only run time knows; the error points at the line and column.
 *
 * @example
 * const signature = Signature.parse(process.argv[2] ?? "question -> answer")
 */
export const parse = (text: string): Result.Result<Any, SignatureError> =>
  typeof text === "string"
    ? Result.map(parseText(text), ({ input, output }) => makeUnsafe(fieldsOf(input), fieldsOf(output)))
    : Result.fail(new SignatureError({ reason: "a signature is read from its text", text: kindOf(text) }))

/** A signature as it is, or the one that a string means; throws a {@link SignatureError} if it means none. */
export const from = (spec: unknown): Any => {
  if (isSignature(spec)) return spec
  if (typeof spec === "string") return Result.getOrThrow(parse(spec))
  const advice = typeof spec === "object" && spec !== null ? ": of schemas, Signature.fromSchemas makes one" : ""
  throw new SignatureError({
    reason: `expected a signature or its text, as in "question -> answer"${advice}`,
    text: kindOf(spec)
  })
}

/**
 * Makes a signature from schemas: descriptions and constraints are those of their annotations and checks. Throws a
 * {@link SignatureError} at a name that a field cannot have, at a name on both sides, at a struct with checks of its own,
 * where there is no output, and where an output or more than one input is a `History`.
 *
 * @example
 * const grade = Signature.fromSchemas({
 *   inputs: { essay: Schema.String },
 *   outputs: { points: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 })) },
 *   instructions: "Grade the essay."
 * })
 */
export const fromSchemas = <const I extends Fields, const O extends Fields>(options: {
  readonly inputs: I | Schema.Struct<I>
  readonly outputs: O | Schema.Struct<O>
  readonly instructions?: string | undefined
}): Signature<I, O> => {
  const { inputs, instructions, outputs } = onlyKnown("Signature.fromSchemas", options, {
    inputs: true,
    outputs: true,
    instructions: Kinds.text
  })
  return makeChecked(sideOf("inputs", inputs), sideOf("outputs", outputs), instructions) as Any as Signature<I, O>
}

// Combinators

/** A schema is looked at where the field is made of it, which says whose it is. */
const schema: Kinds.Kind = () => {}

const fieldOptions = Kinds.optional(optionsOf<FieldOptions>({ description: Kinds.text }))

const added = { name: Kinds.text, schema, options: fieldOptions }
const adding = { self: Kinds.signature, ...added }
const inserting = { self: Kinds.signature, index: Kinds.number, ...added }

/** The signature with other instructions. */
export const withInstructions: {
  (instructions: string): <S extends Any>(self: S) => S
  <S extends Any>(self: S, instructions: string): S
} = combinator(
  "Signature.withInstructions",
  { self: Kinds.signature, instructions: Kinds.text },
  Algebra.withInstructions
)

/** The signature with a paragraph after its instructions. */
export const appendInstructions: {
  (paragraph: string): <S extends Any>(self: S) => S
  <S extends Any>(self: S, paragraph: string): S
} = combinator(
  "Signature.appendInstructions",
  { self: Kinds.signature, paragraph: Kinds.text },
  (self: Any, paragraph: string) => Algebra.withInstructions(self, `${self.instructions}\n\n${paragraph}`)
)

/** The signature with other descriptions of some of its fields. */
export const withDescriptions: {
  <N extends string>(
    descriptions: { readonly [K in N]: string }
  ): <S extends Any>(self: Having<S, N>) => S
  <S extends Any>(self: S, descriptions: Descriptions<NoInfer<S>>): S
} = combinator("Signature.withDescriptions", { self: Kinds.signature, descriptions }, Algebra.withDescriptions)

/** The signature with a new first input. */
export const prependInput: AddField<"input"> = combinator(
  "Signature.prependInput",
  adding,
  Algebra.insert("input", 0),
  isDataFirst
)

/** The signature with a new last input. */
export const appendInput: AddField<"input"> = combinator(
  "Signature.appendInput",
  adding,
  Algebra.insert("input", -1),
  isDataFirst
)

/**
 * The signature with a new input at an index; -1 is behind the last. Throws a {@link SignatureError} at an index out of range.
 */
export const insertInput: InsertField<"input"> = combinator(
  "Signature.insertInput",
  inserting,
  Algebra.insertAt("input"),
  isDataFirst
)

/**
 * The signature with a new first output: what the model writes before everything else.
 *
 * @example
 * const reasoned = Signature.prependOutput(qa, "reasoning", Schema.String, { description: "step by step" })
 */
export const prependOutput: AddField<"output"> = combinator(
  "Signature.prependOutput",
  adding,
  Algebra.insert("output", 0),
  isDataFirst
)

/** The signature with a new last output. */
export const appendOutput: AddField<"output"> = combinator(
  "Signature.appendOutput",
  adding,
  Algebra.insert("output", -1),
  isDataFirst
)

/**
 * The signature with a new output at an index; -1 is behind the last. Throws a {@link SignatureError} at an index out of range.
 */
export const insertOutput: InsertField<"output"> = combinator(
  "Signature.insertOutput",
  inserting,
  Algebra.insertAt("output"),
  isDataFirst
)

/** The signature with another schema for one of its fields, in its place. */
export const withField: {
  <N extends string, T extends FieldSchema>(
    name: N,
    schema: T,
    options?: FieldOptions
  ): <S extends Any>(self: Having<S, N>) => WithField<S, N, T>
  <S extends Any, N extends FieldName<S>, T extends FieldSchema>(
    self: S,
    name: N,
    schema: T,
    options?: FieldOptions
  ): WithField<S, N, T>
} = combinator("Signature.withField", adding, Algebra.withField, isDataFirst)

/** The signature without one of its fields. Throws a {@link SignatureError} where it is the only output. */
export const deleteField: {
  <N extends string>(name: N): <S extends Any>(self: Having<S, N>) => WithoutField<S, N>
  <S extends Any, N extends FieldName<S>>(self: S, name: N): WithoutField<S, N>
} = combinator("Signature.deleteField", { self: Kinds.signature, name: Kinds.text }, Algebra.deleteField)

/**
 * Whether two signatures ask a model for the same: the same instructions, and the same fields in the same order, of the same
 * types, with the same constraints and descriptions. What their schemas make of a decoded value is not compared.
 */
export const equals: {
  (that: Any): (self: Any) => boolean
  (self: Any, that: Any): boolean
} = combinator("Signature.equals", { self: Kinds.signature, that: Kinds.signature }, Algebra.equals)

// Inputs

/**
 * Checks the inputs of a call as a caller gives them, and fills in defaults. Every missing, extra and mistyped input is an
 * issue.
 */
export const decodeInputs = <S extends Any>(
  self: S,
  inputs: unknown
): Result.Result<S["input"]["Type"], ReadonlyArray<FieldIssue>> => Inputs.decodeInputs(self, inputs)

/** Checks and decodes inputs that are JSON values, as from a command line or a request's body. */
export const decodeJsonInputs = <S extends Any>(
  self: S,
  json: unknown
): Result.Result<S["input"]["Type"], ReadonlyArray<FieldIssue>> => Inputs.decodeJsonInputs(self, json)

/** The JSON values of inputs that were checked; throws where a field's schema cannot encode its value. */
export const encodeInputs = (self: Any, inputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  encoded("inputs", self, Inputs.encode(self.inputFields, inputs))

// Outputs

/** The JSON values of a call's outputs; throws where a field's schema cannot encode its value. */
export const encodeOutputs = (
  self: Any,
  outputs: Readonly<Record<string, unknown>>
): Readonly<Record<string, unknown>> => encoded("outputs", self, Inputs.encode(self.outputFields, outputs))

const encoded = (
  what: "inputs" | "outputs",
  self: Any,
  result: ReturnType<typeof Inputs.encode>
): Readonly<Record<string, unknown>> =>
  Result.getOrThrowWith(
    result,
    (issues) =>
      new TypeError(
        `cannot encode the ${what} of ${self}: ${inSentence(issues)}`
      )
  )
