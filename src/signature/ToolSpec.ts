/**
 * What a model is told of a tool, and tools as an input of a signature.
 *
 * The schema asks for what a model sees of a tool and for nothing else. So a signature can speak of tools without knowing how they
 * run: whatever has a `spec` is a tool here, as the tools of `Tool.make` have one.
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { toolKey } from "./internal/tools.ts"

// Models

/** A tool that the model may call. `parameters` is a JSON schema (draft 2020-12). */
export const ToolSpec = Schema.Struct({
  name: Schema.String,
  description: Schema.optional(Schema.String),
  parameters: Schema.Record(Schema.String, Schema.Unknown)
})
export interface ToolSpec extends Schema.Schema.Type<typeof ToolSpec> {}

/** A tool as an input: what a model is told of it, or a value that has that as its `spec`. */
export type Tool = ToolSpec | { readonly spec: ToolSpec }

/** The schema of tools as inputs. As JSON a tool is what a model is told of it. */
export interface ToolSchema extends Schema.Bottom<Tool, ToolSpec, never, never, SchemaAST.AST, ToolSchema> {}

// Guards

const isSpec = Schema.is(ToolSpec)

/** Whether a value is a tool as an input. */
export const isTool = (u: unknown): u is Tool => isSpec(Predicate.hasProperty(u, "spec") ? u.spec : u)

// Constructors

export const Tool: ToolSchema = Schema.make<ToolSchema>(
  ToolSpec.pipe(Schema.decodeTo(
    Schema.declare(isTool, {
      expected: "a tool, as Tool.make gives one (Tool.fromFunction makes one of a function)",
      [toolKey]: true
    }),
    SchemaTransformation.transform({
      decode: (spec: ToolSpec): Tool => spec,
      encode: (tool: Tool): ToolSpec => specOf(tool)
    })
  )).ast
)

// Destructors

/** What a model is told of a tool. */
export const specOf = (tool: Tool): ToolSpec => {
  const { description, name, parameters } = "spec" in tool ? tool.spec : tool
  return { name, ...(description === undefined ? {} : { description }), parameters }
}

/** The tools that a value has in it, in their order. */
export const toolsIn = (value: unknown): ReadonlyArray<Tool> => {
  if (isTool(value)) return [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(toolsIn) : []
}
