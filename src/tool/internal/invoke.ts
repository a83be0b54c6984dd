/**
 * How a tool is called by a program: its start and end as events, its parameters checked, its call approved.
 */
import * as AiTool from "effect/ai/Tool"
import * as Effect from "effect/Effect"
import { pipeArguments } from "effect/Pipeable"
import * as Schema from "effect/Schema"
import * as Watched from "../../run/Watched.ts"
import type { Any } from "../Tool.ts"
import { ToolError } from "../ToolError.ts"
import * as Call from "./call.ts"
import { toToolError } from "./failure.ts"
import type { Definition } from "./tool.ts"

/** The property by which a tool is told from any other function: it holds the definition. */
export const TypeId = "~effect-lm/tool/Tool" as const

/** The callable tool of a definition. */
export const bind = (definition: Definition): Any => {
  let aiTool: AiTool.Any | undefined
  return Object.defineProperties(
    (params: unknown) => invoke(definition, params),
    {
      [TypeId]: { value: definition },
      name: { value: definition.name },
      description: { value: definition.description, enumerable: true },
      spec: { value: definition.entry.spec },
      definition: { get: () => aiTool ??= toAiTool(definition) },
      pipe: {
        value() {
          return pipeArguments(this, arguments)
        }
      },
      toString: { value: () => `Tool(${definition.name})` }
    }
  ) as unknown as Any // defineProperties does not tell the type of what it defines
}

const invoke = (definition: Definition, params: unknown): Effect.Effect<unknown, unknown, unknown> => {
  const { encode, entry, failure, name, run, validate } = definition
  const inputs = typeof params === "object" && params !== null ? { ...params } : {}
  return Watched.toolCall({ name, inputs }, (report) =>
    Call.make({
      entry,
      check: Effect.map(validate(params), (valid) => ({ params: valid, json: () => encode(valid) })),
      run: (valid) => run(valid, report),
      form: "value",
      success: definition.success as Schema.Codec<unknown, unknown>, // a field's schema is a schema like any other
      error: failure === undefined ? unknownFailure : Schema.Union([failure, unknownFailure])
    }, { report, messages: Effect.succeed([]) }))
}

/** Errors without a Schema come back by their names and messages. */
const unknownFailure: Schema.Codec<unknown, unknown> = Schema.Union([ToolError, Schema.Defect()])

/** Approval is not said there: the tool asks for it itself, and would ask twice. */
const toAiTool = ({ description, name, parameters, success }: Definition): AiTool.Any =>
  AiTool.make(name, {
    description,
    // A field's schema is a schema like any other, of a type that says less.
    parameters: parameters === undefined ? AiTool.EmptyParams : parameters as unknown as Schema.Top,
    success: success as unknown as Schema.Top,
    failure: ToolError
  })

/** The layer of the handlers; `effect/ai/Toolkit` is loaded for it alone, and gives them the layer's context. */
export const handlers = (tools: ReadonlyArray<Any>) =>
  Effect.map(
    Effect.promise(() => import("effect/ai/Toolkit")),
    (Toolkit) =>
      Toolkit.make(...tools.map(({ definition }) => definition)).toLayer(
        // The tools' names are known at run time only.
        Object.fromEntries(tools.map((tool) => [
          tool.name,
          (params: unknown) => Effect.mapError(tool(params), (error) => toToolError(tool.name, error))
        ])) as never
      )
  )
