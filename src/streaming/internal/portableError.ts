/**
 * Errors between threads: what is thrown on one side is what failed on the other. A structured clone knows neither classes
 * nor the properties of errors.
 */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

// Models

/** An error as data that a structured clone keeps whole. */
export type PortableError =
  | PackedError
  /** Something thrown that is no error. */
  | { readonly _tag: "Value"; readonly value: unknown }

export interface PackedError {
  readonly _tag: "Error"
  readonly error: Described
  readonly instance: Instance | undefined
}

interface Described {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly cause: PortableError | undefined
  readonly properties: Properties
}

/** What an instance of a class made with `Schema.TaggedError` or `Schema.Error` is made again from. */
interface Instance {
  readonly identifier: string
  /** As JSON where the field's schema says how, else as a clone: of a value of no known type JSON would lose dates and more. */
  readonly fields: ReadonlyArray<Field>
}

interface Field {
  readonly name: string
  readonly as: "json" | "clone"
  readonly value: unknown
}

type Properties = ReadonlyArray<readonly [name: string, value: unknown]>

/** A class made with `Schema.TaggedError` or `Schema.Error`. */
export interface ErrorClass {
  // oxlint-disable-next-line typescript/no-explicit-any -- each class takes its own fields
  new(props: any): Error
  readonly identifier: string
  readonly fields: Schema.Struct.Fields
}

// Constructors

/** Takes an error apart. What cannot be cloned is left out. */
export const pack = (error: unknown): PortableError => packed(error, 0)

const packed = (error: unknown, depth: number): PortableError => {
  if (!Predicate.hasProperty(error, "message") || typeof error.message !== "string") {
    return { _tag: "Value", value: isCloneable(error) ? error : String(error) }
  }
  const { cause, name, stack } = error as Partial<Error>
  return {
    _tag: "Error",
    error: {
      name: typeof name === "string" ? name : "Error",
      message: error.message,
      stack: typeof stack === "string" ? stack : undefined,
      // A chain of causes may be a circle.
      cause: cause === undefined || depth === maxCauses ? undefined : packed(cause, depth + 1),
      properties: Object.entries(error).filter(([name, value]) => !described.has(name) && isCloneable(value))
    },
    instance: isErrorClass(error.constructor) ? packedInstance(error, error.constructor) : undefined
  }
}

const packedInstance = (error: object, Class: ErrorClass): Instance => ({
  identifier: Class.identifier,
  fields: Object.entries(Class.fields).flatMap(([name, schema]): ReadonlyArray<Field> => {
    const value = (error as Readonly<Record<string, unknown>>)[name]
    if (name === "_tag" || value === undefined) return []
    const json = Result.try(() => Schema.encodeUnknownSync(codec(schema))(value))
    if (Result.isSuccess(json)) return [{ name, as: "json", value: json.success }]
    return isCloneable(value) ? [{ name, as: "clone", value }] : []
  })
})

// Combinators

/**
 * Puts an error together again: an instance of its class if that is among `classes`, else a built-in error of its name, else
 * an `Error` with its name, message and properties.
 */
export const unpack = (portable: PortableError, classes: ReadonlyMap<string, ErrorClass>): unknown => {
  if (portable._tag === "Value") return portable.value
  const { error: { cause, message, name, properties, stack }, instance } = portable
  const error = instance === undefined ? undefined : unpackedInstance(instance, classes)
  const made = error ?? Object.assign(new (builtIn.get(name) ?? Error)(message), Object.fromEntries(properties))
  const hidden = (value: unknown) => ({ value, writable: true, configurable: true })
  if (error === undefined && made.name !== name) Object.defineProperty(made, "name", hidden(name))
  if (error === undefined && cause !== undefined) Object.defineProperty(made, "cause", hidden(unpack(cause, classes)))
  if (stack !== undefined) Object.defineProperty(made, "stack", hidden(stack))
  return made
}

const unpackedInstance = (instance: Instance, classes: ReadonlyMap<string, ErrorClass>): Error | undefined => {
  const Class = classes.get(instance.identifier)
  return Class === undefined ?
    undefined :
    Result.getOrUndefined(Result.try(() =>
      new Class(Object.fromEntries(instance.fields.map(({ as, name, value }) => {
        const schema = Class.fields[name]
        return [name, as === "clone" || schema === undefined ? value : Schema.decodeUnknownSync(codec(schema))(value)]
      })))
    ))
}

// Details

const maxCauses = 8

const described = new Set(["name", "message", "stack", "cause"])

const builtIn = new Map(
  [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map((Class) => [Class.name, Class])
)

const isErrorClass = (u: unknown): u is ErrorClass => Schema.isSchema(u) && "fields" in u && "identifier" in u

// What a schema needs of the environment to encode cannot be had here; if it needs something, the encoding fails.
const codec = (schema: Schema.Constraint) => Schema.toCodecJson(schema) as unknown as Schema.Codec<unknown, unknown>

const isCloneable = (value: unknown): boolean => Result.isSuccess(Result.try(() => structuredClone(value)))
