/**
 * How a tool of a function works: what of its call is checked, decoded, run and encoded.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isMedia, type Media } from "../../lm/LMContent.ts"
import type { ToolReporter } from "../../run/Watched.ts"
import { isMade } from "../../signature/Content.ts"
import * as Field from "../../signature/Field.ts"
import type { JsonRecord } from "../../text/json/values.ts"
import { kindOf } from "../../text/kind.ts"
import { type Names, onlyKnown } from "../../text/options.ts"
import type * as Tool from "../Tool.ts"
import * as ToolError from "../ToolError.ts"
import { withoutNulls } from "./arguments.ts"
import * as CallContext from "./callContext.ts"
import { told } from "./content.ts"
import type { Entry, Given } from "./entry.ts"
import { toToolError } from "./failure.ts"
import { parametersOf } from "./jsonSchema.ts"
import * as Kinds from "./kinds.ts"
import { limiter } from "./policy.ts"

/** What a tool's value is made of. */
export interface Definition {
  readonly name: string
  readonly description: string | undefined
  /** Missing where the tool takes nothing. */
  readonly parameters: Field.FieldSchema | undefined
  readonly success: Field.FieldSchema
  readonly failure: Field.FieldSchema | undefined
  readonly entry: Entry<unknown>
  /** The parameters that a caller gave, checked, with their defaults. */
  readonly validate: (params: unknown) => Effect.Effect<unknown, ToolError.ToolError>
  /** The parameters as JSON, or why they are none. */
  readonly encoded: (params: unknown) => Result.Result<unknown, ReadonlyArray<Field.FieldIssue>>
  /** The parameters as JSON: what is shown to who approves. */
  readonly encode: (params: unknown) => Effect.Effect<JsonRecord, ToolError.ToolError>
  /** Runs the function within the limits. */
  readonly run: (params: unknown, report: ToolReporter) => Effect.Effect<unknown, unknown, unknown>
}

type AnyOptions = Tool.Options<Field.Fields | Field.FieldSchema, Field.FieldSchema>

const optionNames: Names<AnyOptions> = {
  description: true,
  parameters: true,
  success: true,
  failure: Kinds.make("a Schema", Schema.isSchema),
  needsApproval: true,
  timeout: true,
  retry: true,
  concurrency: true
}

type Run = (params: never, context: Tool.CallContext) => unknown

export const define = (name: string, options: AnyOptions, run: Run): Definition => {
  Kinds.text("a tool's name", name)
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw new TypeError(`a tool's name has only letters, digits, '_' and '-', 64 at most, unlike '${name}'`)
  }
  const { description, failure, needsApproval, success } = onlyKnown(`the tool '${name}'`, options, optionNames)
  Kinds.optional(Kinds.text)(`\`description\` of the tool '${name}'`, description)
  Kinds.optional(Kinds.approval)(`\`needsApproval\` of the tool '${name}'`, needsApproval)
  Kinds.fn(`the third argument of Tool.make, as in Tool.make("${name}", { ... }, ({ city }) => ...)`)(
    `the function of the tool '${name}'`,
    run
  )
  const parameters = schemaOf(name, options.parameters)
  const field = Field.make("arguments", parameters)
  const known = knownNames(parameters)
  const isEmpty = known?.size === 0
  const result = success === undefined ? undefined : Field.make("result", success)
  const limit = limiter(name, options)

  const decode = (args: JsonRecord): Effect.Effect<unknown, ToolError.ToolError> => {
    let decoded = field.decode(args)
    if (Result.isFailure(decoded)) {
      const without = withoutNulls(args, inside(decoded.failure))
      const again = without === undefined ? decoded : field.decode(without)
      if (Result.isSuccess(again)) decoded = again
    }
    const extra = known === undefined ? [] : Object.keys(args).filter((key) => !known.has(key)).map((key) => ({
      path: [key],
      message: `is not a parameter; there are: ${[...known].join(", ") || "none"}`
    }))
    return Result.isSuccess(decoded) && extra.length === 0
      ? Effect.succeed(decoded.success)
      : invalidArguments(name, [...(Result.isFailure(decoded) ? inside(decoded.failure) : []), ...extra])
  }

  const attempt = (params: unknown, report: ToolReporter) =>
    limit(Effect.suspend(() => {
      const context = CallContext.make(report)
      // What a failed attempt has begun and not finished, a response that it did not read say, ends with it.
      return Effect.onError(
        Effect.suspend(() => started(name, () => run(params as never, context))),
        () => Effect.sync(() => context.abort())
      )
    }))

  return {
    name,
    description,
    parameters: isEmpty ? undefined : parameters,
    success: success ?? Schema.Unknown,
    failure,
    validate: (params) => {
      const valid = field.validate(params)
      return Result.isSuccess(valid) ? Effect.succeed(valid.success) : invalidArguments(name, inside(valid.failure))
    },
    encoded: (params) => field.encode(params),
    encode: (params) => {
      const encoded = field.encode(params)
      return Result.isSuccess(encoded)
        ? Effect.succeed(encoded.success as JsonRecord)
        : invalidArguments(name, inside(encoded.failure))
    },
    run: attempt,
    entry: {
      spec: {
        name,
        ...(description === undefined ? {} : { description }),
        parameters: isEmpty ? nothing : parametersOf(name, field.jsonSchema)
      },
      source: "a function",
      decode,
      needsApproval: needsApproval === undefined || needsApproval === false ?
        undefined :
        (params) => approvalOf(needsApproval as Tool.Policy<unknown>["needsApproval"], params),
      run: (params, { report }) =>
        Effect.matchEffect(attempt(params, report), {
          onFailure: (error) => Effect.fail(toToolError(name, error)),
          onSuccess: (value) => encodeResult(name, result, value)
        })
    }
  }
}

/** The answer of a policy's `needsApproval`. In doubt, as plain JavaScript may leave one, somebody is asked. */
export const approvalOf = (
  needsApproval: Tool.Policy<unknown>["needsApproval"],
  params: unknown
): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    const answer = typeof needsApproval === "function" ? needsApproval(params) : needsApproval
    return Effect.isEffect(answer) ? Effect.map(answer, Boolean) : Effect.succeed(Boolean(answer))
  })

// Details

/** The JSON schema of an empty object: Effect's says only that it is not null. */
const nothing = { type: "object", properties: {}, additionalProperties: false }

const schemaOf = (tool: string, parameters: Field.Fields | Field.FieldSchema = {}): Field.FieldSchema => {
  if (Schema.isSchema(parameters)) return parameters as Field.FieldSchema
  Kinds.objectOf("an object of schemas, as { city: Schema.String }, or a schema of one")(
    `\`parameters\` of the tool '${tool}'`,
    parameters
  )
  // Plain JavaScript has no compiler that says so, and other libraries have schemas too.
  const other = Object.entries(parameters).find(([, schema]) => !Schema.isSchema(schema))
  if (other === undefined) return Schema.Struct(parameters as Field.Fields)
  throw new TypeError(
    `the tool '${tool}' has parameters that are no schemas of effect, as '${
      other[0]
    }' is none: write { city: Schema.String }`
  )
}

/** The names that a caller may use, where the schema is one of fields and they are not renamed. */
const knownNames = (schema: Field.FieldSchema): ReadonlySet<string> | undefined =>
  schema.ast.encoding === undefined && Predicate.hasProperty(schema, "fields") && Predicate.isObject(schema.fields)
    ? new Set(Object.keys(schema.fields))
    : undefined

/**
 * Calls the function. What it throws or rejects with is a failure; what an Effect does stays as it is. What is given at once needs no
 * scope.
 */
const started = (tool: string, run: () => unknown): Effect.Effect<unknown, unknown> => {
  const failed = (cause: unknown) => toToolError(tool, cause)
  const called = Result.try({ try: () => held(run()), catch: failed })
  if (Result.isFailure(called)) return Effect.fail(called.failure)
  const returned = called.success
  return Effect.isEffect(returned)
    // Its services are those of the tool's type.
    ? Effect.scoped(returned as Effect.Effect<unknown, unknown>)
    : returned instanceof Promise
    ? Effect.tryPromise({ try: () => returned, catch: failed })
    : Effect.succeed(returned)
}

/**
 * What the function gave. The rejection of a promise is taken note of at once: a function that stops its own run is waited for
 * by nobody any more, and a rejection that nobody takes note of ends the process.
 */
const held = (returned: unknown): unknown => {
  if (Effect.isEffect(returned) || !Predicate.isPromiseLike(returned)) return returned
  const promise = Promise.resolve(returned)
  promise.catch(() => {})
  return promise
}

const encodeResult = (
  tool: string,
  field: Field.Field | undefined,
  value: unknown
): Effect.Effect<Given, ToolError.ToolError> => {
  // A schema may let anything pass, and JSON does not have everything.
  const made: Array<Media> = []
  const encoded = field === undefined ? plain(value, made) : Result.flatMap(field.encode(value), (json) => plain(json))
  return Result.isSuccess(encoded)
    ? Effect.succeed({
      value: encoded.success,
      ...(made.length > 0
        ? told(value, isMade)
        : field !== undefined && field.contents.length > 0
        ? told(encoded.success, isMedia)
        : {})
    })
    : Effect.fail(
      new ToolError.ToolError({ tool, reason: new ToolError.InvalidResult({ issues: inside(encoded.failure) }) })
    )
}

/**
 * A result as JSON has it, or what JSON has nothing of. Takes note of the pictures, sounds and files that a program has made
 * in it.
 */
export const plain = (
  value: unknown,
  made: Array<Media> = []
): Result.Result<unknown, ReadonlyArray<Field.FieldIssue>> => {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return Result.succeed(value)
  // Of zeros JSON has one.
  if (Number.isSafeInteger(value) && value !== 0) return Result.succeed(value)
  const lost: Array<Field.FieldIssue> = []
  // The value itself is `this[key]`: bytes in a `Buffer` have become numbers when this is called.
  function note(this: Readonly<Record<string, unknown>>, key: string, json: unknown): unknown {
    const inner = this[key]
    if (isMade(inner)) made.push(inner)
    const kind = lostKind(inner, json, key !== "" && !Array.isArray(this))
    if (kind !== undefined) {
      const more = isBytes(inner) ? `${advice}, or give Image.fromBytes(bytes) or File.fromBytes(bytes)` : advice
      lost.push({ path: ["result", ...(key === "" ? [] : [key])], message: `JSON has nothing of ${kind}: ${more}` })
      return null
    }
    return isNumbers(inner) ? Array.from(inner) : json
  }
  const encoded = Result.try((): unknown => JSON.parse(JSON.stringify(value, note) ?? "null"))
  if (lost.length > 0) return Result.fail(lost)
  return Result.mapError(encoded, () => [{ path: ["result"], message: `is nothing that JSON has: ${advice}` }])
}

const advice = "give the tool a `success` schema that says how it is encoded"

/**
 * What JSON has nothing of, if the value is such a thing: `{}` or `null` would stand for it without a word. A function that is a
 * member of an object is left out, as what is undefined is: it is a method.
 */
const lostKind = (value: unknown, json: unknown, isMember: boolean): string | undefined => {
  const object = isBytes(value) ? value : isLost(json) ? json : undefined
  if (object !== undefined) return `a ${object.constructor?.name || "object of a class"}`
  if (typeof json === "number" && !Number.isFinite(json)) return String(json)
  if (json === null && value instanceof Date) return "a Date that is none"
  return !isMember && (typeof json === "function" || typeof json === "symbol") ? kindOf(json) : undefined
}

/** Bytes: JSON would have an object of numbers, one for each. */
const isBytes = (value: unknown): value is object =>
  value instanceof ArrayBuffer || value instanceof DataView || value instanceof Uint8Array ||
  value instanceof Uint8ClampedArray

/** A typed array of numbers, as an embedding is one: an array to JSON. */
const isNumbers = (value: unknown): value is ArrayLike<unknown> => ArrayBuffer.isView(value) && !isBytes(value)

/** A `Map`, a `Blob`, an `Error`, an object with private fields alone: it would be `{}` without a word. */
const isLost = (value: unknown): value is object => {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length > 0) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype !== null && prototype !== Object.prototype
}

const invalidArguments = (tool: string, issues: ReadonlyArray<Field.FieldIssue>) =>
  Effect.fail(new ToolError.ToolError({ tool, reason: new ToolError.InvalidArguments({ issues }) }))

/** Issues begin with the name of our field, which means nothing to anybody else. */
const inside = (issues: ReadonlyArray<Field.FieldIssue>): ReadonlyArray<Field.FieldIssue> =>
  issues.map(({ message, path }) => ({ path: path.slice(1), message }))
