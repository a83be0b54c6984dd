/**
 * Errors as forms: `{"_tag":"LMError","$":"Error:effect-lm/lm/LMError","message":"...","model":"...","reason":{...}}`.
 *
 * An error of a class made with `Schema.TaggedError` or `Schema.Error` has its fields as their schemas encode them, and is an
 * instance of the class again where the reader knows it. Any other is its name, its message, its properties and its cause.
 */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { JsonRecord } from "../../text/json/values.ts"
import { type Kind, listOf, make } from "../../text/kinds.ts"
import type { ErrorClass } from "../EventCodec.ts"
import { fromKey, type Marked, readTyped, toKey, typedOf, type Values, writeTyped } from "./marks.ts"

/** The mark of an error; that of a class with fields has the class's identifier after a colon. */
export const mark = "Error"

// Guards

export const isError = (value: unknown): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === "[object Error]"

const isErrorClass = (u: unknown): u is ErrorClass => Schema.isSchema(u) && "fields" in u && "identifier" in u

/** Classes of errors, as options take them. */
export const errorClasses: Kind = listOf("error classes", make("a class made with Schema.TaggedError", isErrorClass))

// Constructors

/** The classes by their identifiers, with those of their fields: an error's reasons. */
export const classesOf = (classes: ReadonlyArray<ErrorClass>): ReadonlyMap<string, ErrorClass> => {
  const found = new Map<string, ErrorClass>()
  const look = (schema: unknown): void => {
    if (!Schema.isSchema(schema)) return
    if (isErrorClass(schema)) {
      found.set(schema.identifier, schema)
      Object.values(schema.fields).forEach(look)
    }
    for (const inside of ["members", "schema", "value"] as const) {
      const inner: unknown = Predicate.hasProperty(schema, inside) ? schema[inside] : undefined
      if (Array.isArray(inner)) inner.forEach(look)
      else look(inner)
    }
  }
  classes.forEach(look)
  return found
}

// Writing

/** The form of an error. */
export const write = (values: Values, error: Error, within: Set<object>): Marked => {
  const Class: unknown = error.constructor
  const stack = values.stacks && typeof error.stack === "string" ? { stack: error.stack } : {}
  const message = messageOf(error)
  if (isErrorClass(Class)) {
    return {
      _tag: Predicate.hasProperty(error, "_tag") ? String(error._tag) : error.name,
      $: `${mark}:${Class.identifier}`,
      ...(message === "" ? {} : { message }),
      ...fieldsOf(values, error, Class, within),
      ...stack
    }
  }
  const { _tag, ...properties } = { ...error } as JsonRecord // its own properties, whatever they are
  const tag: unknown = _tag ?? (Predicate.hasProperty(error, "_tag") ? error._tag : undefined)
  const name = String(error.name)
  return {
    _tag: typeof tag === "string" ? tag : name,
    $: mark,
    ...(typeof tag === "string" ? { name } : {}),
    message,
    ...(error.cause === undefined ? {} : { cause: values.write(error.cause, within) }),
    ...Object.fromEntries(
      Object.entries(properties)
        .filter(([key]) => !described.has(key))
        .map(([key, value]) => [toKey(key), values.write(value, within)])
    ),
    ...stack
  }
}

const fieldsOf = (values: Values, error: object, { fields }: ErrorClass, within: Set<object>): JsonRecord =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, schema]) =>
      name !== "_tag" && Predicate.hasProperty(error, name) && (error[name] !== undefined || Object.hasOwn(error, name))
        ? [[toKey(name), writeField(values, schema, error[name], within)]]
        : []
    )
  )

/** A field as its schema encodes it; as a value where the schema says nothing of it, or the value is an error of its own. */
const writeField = (values: Values, schema: Schema.Constraint, value: unknown, within: Set<object>): unknown =>
  isUnknown(schema) || isError(value)
    ? values.write(value, within)
    : writeTyped(values, typedOf(schema), value, within)

// Reading

/** The error of a form: an instance of its class, else a built-in error of its name, else an `Error` with that name. */
export const read = (values: Values, form: Marked, depth: number): Error => {
  const { $, _tag, cause, message = "", name, stack, ...properties } = form
  const identifier = $.slice(mark.length + 1)
  const instance = readInstance(values, form, values.classes.get(identifier), depth)
  const error = instance ?? Object.assign(
    new (builtIn.get(String(name ?? _tag)) ?? Error)(String(message)),
    Object.fromEntries(
      Object.entries(properties).map(([key, inner]) => [fromKey(key), values.read(inner, depth + 1)])
    )
  )
  if (instance === undefined) {
    const called = identifier === "" ? String(name ?? _tag) : identifier
    if (error.name !== called && !Object.hasOwn(error, "name")) hide(error, "name", called)
    if (identifier !== "" || name !== undefined) Object.assign(error, { _tag: String(_tag) })
    if (cause !== undefined) hide(error, "cause", values.read(cause, depth + 1))
  }
  if (values.stacks && typeof stack === "string") hide(error, "stack", stack)
  return error
}

/** Nothing where the class is not known, or does not take the fields. */
const readInstance = (
  values: Values,
  form: Marked,
  Class: ErrorClass | undefined,
  depth: number
): Error | undefined =>
  Class === undefined ? undefined : Result.getOrUndefined(Result.try(() =>
    new Class(Object.fromEntries(
      Object.entries(Class.fields).flatMap(([name, schema]) =>
        name !== "_tag" && Object.hasOwn(form, toKey(name))
          ? [[name, readField(values, schema, form[toKey(name)], depth)]]
          : []
      )
    ))
  ))

const readField = (values: Values, schema: Schema.Constraint, form: unknown, depth: number): unknown =>
  isUnknown(schema) ? values.read(form, depth + 1) : readTyped(values, typedOf(schema), form, depth)

// Details

/** Whether a schema takes anything, as those of defects and of nested records do. */
const isUnknown = ({ ast }: Schema.Constraint): boolean => ast._tag === "Unknown" || ast._tag === "Any"

const messageOf = (error: Error): string =>
  Result.getOrElse(
    Result.try(() => String(error.message)),
    (thrown) => `its message cannot be read (${String(thrown)})`
  )

/** Sets a property that is not listed among the error's own, as `name`, `cause` and `stack` never are. */
const hide = (error: Error, key: "name" | "cause" | "stack", value: unknown): void => {
  Object.defineProperty(error, key, { value, writable: true, configurable: true })
}

const described = new Set(["name", "message", "stack", "cause"])

const builtIn = new Map(
  [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map((Class) => [Class.name, Class])
)
