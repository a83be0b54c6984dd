/**
 * A tool whose function is the client: it asks the `Client` of the context, and reads what it answers.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Field from "../../signature/Field.ts"
import * as Issues from "../../text/issues.ts"
import type { JsonRecord } from "../../text/json/values.ts"
import { kindOf } from "../../text/kind.ts"
import * as ClientTool from "../ClientTool.ts"
import type * as Tool from "../Tool.ts"
import * as ToolError from "../ToolError.ts"
import { answered } from "./answered.ts"
import * as CallContext from "./callContext.ts"
import * as Request from "./request.ts"
import { define, type Definition } from "./tool.ts"

type AnyOptions = Tool.Options<Field.Fields | Field.FieldSchema, Field.FieldSchema>

/** The tool of this name. */
export const client = (name: string, options: AnyOptions): Definition => {
  const definition: Definition = define(
    name,
    options,
    (params: unknown, context: Tool.CallContext) =>
      Effect.flatMap(
        Effect.fromResult(definition.encode(params)),
        (args) => Effect.flatMap(ask(definition, args, context), (answer) => read(name, options.success, answer))
      )
  )
  return { ...definition, entry: { ...definition.entry, source: "a tool of the client" } }
}

// Details

const ask = (
  definition: Definition,
  args: JsonRecord,
  context: Tool.CallContext
): Effect.Effect<unknown, unknown> =>
  Effect.gen(function*() {
    const { execute } = yield* ClientTool.Client
    const request = yield* Request.make(definition, args, context.toolCallId)
    yield* CallContext.reporterOf(context).clientRequested(request.id, args)
    return yield* answered(execute(request))
  })

const isAnswer = Schema.is(ClientTool.Answer)

/** The value of an answer, as the tool's schema reads it. */
const read = (
  tool: string,
  success: Field.FieldSchema | undefined,
  answer: unknown
): Effect.Effect<unknown, ToolError.ToolError> => {
  const failed = (reason: ToolError.Reason) => Effect.fail(new ToolError.ToolError({ tool, reason }))
  if (!isAnswer(answer)) {
    return failed(
      new ToolError.Failed({
        description: `the client answered with ${
          kindOf(answer)
        }: it gives ClientTool.answered(value) or ClientTool.failed(message)`
      })
    )
  }
  if (answer._tag === "Failed") return failed(new ToolError.Failed({ description: answer.message }))
  if (success === undefined) return Effect.succeed(answer.value)
  const decoded = Field.make("result", success).decode(answer.value)
  return Result.isSuccess(decoded)
    ? Effect.succeed(decoded.success)
    : failed(new ToolError.InvalidResult({ issues: Issues.inside(decoded.failure) }))
}
