/**
 * How a tool of a function works: what of its call is checked, decoded, run and encoded.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { ToolReporter } from "../../run/Watched.ts"
import * as Field from "../../signature/Field.ts"
import * as Issues from "../../text/issues.ts"
import type { JsonRecord } from "../../text/json/values.ts"
import * as Kinds from "../../text/kinds.ts"
import { type Names, onlyKnown } from "../../text/options.ts"
import type * as Tool from "../Tool.ts"
import * as ToolError from "../ToolError.ts"
import { withoutNulls } from "./arguments.ts"
import * as CallContext from "./callContext.ts"
import type { Entry } from "./entry.ts"
import { toToolError } from "./failure.ts"
import { parametersOf } from "./jsonSchema.ts"
import { approval, approvalOf, limiter } from "./policy.ts"
import { encodeResult } from "./result.ts"
import { ruleOf } from "./results.ts"

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
  /** The parameters as JSON: for whoever approves the call, executes it or stores it. */
  readonly encode: (params: unknown) => Result.Result<JsonRecord, ToolError.ToolError>
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
  concurrency: true,
  cache: Kinds.make(
    "true, false, or how long and of which version, as { timeToLive: \"1 hour\" }",
    (value) => typeof value === "boolean" || Kinds.isObject(value)
  )
}

type Run = (params: never, context: Tool.CallContext) => unknown

export const define = (name: string, options: AnyOptions, run: Run): Definition => {
  const { description, failure, needsApproval, success } = checkedOptions(name, options, run)
  const parameters = schemaOf(name, options.parameters)
  const field = Field.make("arguments", parameters)
  const known = knownNames(parameters)
  const isEmpty = known?.size === 0
  const result = success === undefined ? undefined : Field.make("result", success)
  const limit = limiter(name, options)
  const invalid = (issues: ReadonlyArray<Field.FieldIssue>) => invalidArguments(name, Issues.inside(issues))

  const attempt = (params: unknown, report: ToolReporter) =>
    limit(Effect.suspend(() => {
      const context = CallContext.make(report)
      // What a failed attempt has begun and not finished, a response that it did not read say, ends with it.
      return Effect.onError(
        Effect.suspend(() => started(name, () => run(params as never, context))),
        () => Effect.sync(() => context.abort())
      )
    }))

  const encode = (params: unknown) =>
    Result.mapBoth(field.encode(params), { onFailure: invalid, onSuccess: (json) => json as JsonRecord })

  return {
    name,
    description,
    parameters: isEmpty ? undefined : parameters,
    success: success ?? Schema.Unknown,
    failure,
    validate: (params) => Effect.fromResult(Result.mapError(field.validate(params), invalid)),
    encode,
    run: attempt,
    entry: {
      spec: {
        name,
        ...(description === undefined ? {} : { description }),
        parameters: isEmpty ? nothing : parametersOf(name, field.jsonSchema)
      },
      source: "a function",
      decode: (args) => Effect.fromResult(decoded(name, field, known, args)),
      needsApproval: approvalOf(needsApproval),
      cache: ruleOf(name, options.cache, encode),
      run: (params, { report }) =>
        Effect.matchEffect(attempt(params, report), {
          onFailure: (error) => Effect.fail(toToolError(name, error)),
          onSuccess: (value) => encodeResult(name, result, value)
        })
    }
  }
}

// Details

const checkedOptions = (name: string, options: AnyOptions, run: Run): AnyOptions => {
  Kinds.text("a tool's name", name)
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw new TypeError(`a tool's name has only letters, digits, '_' and '-', 64 at most, unlike '${name}'`)
  }
  const known = onlyKnown(
    `the tool '${name}'`,
    options,
    optionNames,
    (key, value) => Schema.isSchema(value) ? `{ parameters: { ${key} } }` : undefined
  )
  Kinds.optional(Kinds.text)(`\`description\` of the tool '${name}'`, known.description)
  Kinds.optional(approval)(`\`needsApproval\` of the tool '${name}'`, known.needsApproval)
  Kinds.fn(`the third argument of Tool.make, as in Tool.make("${name}", { ... }, ({ city }) => ...)`)(
    `the function of the tool '${name}'`,
    run
  )
  return known
}

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

/**
 * The parameters that arguments in JSON are. Those without their `null`s are tried too; names that the tool does not have are an
 * issue each.
 */
const decoded = (
  tool: string,
  field: Field.Field,
  known: ReadonlySet<string> | undefined,
  args: JsonRecord
): Result.Result<unknown, ToolError.ToolError> => {
  let read = field.decode(args)
  if (Result.isFailure(read)) {
    const without = withoutNulls(args, Issues.inside(read.failure))
    const again = without === undefined ? read : field.decode(without)
    if (Result.isSuccess(again)) read = again
  }
  const extra = known === undefined ? [] : Object.keys(args).filter((key) => !known.has(key)).map((key) => ({
    path: [key],
    message: `is not a parameter; there are: ${[...known].join(", ") || "none"}`
  }))
  return Result.isSuccess(read) && extra.length === 0
    ? Result.succeed(read.success)
    : Result.fail(invalidArguments(tool, [...(Result.isFailure(read) ? Issues.inside(read.failure) : []), ...extra]))
}

const invalidArguments = (tool: string, issues: ReadonlyArray<Field.FieldIssue>): ToolError.ToolError =>
  new ToolError.ToolError({ tool, reason: new ToolError.InvalidArguments({ issues }) })
