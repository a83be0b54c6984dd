/**
 * The check of tool calls that a model has written against the tools that there are. It is loaded for the first call.
 */
import * as JsonSchema from "effect/JsonSchema"
import * as Result from "effect/Result"
import * as SchemaParser from "effect/SchemaParser"
import * as SchemaRepresentation from "effect/SchemaRepresentation"
import type { ToolSpec } from "../../../lm/LMRequest.ts"
import type { FieldSchema } from "../../../signature/Field.ts"
import * as Issues from "../../../text/issues.ts"
import type { JsonRecord } from "../../../text/json/values.ts"
import { readArguments, withoutNulls } from "../../../tool/internal/arguments.ts"
import type * as Toolbox from "../../../tool/Toolbox.ts"
import * as ToolError from "../../../tool/ToolError.ts"

/** A call as a model has written it. */
export interface Written {
  readonly name: string
  readonly arguments: Toolbox.Arguments
}

/** The arguments of a call, if there is a tool that takes them; otherwise what is wrong, by its place in the call. */
export const check = (
  { arguments: given, name }: Written,
  specs: ReadonlyArray<ToolSpec>
): Result.Result<JsonRecord, ReadonlyArray<Issues.Issue>> => {
  const spec = specs.find((spec) => spec.name === name)
  if (spec === undefined) {
    const { message } = new ToolError.UnknownTool({ tools: specs.map(({ name }) => name) })
    return Result.fail([{ path: ["name"], message }])
  }
  const { parameters } = spec
  const read = readArguments(given, mostBytes, takesNothing(parameters))
  if (Result.isFailure(read)) return Result.fail(within(read.failure.issues))
  const takes = taking(parameters)
  const wrong = takes(read.success)
  if (wrong.length === 0) return Result.succeed(read.success)
  // Models write null for what they leave out.
  const fewer = withoutNulls(read.success, wrong)
  return fewer !== undefined && takes(fewer).length === 0 ? Result.succeed(fewer) : Result.fail(within(wrong))
}

// Details

/** In UTF-8: as many as a toolbox takes. */
const mostBytes = 256 * 1024

const within = (issues: ReadonlyArray<Issues.Issue>): ReadonlyArray<Issues.Issue> =>
  issues.map(({ message, path }) => ({ path: ["args", ...path], message }))

const takesNothing = (parameters: JsonRecord): boolean =>
  parameters["additionalProperties"] === false && Object.keys(parameters["properties"] ?? {}).length === 0

/** Says what is wrong with arguments. */
type Taking = (args: JsonRecord) => ReadonlyArray<Issues.Issue>

const taking = (parameters: JsonRecord): Taking => {
  let known = compiled.get(parameters)
  if (known === undefined) compiled.set(parameters, known = compile(parameters))
  return known
}

const compiled = new WeakMap<JsonRecord, Taking>()

/**
 * Patterns are left out, because a pattern of a stranger's may take for ever. A schema with something that effect cannot say lets
 * everything pass here: the tool itself checks what it is called with.
 */
const compile = (parameters: JsonRecord): Taking => {
  const schema = Result.try(() =>
    SchemaRepresentation.fromJsonSchemaDocument(JsonSchema.fromSchemaDraft2020_12(parameters), { patterns: "ignore" })
  )
  if (Result.isFailure(schema)) return () => []
  // A schema that was read from JSON needs no services.
  const decode = SchemaParser.decodeUnknownResult(schema.success as unknown as FieldSchema, strictly)
  return (args) => Result.match(decode(args), { onSuccess: () => [], onFailure: Issues.fromSchema })
}

const strictly = { errors: "all", onExcessProperty: "error" } as const
