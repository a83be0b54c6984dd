/**
 * The tool calls that a model asks for, as data: what an output of the type `ToolCalls` is.
 */
import * as Schema from "effect/Schema"
import { toolCallsKey } from "./internal/tools.ts"

/** A call that a model asks for: an id that is unique in the run, the tool's name, and its arguments as JSON. */
export const ToolCall = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  args: Schema.Record(Schema.String, Schema.Json)
})
export interface ToolCall extends Schema.Schema.Type<typeof ToolCall> {}

/**
 * The schema of an output that is tool calls, in their order, which is `ToolCalls` in signature strings; the list is empty where the
 * model calls none.
 *
 * @example
 * const choose = Predict.make(Signature.fromSchemas({
 *   inputs: { question: Schema.String, tools: Schema.Array(Tool.Tool) },
 *   outputs: { calls: ToolCalls.ToolCalls }
 * }))
 */
export const ToolCalls: Schema.$Array<typeof ToolCall> = Schema.Array(ToolCall).annotate({
  identifier: "ToolCalls",
  [toolCallsKey]: true
})
export type ToolCalls = typeof ToolCalls.Type
